// Dimension key — N: rows (tokens) · C: width.

/// Root mean square normalisation (arXiv:1910.07467): every row divided by its root mean square, then scaled.
package enum RMSNorm {
  /// `output ← input / √(mean(input²) + epsilon) · scale`, row by row.
  ///
  /// - Parameters:
  ///   - input: `[N × C]`.
  ///   - scale: `[C]`.
  ///   - epsilon: Added to the mean of the squares.
  ///   - output: `[N × C]`; may be the input.
  ///   - rows: N.
  ///   - width: C.
  package static func forward(
    input: UnsafePointer<Float>, scale: UnsafePointer<Float>, epsilon: Float,
    output: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    let full = width & ~15
    let tail = width &- full
    for row in 0..<rows {
      let from = input + row &* width
      let to = output + row &* width
      var squares = Vector.zero
      var column = 0
      while column < full {
        let values = Vector(at: from + column)
        squares = squares.addingProduct(values, values)
        column &+= 16
      }
      if tail > 0 {
        let values = Vector(at: from + full, count: tail)
        squares = squares.addingProduct(values, values)
      }
      let inverse = 1 / (squares.total / Float(width) + epsilon).squareRoot()
      column = 0
      while column < full {
        (Vector(at: from + column) * inverse * Vector(at: scale + column)).store(to: to + column)
        column &+= 16
      }
      while column < width {
        to[column] = from[column] * inverse * scale[column]
        column &+= 1
      }
    }
  }

  /// The specification, in double precision.
  package static func plain(input: Matrix, scale: [Float], epsilon: Float) -> Matrix {
    var output = input
    for row in 0..<input.rows {
      let values = (0..<input.columns).map { Double(input[row, $0]) }
      let mean = values.reduce(0) { $0 + $1 * $1 } / Double(input.columns)
      for column in 0..<input.columns {
        output[row, column] = Float(
          values[column] / (mean + Double(epsilon)).squareRoot() * Double(scale[column]))
      }
    }
    return output
  }
}
