internal import Numerics

/// A normalisation with its learned scale: of whole rows, or of every head of a row.
package struct Norm: Sendable {
  /// What is done to the numbers before they are scaled.
  enum Kind: Sendable {
    /// Mean 0 and variance 1 (arXiv:1607.06450).
    case layer
    /// Root mean square 1 (arXiv:1910.07467).
    case rootMeanSquare
  }

  private let kind: Kind
  /// For every element of a group, or of a row of groups.
  private let scale: [Float]
  private let shift: [Float]
  private let epsilon: Float
  /// How many neighbours are normalised together.
  private let width: Int

  /// - Parameters:
  ///   - kind: What is done.
  ///   - scale: As many as a group has elements, or a whole number of groups side by side.
  ///   - shift: As many, nil for none.
  ///   - epsilon: Added to the variance, or to the mean of the squares.
  ///   - width: How many neighbours are normalised together; nil for all that there are scales.
  /// - Precondition: `width` divides the number of scales.
  init(_ kind: Kind, scale: [Float], shift: [Float]? = nil, epsilon: Double, width: Int? = nil) {
    let width = width ?? scale.count
    precondition(
      width > 0 && scale.count % width == 0 && (shift.map { $0.count == scale.count } ?? true),
      "\(scale.count) scales for groups of \(width)")
    self.kind = kind
    self.scale = scale
    self.shift = shift ?? Array(repeating: 0, count: scale.count)
    self.epsilon = Float(epsilon)
    self.width = width
  }

  /// `output ← norm(input)`, row by row; both may be the same.
  ///
  /// - Precondition: A row is a whole number of groups; where groups have scales of their own, there are as many.
  func apply(to input: Activations, into output: Activations, using workers: Workers) {
    let columns = input.columns
    precondition(
      columns == output.columns && columns % scale.count == 0,
      "\(columns) columns for \(scale.count) scales")
    workers.forEachBlock(ofRows: input.rows, width: columns) { rows in
      guard width < scale.count else {
        return apply(
          input.row(rows.lowerBound), output.row(rows.lowerBound), group: 0,
          rows: rows.count * (columns / width))
      }
      for row in rows {
        for group in 0..<scale.count / width {
          apply(
            input.row(row) + group * width, output.row(row) + group * width, group: group, rows: 1)
        }
      }
    }
  }

  /// The backward of ``apply(to:into:using:)``: with n the normalised numbers and s = gradient · scale, the input's gradient is
  /// `(s − mean s − n · mean (n s)) / deviation`, without the mean of s where nothing is centred.
  ///
  /// - Parameters:
  ///   - gradient: Of what came out, `[N × C]`.
  ///   - input: What went in.
  ///   - inputGradient: Added to; may not be the gradient itself.
  ///   - workers: The threads.
  func carryBack(
    _ gradient: Activations, input: Activations, to inputGradient: Activations,
    using workers: Workers
  ) {
    let columns = input.columns
    precondition(
      columns == gradient.columns && columns == inputGradient.columns
        && columns % scale.count == 0, "\(columns) columns for \(scale.count) scales")
    workers.forEachBlock(ofRows: input.rows, width: columns) { rows in
      for row in rows {
        for start in stride(from: 0, to: columns, by: width) {
          carryBack(
            gradient.row(row) + start, input.row(row) + start, inputGradient.row(row) + start,
            firstScale: start % scale.count)
        }
      }
    }
  }

  /// One group; sums in double precision.
  private func carryBack(
    _ gradient: UnsafePointer<Float>, _ input: UnsafePointer<Float>,
    _ inputGradient: UnsafeMutablePointer<Float>, firstScale: Int
  ) {
    scale.withUnsafeBufferPointer { scales in
      // SAFETY: a group has `width` scales from its first one on.
      guard let scale = scales.baseAddress.map({ $0 + firstScale }) else { return }
      let count = Double(width)
      var (sum, squares) = (0.0, 0.0)
      if kind == .layer { for index in 0..<width { sum += Double(input[index]) } }
      let mean = sum / count
      for index in 0..<width {
        let centred = Double(input[index]) - mean
        squares += centred * centred
      }
      let inverse = 1 / (squares / count + Double(epsilon)).squareRoot()
      var (scaledSum, productSum) = (0.0, 0.0)
      for index in 0..<width {
        let scaled = Double(gradient[index]) * Double(scale[index])
        scaledSum += scaled
        productSum += scaled * (Double(input[index]) - mean)
      }
      let scaledMean = kind == .layer ? scaledSum / count : 0
      let productMean = productSum / count * inverse * inverse
      for index in 0..<width {
        let scaled = Double(gradient[index]) * Double(scale[index])
        let change = scaled - scaledMean - (Double(input[index]) - mean) * productMean
        inputGradient[index] += Float(change * inverse)
      }
    }
  }

  /// `norm(rows)` of an embedding.
  func normalizing(_ rows: Matrix) -> Matrix {
    let rows = Activations(rows)
    apply(to: rows, into: rows, using: Workers(count: 1))
    return rows.matrix
  }

  private func apply(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, group: Int, rows: Int
  ) {
    scale.withUnsafeBufferPointer { scale in
      shift.withUnsafeBufferPointer { shift in
        // SAFETY: every group has `width` scales and shifts.
        guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
        switch kind {
        case .layer:
          LayerNorm.forward(
            input: input, scale: scale + group * width, shift: shift + group * width,
            epsilon: epsilon, output: output, rows: rows, width: width)
        case .rootMeanSquare:
          RMSNorm.forward(
            input: input, scale: scale + group * width, epsilon: epsilon, output: output,
            rows: rows, width: width)
        }
      }
    }
  }
}
