package import Numerics
internal import Foundation
package import LaserOps

/// A family of models, in one file that reads like its paper: configuration, weights, embedding, block, head.
///
/// What a family has to say is here; how layers are run, edited and written is said once, below.
package protocol Architecture: LanguageModel {
  /// The weights of one layer, and where its matrices are.
  associatedtype Layer: LayerSites

  /// The model of `checkpoint`.
  ///
  /// - Throws: ``LanguageModelError``, `StorageError`: a configuration that contradicts itself, a tensor that is
  ///   absent or has another shape.
  init(_ checkpoint: Checkpoint) throws

  /// The layers, the first first.
  var layers: [Layer] { get set }

  /// What one layer does to the stream.
  func block(_ layer: Layer, _ pass: inout some BlockOperations)

  /// What is done to the stream between the last layer and the head.
  func finish(_ pass: inout some BlockOperations)

  /// What turns the finished stream into logits.
  var head: Head { get }

  /// The matrices beside those of the layers and the head.
  var tables: [LinearLayer] { get }
}

// MARK: - Running

extension Architecture {
  package func advance(
    _ stream: ResidualStream, through range: Range<Int>, reading rows: [Int]?,
    cache: inout KeyValueCache?, using workers: Workers
  ) -> ResidualStream {
    precondition(
      cache == nil || !shape.isMasked, "tokens that see both sides cannot come one by one")
    var pass = ForwardPass(
      stream, through: range, reading: rows, cache: cache.take(), using: workers)
    for index in range {
      pass.enter(index)
      block(layers[index], &pass)
    }
    cache = pass.cache
    return pass.result
  }

  package func logits(of rows: Matrix, candidates: [Int]?, using workers: Workers) -> Matrix {
    head.logits(of: finished(rows, workers), candidates: candidates, using: workers)
  }

  package func likeliestTokens(after rows: Matrix, using workers: Workers) -> [Int?] {
    head.greatest(of: finished(rows, workers), using: workers)
  }

  /// What the head reads.
  private func finished(_ rows: Matrix, _ workers: Workers) -> Activations {
    var pass = ForwardPass(over: rows, using: workers)
    finish(&pass)
    return pass.stream.rows
  }
}

// MARK: - Editing

extension Architecture {
  package var weightSites: [WeightSite] {
    layers.indices.flatMap { layers[$0].sites(layer: $0) }
  }

  package func weight(at site: WeightSite) -> Weight { layer(at: site).weight }

  package func place(of site: WeightSite) -> TensorPlace { layer(at: site).place }

  package func name(of site: WeightSite) -> String { place(of: site).tensor }

  package func replacing(_ site: WeightSite, with weight: Weight) -> Self {
    var layer = layer(at: site)
    precondition(
      layer.weight.rows == weight.rows && layer.weight.columns == weight.columns,
      "\(site): other shape")
    layer.weight = weight
    var edited = self
    edited.layers[site.layer][site] = layer
    return edited
  }

  private func layer(at site: WeightSite) -> LinearLayer {
    guard layers.indices.contains(site.layer), let layer = layers[site.layer][site] else {
      preconditionFailure("the model has no \(site)")
    }
    return layer
  }
}

// MARK: - Damage

extension Architecture {
  package func damage() -> LanguageModelError? {
    let sites = weightSites.map(layer(at:))
    for layer in tables + [head.layer] + sites + layers.flatMap(\.mlp.others) {
      if let place = layer.weight.firstNotFinite {
        return .notFinite(
          tensor: layer.place.tensor, file: checkpoint.path, row: place.row,
          column: place.column)
      }
    }
    return nil
  }
}
