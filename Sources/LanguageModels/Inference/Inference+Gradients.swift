package import LaserOps
package import Numerics

/// A token that a text is scored by, and where it is predicted.
package struct PredictedToken: Sendable, Equatable {
  /// The position whose logits are read, from 0.
  package let position: Int
  /// The token.
  package let token: Int

  /// `token` at `position`.
  package init(position: Int, token: Int) {
    self.position = position
    self.token = token
  }
}

extension Inference {
  /// The gradient of `−Σ log p(token)` with respect to the matrix at every site, each as large as its matrix: for checks
  /// on small models.
  ///
  /// - Parameters:
  ///   - tokens: What the model reads.
  ///   - predicted: What it is asked for.
  /// - Returns: The loss in nats, and a gradient for every site.
  /// - Throws: ``LanguageModelError``: a prompt that the model does not take, a position or a token that does not exist.
  package func gradients(
    of tokens: [Int], predicting predicted: [PredictedToken]
  ) throws -> (loss: Double, gradients: [WeightSite: Matrix]) {
    if let outside = predicted.first(where: { !tokens.indices.contains($0.position) }) {
      throw LanguageModelError.positionOutOfRange(outside.position, count: tokens.count)
    }
    try model.check(predicted.map(\.token))
    var stream = try model.embed([tokens])
    var layers: [RecordedLayer] = []
    for layer in 0..<model.shape.layerCount {
      layers.append(model.record(stream, through: layer, using: workers))
      stream = layers[layer].leaving
    }
    let rows = stream.rows
    let loss = try logProbabilities(
      of: predicted.map(\.token), rows: rows.gathering(predicted.map(\.position))
    ).reduce(0, -)
    var weights = [TokenWeights](repeating: [:], count: tokens.count)
    for place in predicted { weights[place.position][place.token, default: 0] -= 1 }
    var gradients = model.gradients(of: [weights], after: rows, using: workers)
    var found: [WeightSite: Matrix] = [:]
    for layer in layers.reversed() {
      gradients = layer.carryBack(gradients) { _, site, product in
        let zeros = Matrix(rows: product.gradient.columns, columns: product.input.columns)
        found[site] = (found[site] ?? zeros) + product.weightGradient
      }
    }
    for site in model.weightSites where found[site] == nil {
      // An expert that no token was sent to.
      let weight = model.weight(at: site)
      found[site] = Matrix(rows: weight.rows, columns: weight.columns)
    }
    return (loss, found)
  }
}

extension ProductGradient {
  /// Σ gradientᵀ · input, as large as the matrix.
  var weightGradient: Matrix {
    Activations.matrix(rows: gradient.columns, columns: input.columns) { result in
      BLAS.multiply(
        gradient.start, input.start, into: result.start, rows: gradient.columns,
        columns: input.columns, inner: input.rows, transposingLeft: true)
    }
  }
}
