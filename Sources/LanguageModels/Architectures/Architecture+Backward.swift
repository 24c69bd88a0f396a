package import LaserOps
package import Numerics

extension Architecture {
  package func carryBack(
    _ gradients: [Matrix], through layer: Int, entering stream: ResidualStream,
    using workers: Workers, visit: (_ number: Int, WeightSite, ProductGradient) -> Void
  ) -> [Matrix] {
    precondition(layers.indices.contains(layer), "no layer \(layer)")
    var pass = RecordedPass(stream, through: layer, using: workers)
    block(layers[layer], &pass)
    let sites = layers[layer].sites(layer: layer).map { (site: $0, place: place(of: $0)) }
    return gradients.enumerated().map { number, gradient in
      pass.carryBack(Activations(gradient)) { product in
        if let site = sites.first(where: { $0.place == product.place })?.site {
          visit(number, site, product)
        }
      }.matrix
    }
  }

  package func gradients(
    of functions: [[TokenWeights]], after rows: Matrix, using workers: Workers
  ) -> [Matrix] {
    precondition(functions.allSatisfy { $0.count == rows.rows }, "weights for every row")
    // Logits of a vocabulary are far wider than the stream.
    let height = 128
    var results = functions.map { _ in [Float]() }
    for start in stride(from: 0, to: rows.rows, by: height) {
      let range = start..<min(start + height, rows.rows)
      var pass = RecordedPass(over: rows.gathering(Array(range)), using: workers)
      finish(&pass)
      let finished = pass.stream.rows
      let logits = head.logits(of: finished, candidates: nil, using: workers)
      for (index, weights) in functions.enumerated() {
        let gradient = head.gradient(
          of: Array(weights[range]), logits: logits, using: workers)
        results[index] += pass.carryBack(gradient) { _ in }.matrix.values
      }
    }
    return results.map { Matrix(rows: rows.rows, columns: rows.columns, values: $0) }
  }
}
