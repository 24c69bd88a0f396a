// Dimension key — N: rows (tokens) · I: inputs · O: outputs · r: rank.

extension Projection {
  /// The backward of ``apply(to:into:adding:using:)``: `inputGradient ← inputGradient + outputGradient · W`.
  ///
  /// The weight is decoded a few rows at a time for some tokens at once; both numbers depend on the shapes alone, so that the
  /// result is the same bytes for any number of threads.
  /// - Parameters:
  ///   - outputGradient: `[N × O]`.
  ///   - inputGradient: `[N × I]`, added to.
  ///   - workers: The threads.
  package func carryBack(
    _ outputGradient: Activations, to inputGradient: Activations, using workers: Workers
  ) {
    precondition(
      outputGradient.columns == weight.rows && inputGradient.columns == weight.columns
        && outputGradient.rows == inputGradient.rows,
      "a weight of \(weight.rows) × \(weight.columns), gradients of \(outputGradient.columns) "
        + "and \(inputGradient.columns) columns")
    switch weight {
    case .dense(let matrix): Self.carryBack(.dense(matrix), outputGradient, inputGradient, workers)
    case .mapped(let matrix):
      Self.carryBack(.mapped(matrix), outputGradient, inputGradient, workers)
    case .factored(let factors):
      // W = left · right: back through the left one first.
      let inner = Activations(rows: outputGradient.rows, columns: factors.rank)
      Self.carryBack(.dense(factors.left), outputGradient, inner, workers)
      Self.carryBack(.dense(factors.right), inner, inputGradient, workers)
    }
  }

  private static func carryBack(
    _ weight: RowSource, _ outputGradient: Activations, _ inputGradient: Activations,
    _ workers: Workers
  ) {
    let (tokens, inputs) = (outputGradient.rows, inputGradient.columns)
    // Enough pieces for some threads, and enough tokens in each to be worth the decoding of all rows.
    let height = min(256, max(16, (tokens / 8 + 15) / 16 * 16))
    workers.forEach((tokens + height - 1) / height) { piece in
      let first = piece * height
      let count = min(height, tokens - first)
      weight.withRows(0..<weight.rows, atOnce: 192) { rows, values in
        // SAFETY: `values` has `rows.count · I` elements; these tokens' gradients are ours alone.
        BLAS.multiply(
          outputGradient.row(first) + rows.lowerBound, values, into: inputGradient.row(first),
          rows: count, columns: inputs, inner: rows.count, keep: 1,
          leftStride: outputGradient.columns)
      }
    }
  }

  /// The specification in double precision: the sums as the definition has them.
  ///
  /// - Returns: The input's gradient, `[N × I]`.
  package static func plainGradient(of outputGradient: [Double], weight: Matrix) -> [Double] {
    (0..<outputGradient.count / max(1, weight.rows)).flatMap { row in
      (0..<weight.columns).map { column in
        (0..<weight.rows).reduce(0) {
          $0 + outputGradient[row * weight.rows + $1] * Double(weight[$1, column])
        }
      }
    }
  }
}
