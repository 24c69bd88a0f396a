// Dimension key — N: query rows · S: key rows of a sequence · H: query heads · G: key heads · D: width of a head.

/// Attention of many packed sequences of any length, several query heads sharing one head of keys and values
/// (arXiv:2305.13245); with as many key heads as query heads it is the ordinary kind.
package struct GroupedAttention: Sendable, Equatable {
  /// Which keys a query sees.
  package enum Visibility: Sendable, Equatable {
    /// All of its sequence.
    case everything
    /// Those up to its own position, or only the last `window` of them.
    case causal(window: Int?)
    /// Those at most `reach` positions away, on both sides.
    case around(reach: Int)
  }

  /// One sequence: where its queries and keys lie.
  package struct Span: Sendable {
    /// Rows of the queries.
    package let queries: Range<Int>
    /// Rows of the keys and values of its first tokens where these are another sequence's too: piece by piece.
    package let shared: [Range<Int>]
    /// Rows of the other keys and values.
    package let keys: Range<Int>

    /// A sequence with queries and keys in these rows.
    package init(queries: Range<Int>, keys: Range<Int>, after shared: [Range<Int>] = []) {
      self.queries = queries
      self.keys = keys
      self.shared = shared
    }

    /// The number of keys.
    var count: Int { shared.reduce(keys.count) { $0 + $1.count } }

    /// Keys that lie side by side.
    struct Piece {
      /// The row of the first.
      let row: Int
      let count: Int
      /// Which of the keys that are seen is the first.
      let offset: Int
    }

    /// Where the keys of `seen`, counted from the first of the sequence, lie.
    func pieces(of seen: Range<Int>) -> [Piece] {
      var start = 0
      return (shared + [keys]).compactMap { rows in
        let part = seen.clamped(to: start..<start + rows.count)
        defer { start += rows.count }
        return part.isEmpty
          ? nil
          : Piece(
            row: rows.lowerBound + part.lowerBound - start, count: part.count,
            offset: part.lowerBound - seen.lowerBound)
      }
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
  /// What products of queries and keys are multiplied with.
  package let scale: Float
  /// c of the cap c · tanh(score / c) on scores (arXiv:2408.00118 §2), nil for none.
  package let softCap: Float?
  /// What is added to a head's scores for every position of the key (ALiBi, arXiv:2108.12409), nil for nothing.
  package let slopes: [Float]?

  /// An attention; the scale is 1 / √D when nil, cap and slopes are none.
  ///
  /// - Precondition: `keyHeads` divides `queryHeads`.
  package init(
    queryHeads: Int, keyHeads: Int, headWidth: Int, visibility: Visibility, scale: Float? = nil,
    softCap: Float? = nil, slopes: [Float]? = nil
  ) {
    precondition(
      keyHeads > 0 && queryHeads % keyHeads == 0,
      "\(queryHeads) query heads cannot share \(keyHeads) key heads")
    precondition(slopes.map { $0.count == queryHeads } ?? true, "a slope for every query head")
    self.queryHeads = queryHeads
    self.keyHeads = keyHeads
    self.headWidth = headWidth
    self.visibility = visibility
    self.scale = scale ?? 1 / Float(headWidth).squareRoot()
    self.softCap = softCap
    self.slopes = slopes
  }

  /// `output ← softmax(Q Kᵀ · scale, capped, sloped, masked) V`, sequence by sequence and head by head.
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
        && values.rows == keys.rows
        && positions.count == queries.rows && output.rows == queries.rows,
      "queries, keys or values do not fit \(queryHeads) heads on \(keyHeads)")
    // Sequences that are finished ask nothing.
    let spans = spans.filter { !$0.queries.isEmpty }
    for span in spans {
      precondition(
        span.queries.upperBound <= queries.rows && span.keys.upperBound <= keys.rows
          && span.shared.allSatisfy { $0.upperBound <= keys.rows })
    }
    @Sendable func attendAll(_ span: Span, heads: Range<Int>) {
      let block = Self.blockHeight
      for head in heads {
        for first in stride(from: span.queries.lowerBound, to: span.queries.upperBound, by: block) {
          attend(
            first..<min(first + block, span.queries.upperBound), keyHead: head,
            span: span, queries, keys, values, output, positions)
        }
      }
    }
    guard spans.count >= max(16, 4 * workers.count) else {
      // A head of a sequence is a piece of work.
      workers.forEach(spans.count * keyHeads) { piece in
        attendAll(spans[piece / keyHeads], heads: piece % keyHeads..<piece % keyHeads + 1)
      }
      return
    }
    // A sequence with all its heads, or a few with single queries: what one of them sees then comes from memory while
    // the one before is at work.
    let areSingle = queries.rows <= spans.count
    let height = areSingle ? 4 : 1
    workers.forEach((spans.count + height - 1) / height) { piece in
      let end = min(spans.count, (piece + 1) * height)
      for index in piece * height..<end {
        if index + 1 < end, spans[index + 1].shared.isEmpty {
          let next = spans[index + 1]
          let seen = visible(positions[next.queries.lowerBound], of: next)
          prefetch(next.keys.lowerBound + seen.lowerBound, count: seen.count, of: keys)
          prefetch(next.keys.lowerBound + seen.lowerBound, count: seen.count, of: values)
        }
        attendAll(spans[index], heads: 0..<keyHeads)
      }
    }
  }

  private func prefetch(_ row: Int, count: Int, of activations: Activations) {
    // More would drive out what is at work.
    let most = 1 << 17
    Prefetch.bytes(
      activations.row(row),
      count: min(most, count * activations.columns * MemoryLayout<Float>.stride))
  }

  /// How many queries share a block of scores, which should stay in a core's cache.
  static let blockHeight = 64

  private func attend(
    _ rows: Range<Int>, keyHead: Int, span: Span, _ queries: Activations, _ keys: Activations,
    _ values: Activations, _ output: Activations, _ positions: [Int]
  ) {
    let seen =
      visible(positions[rows.lowerBound], of: span)
      .lowerBound..<visible(positions[rows.upperBound - 1], of: span).upperBound
    guard !seen.isEmpty, !rows.isEmpty else { return }
    let group = queryHeads / keyHeads
    let start = keyHead * headWidth
    ScratchBuffers.shared.withBuffer(count: max(group, rows.count) * seen.count) { buffer in
      guard let scores = buffer.baseAddress else { return }
      // SAFETY: heads lie within the rows, rows within the activations, as `forward` has checked.
      if rows.count == 1, span.shared.isEmpty {
        let first = span.keys.lowerBound + seen.lowerBound
        attend(
          queries.row(rows.lowerBound) + group * start,
          HeadMemory(
            keys: keys.row(first) + start, values: values.row(first) + start, count: seen.count,
            stride: keys.columns),
          scores, output.row(rows.lowerBound) + group * start, keyHead: keyHead,
          firstKey: seen.lowerBound)
        return
      }
      let pieces = span.pieces(of: seen)
      for head in keyHead * group..<(keyHead + 1) * group {
        for piece in pieces {
          BLAS.multiply(
            queries.row(rows.lowerBound) + head * headWidth, keys.row(piece.row) + start,
            into: scores + piece.offset,
            rows: rows.count, columns: piece.count, inner: headWidth, transposingRight: true,
            scale: scale, leftStride: queries.columns, rightStride: keys.columns,
            resultStride: seen.count)
        }
        for row in rows {
          let own = visible(positions[row], of: span)
          let scores = scores + (row - rows.lowerBound) * seen.count
          for hidden in 0..<own.lowerBound - seen.lowerBound { scores[hidden] = 0 }
          adjust(
            scores + (own.lowerBound - seen.lowerBound), count: own.count, head: head,
            firstKey: own.lowerBound)
          Softmax.normalize(scores + (own.lowerBound - seen.lowerBound), count: own.count)
          for hidden in own.upperBound - seen.lowerBound..<seen.count { scores[hidden] = 0 }
        }
        for piece in pieces {
          BLAS.multiply(
            scores + piece.offset, values.row(piece.row) + start,
            into: output.row(rows.lowerBound) + head * headWidth,
            rows: rows.count, columns: headWidth, inner: piece.count,
            keep: piece.offset == 0 ? 0 : 1, leftStride: seen.count, rightStride: values.columns,
            resultStride: queries.columns)
        }
      }
    }
  }

  /// The keys and values that a query sees, of one head.
  private struct HeadMemory {
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let count: Int
    /// From one key, or value, to the next, in elements.
    let stride: Int
  }

  /// A single query, whose heads on one key head are a matrix, a row each: products too small for BLAS.
  private func attend(
    _ query: UnsafePointer<Float>, _ memory: HeadMemory, _ scores: UnsafeMutablePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, keyHead: Int, firstKey: Int
  ) {
    let group = queryHeads / keyHeads
    RowProducts.multiply(
      RowProducts.Operands(
        left: query, right: memory.keys, result: scores, leftRows: group, rightRows: memory.count,
        inner: headWidth, leftStride: headWidth, rightStride: memory.stride,
        resultStride: memory.count))
    for element in 0..<group * memory.count { scores[element] *= scale }
    for head in 0..<group {
      adjust(
        scores + head * memory.count, count: memory.count, head: keyHead * group + head,
        firstKey: firstKey)
      Softmax.normalize(scores + head * memory.count, count: memory.count)
    }
    let wide = headWidth & ~15
    TiledProduct.multiply(
      scores, memory.values, into: output,
      shape: .init(
        rows: group, columns: wide, inner: memory.count, leftRow: memory.count,
        right: memory.stride, result: headWidth))
    guard wide < headWidth else { return }
    BLAS.multiply(
      scores, memory.values + wide, into: output + wide, rows: group, columns: headWidth - wide,
      inner: memory.count, rightStride: memory.stride, resultStride: headWidth)
  }

  /// Caps the scores of a query on keys side by side, and adds the slope of their positions.
  private func adjust(
    _ scores: UnsafeMutablePointer<Float>, count: Int, head: Int, firstKey: Int
  ) {
    if let softCap { SoftCap.apply(softCap, to: scores, count: count) }
    if let slopes {
      let slope = slopes[head]
      for key in 0..<count { scores[key] += slope * Float(firstKey + key) }
    }
  }

  /// The keys that a query at `position` sees, counted from the first of its sequence.
  func visible(_ position: Int, of span: Span) -> Range<Int> {
    switch visibility {
    case .everything: return 0..<span.count
    case .causal(let window):
      let end = min(position + 1, span.count)
      return max(0, end - (window ?? end))..<end
    case .around(let reach):
      let start = min(max(0, position - reach), span.count)
      return start..<max(start, min(span.count, position + reach + 1))
    }
  }
}
