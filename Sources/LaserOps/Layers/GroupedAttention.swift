// Dimension key — N: query rows · S: key rows of a sequence · H: query heads · G: key heads · D: width of a head.

/// Attention of many packed sequences of any length, several query heads sharing one head of keys and values
/// (arXiv:2305.13245); with as many key heads as query heads it is the ordinary kind.
package struct GroupedAttention: Sendable {
  /// Which keys a query sees.
  package enum Visibility: Sendable, Equatable {
    /// All of its sequence.
    case everything
    /// Those up to its own position, or only the last `window` of them.
    case causal(window: Int?)
  }

  /// One sequence: where its queries and keys lie.
  package struct Span: Sendable {
    /// Rows of the queries.
    package let queries: Range<Int>
    /// Rows of the keys and values; key i of the sequence is row `keys.lowerBound + i`.
    package let keys: Range<Int>

    /// A sequence with queries and keys in these rows.
    package init(queries: Range<Int>, keys: Range<Int>) {
      self.queries = queries
      self.keys = keys
    }
  }

  /// H, the number of query heads.
  package let queryHeads: Int
  /// G, the number of key and value heads, a divisor of H.
  package let keyHeads: Int
  /// D, the width of one head.
  package let headWidth: Int
  /// Which keys a query sees.
  package let visibility: Visibility

  /// - Precondition: `keyHeads` divides `queryHeads`.
  package init(queryHeads: Int, keyHeads: Int, headWidth: Int, visibility: Visibility) {
    precondition(
      keyHeads > 0 && queryHeads % keyHeads == 0,
      "\(queryHeads) query heads cannot share \(keyHeads) key heads")
    self.queryHeads = queryHeads
    self.keyHeads = keyHeads
    self.headWidth = headWidth
    self.visibility = visibility
  }

  /// `output ← softmax(Q Kᵀ / √D, masked) V`, sequence by sequence and head by head.
  ///
  /// - Parameters:
  ///   - queries: `[N × H·D]`.
  ///   - keys: `[… × G·D]`, the rows that `spans` name.
  ///   - values: As the keys.
  ///   - output: `[N × H·D]`.
  ///   - positions: `[N]`, every query's position in its sequence, ascending within one.
  ///   - spans: The sequences.
  ///   - workers: The threads.
  package func forward(
    queries: Activations, keys: Activations, values: Activations, output: Activations,
    positions: [Int], spans: [Span], using workers: Workers
  ) {
    precondition(
      queries.columns == queryHeads * headWidth && output.columns == queries.columns
        && keys.columns == keyHeads * headWidth && values.columns == keys.columns
        && positions.count == queries.rows && output.rows == queries.rows,
      "queries, keys or values do not fit \(queryHeads) heads on \(keyHeads)")
    // A head of a sequence is a piece of work, or a sequence with all its heads where there are many for each thread.
    let parts = spans.count >= max(16, 4 * workers.count) ? 1 : keyHeads
    workers.forEach(spans.count * parts) { piece in
      let span = spans[piece / parts]
      precondition(span.keys.upperBound <= keys.rows && span.queries.upperBound <= queries.rows)
      let block = Self.blockHeight
      let heads = parts == 1 ? 0..<keyHeads : piece % parts..<piece % parts + 1
      for head in heads {
        for first in stride(from: span.queries.lowerBound, to: span.queries.upperBound, by: block) {
          attend(
            first..<min(first + block, span.queries.upperBound), keyHead: head,
            span: span, queries, keys, values, output, positions)
        }
      }
    }
  }

  /// How many queries share a block of scores, which should stay in a core's cache.
  private static let blockHeight = 64

  private func attend(
    _ rows: Range<Int>, keyHead: Int, span: Span, _ queries: Activations, _ keys: Activations,
    _ values: Activations, _ output: Activations, _ positions: [Int]
  ) {
    let seen =
      visible(positions[rows.lowerBound], of: span)
      .lowerBound..<visible(positions[rows.upperBound - 1], of: span).upperBound
    guard !seen.isEmpty, !rows.isEmpty else { return }
    let group = queryHeads / keyHeads
    let scale = 1 / Float(headWidth).squareRoot()
    // A single query of several heads is a matrix of those heads, a row each.
    let isSingle = rows.count == 1
    let (height, queryStride) = isSingle ? (group, headWidth) : (rows.count, queries.columns)
    let keyStart = keys.row(span.keys.lowerBound + seen.lowerBound) + keyHead * headWidth
    let valueStart = values.row(span.keys.lowerBound + seen.lowerBound) + keyHead * headWidth
    ScratchBuffers.shared.withBuffer(count: height * seen.count) { buffer in
      guard let scores = buffer.baseAddress else { return }
      for head in keyHead * group..<(isSingle ? keyHead * group + 1 : (keyHead + 1) * group) {
        // SAFETY: heads lie within the rows, rows within the activations, as `forward` has checked.
        BLAS.multiply(
          queries.row(rows.lowerBound) + head * headWidth, keyStart, into: scores,
          rows: height, columns: seen.count, inner: headWidth, transposingRight: true,
          scale: scale, leftStride: queryStride, rightStride: keys.columns)
        for row in 0..<height {
          let query = isSingle ? rows.lowerBound : rows.lowerBound + row
          let own = visible(positions[query], of: span)
          let scores = scores + row * seen.count
          for hidden in 0..<own.lowerBound - seen.lowerBound { scores[hidden] = 0 }
          Softmax.normalize(scores + (own.lowerBound - seen.lowerBound), count: own.count)
          for hidden in own.upperBound - seen.lowerBound..<seen.count { scores[hidden] = 0 }
        }
        BLAS.multiply(
          scores, valueStart, into: output.row(rows.lowerBound) + head * headWidth,
          rows: height, columns: headWidth, inner: seen.count,
          rightStride: values.columns, resultStride: queryStride)
      }
    }
  }

  /// The keys that a query at `position` sees, counted from the first of its sequence.
  private func visible(_ position: Int, of span: Span) -> Range<Int> {
    switch visibility {
    case .everything: return 0..<span.keys.count
    case .causal(let window):
      let end = min(position + 1, span.keys.count)
      return max(0, end - (window ?? end))..<end
    }
  }
}
