// Dimension key — N: rows (tokens) · C: width.

/// Layer normalisation (arXiv:1607.06450): every row to mean 0 and variance 1, then a learned scale and shift.
package enum LayerNorm {
  /// `output ← (input - mean) / √(variance + epsilon) · scale + shift`, row by row.
  ///
  /// Shapes:
  /// - input: `[N × C]`, rows `inputStride` apart.
  /// - scale, shift: `[C]`.
  /// - output: `[N × C]`; may be the input.
  /// - means, inverseDeviations: `[N]`, kept for the backward; nil when there is none.
  package static func forward(
    input: UnsafePointer<Float>, inputStride: Int? = nil,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, epsilon: Float,
    output: UnsafeMutablePointer<Float>,
    means: UnsafeMutablePointer<Float>? = nil,
    inverseDeviations: UnsafeMutablePointer<Float>? = nil,
    rows: Int, width: Int
  ) {
    let full = width & ~15
    let tail = width &- full
    for row in 0..<rows {
      let from = input + row &* (inputStride ?? width)
      let to = output + row &* width
      var sums = Vector.zero
      var column = 0
      while column < full {
        sums += Vector(at: from + column)
        column &+= 16
      }
      if tail > 0 { sums += Vector(at: from + full, count: tail) }
      let mean = sums.total / Float(width)

      var squares = Vector.zero
      column = 0
      while column < full {
        let centred = Vector(at: from + column) - mean
        squares = squares.addingProduct(centred, centred)
        column &+= 16
      }
      if tail > 0 {
        let centred = (Vector(at: from + full, count: tail) - mean).keepingFirst(tail)
        squares = squares.addingProduct(centred, centred)
      }
      let inverse = 1 / (squares.total / Float(width) + epsilon).squareRoot()

      column = 0
      while column < full {
        let normalized = (Vector(at: from + column) - mean) * inverse
        Vector(at: shift + column).addingProduct(normalized, Vector(at: scale + column))
          .store(to: to + column)
        column &+= 16
      }
      while column < width {
        to[column] = (from[column] - mean) * inverse * scale[column] + shift[column]
        column &+= 1
      }
      means?[row] = mean
      inverseDeviations?[row] = inverse
    }
  }

  /// The backward of ``forward(input:inputStride:scale:shift:epsilon:output:means:inverseDeviations:rows:width:)``.
  ///
  /// Shapes:
  /// - outputGradient: `[N × C]`.
  /// - inputGradient: `[N × C]`, rows `inputStride` apart; added to, because the residual stream's own
  ///   gradient already lies there.
  /// - scaleGradient, shiftGradient: `[C]`; added to.
  package static func backward(
    outputGradient: UnsafePointer<Float>,
    input: UnsafePointer<Float>, inputStride: Int? = nil,
    scale: UnsafePointer<Float>,
    means: UnsafePointer<Float>, inverseDeviations: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, inputGradientStride: Int? = nil,
    scaleGradient: UnsafeMutablePointer<Float>, shiftGradient: UnsafeMutablePointer<Float>,
    rows: Int, width: Int
  ) {
    let full = width & ~15
    for row in 0..<rows {
      let from = input + row &* (inputStride ?? width)
      let gradient = outputGradient + row &* width
      let to = inputGradient + row &* (inputGradientStride ?? width)
      let mean = means[row]
      let inverse = inverseDeviations[row]
      var gradientSums = Vector.zero
      var productSums = Vector.zero
      var column = 0
      while column < full {
        let incoming = Vector(at: gradient + column)
        let normalized = (Vector(at: from + column) - mean) * inverse
        let scaled = incoming * Vector(at: scale + column)
        gradientSums += scaled
        productSums = productSums.addingProduct(scaled, normalized)
        Vector(at: scaleGradient + column).addingProduct(incoming, normalized)
          .store(to: scaleGradient + column)
        (Vector(at: shiftGradient + column) + incoming).store(to: shiftGradient + column)
        column &+= 16
      }
      var gradientSum = gradientSums.total
      var productSum = productSums.total
      while column < width {
        let normalized = (from[column] - mean) * inverse
        let scaled = gradient[column] * scale[column]
        gradientSum += scaled
        productSum += scaled * normalized
        scaleGradient[column] += gradient[column] * normalized
        shiftGradient[column] += gradient[column]
        column &+= 1
      }
      let gradientMean = gradientSum / Float(width)
      let productMean = productSum / Float(width)
      column = 0
      while column < full {
        let normalized = (Vector(at: from + column) - mean) * inverse
        let scaled = Vector(at: gradient + column) * Vector(at: scale + column)
        let change = (scaled - gradientMean) - normalized * productMean
        Vector(at: to + column).addingProduct(change, Vector(repeating: inverse))
          .store(to: to + column)
        column &+= 16
      }
      while column < width {
        let normalized = (from[column] - mean) * inverse
        let scaled = gradient[column] * scale[column]
        to[column] += (scaled - gradientMean - normalized * productMean) * inverse
        column &+= 1
      }
    }
  }

  /// The specification of the forward in double precision.
  ///
  /// - Returns: `[N × C]`.
  package static func plain(
    input: [Double], scale: [Double], shift: [Double], epsilon: Double
  ) -> [Double] {
    let width = scale.count
    return (0..<input.count / width).flatMap { row in
      let values = input[row * width..<(row + 1) * width]
      let mean = values.reduce(0, +) / Double(width)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      return zip(values, zip(scale, shift)).map { value, learned in
        (value - mean) / (variance + epsilon).squareRoot() * learned.0 + learned.1
      }
    }
  }
}
