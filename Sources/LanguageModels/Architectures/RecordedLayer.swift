public import LaserOps
public import Numerics

/// A layer that has computed a stream and remembers how, for gradients that are carried down through it.
public struct RecordedLayer {
  private let pass: RecordedPass
  private let sites: [(site: WeightSite, place: TensorPlace)]

  init(_ pass: RecordedPass, sites: [(site: WeightSite, place: TensorPlace)]) {
    self.pass = pass
    self.sites = sites
  }

  /// The stream that leaves the layer, a row for every row that entered.
  public var leaving: ResidualStream {
    ResidualStream(rows: pass.stream.rows.matrix, sequences: pass.forward.sequences)
  }

  /// Carries gradients down through the layer.
  ///
  /// - Parameters:
  ///   - gradients: Of several functions, with respect to the stream that leaves the layer, `[rows × width]` each.
  ///   - visit: Is told, function by function, of every product with a matrix that has a site, the layer's last first.
  /// - Returns: The gradients with respect to the stream that entered, in their order.
  public func carryBack(
    _ gradients: [Matrix], visit: (_ number: Int, WeightSite, ProductGradient) -> Void
  ) -> [Matrix] {
    gradients.enumerated().map { number, gradient in
      pass.carryBack(Activations(gradient)) { product in
        if let site = sites.first(where: { $0.place == product.place })?.site {
          visit(number, site, product)
        }
      }.matrix
    }
  }
}

extension LanguageModel {
  /// The stream after `layers`, to the bytes of ``record(_:through:using:)``.
  func recordedStream(
    after stream: ResidualStream, through layers: Range<Int>, using workers: Workers
  ) -> ResidualStream {
    layers.reduce(stream) { record($0, through: $1, using: workers).leaving }
  }
}
