internal import LaserOps
package import Numerics

extension Architecture {
  package func record(
    _ stream: ResidualStream, through layer: Int, using workers: Workers
  ) -> RecordedLayer {
    precondition(layers.indices.contains(layer), "no layer \(layer)")
    var pass = RecordedPass(stream, through: layer, using: workers)
    block(layers[layer], &pass)
    return RecordedLayer(
      pass, sites: layers[layer].sites(layer: layer).map { ($0, place(of: $0)) })
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
