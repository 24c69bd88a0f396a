// Dimension key — N: query rows · S: key rows of a sequence · H: query heads · G: key heads · D: width of a head.

extension GroupedAttention {
  /// What goes into an attention, or its gradient.
  package struct Inputs {
    /// `[N × H·D]`.
    package let queries: Activations
    /// `[… × G·D]`.
    package let keys: Activations
    /// As the keys.
    package let values: Activations

    /// The three.
    package init(queries: Activations, keys: Activations, values: Activations) {
      self.queries = queries
      self.keys = keys
      self.values = values
    }
  }

  /// The backward of ``forward(queries:keys:values:output:positions:spans:using:)``; what was seen is computed again.
  ///
  /// - Parameters:
  ///   - outputGradient: `[N × H·D]`.
  ///   - inputs: What the forward was given.
  ///   - gradients: Added to.
  ///   - positions: As in the forward.
  ///   - spans: As in the forward; rows of keys that several of them share take the gradients of all.
  ///   - workers: The threads; their number changes no bit of the result.
  package func carryBack(
    _ outputGradient: Activations, inputs: Inputs, to gradients: Inputs, positions: [Int],
    spans: [Span], using workers: Workers
  ) {
    precondition(
      inputs.queries.columns == queryHeads * headWidth
        && inputs.keys.columns == keyHeads * headWidth
        && outputGradient.rows == inputs.queries.rows
        && outputGradient.columns == inputs.queries.columns
        && gradients.queries.rows == inputs.queries.rows
        && gradients.keys.rows == inputs.keys.rows && gradients.values.rows == inputs.values.rows
        && positions.count == inputs.queries.rows,
      "gradients do not fit \(queryHeads) heads on \(keyHeads)")
    let spans = spans.filter { !$0.queries.isEmpty }
    let groups = Self.groups(of: spans)
    // One thread alone writes a head's part of the rows of a group.
    workers.forEach(groups.count * keyHeads) { piece in
      let keyHead = piece % keyHeads
      for span in spans[groups[piece / keyHeads]] {
        for first in stride(
          from: span.queries.lowerBound, to: span.queries.upperBound, by: Self.blockHeight)
        {
          let rows = first..<min(first + Self.blockHeight, span.queries.upperBound)
          carryBack(rows, keyHead, span, outputGradient, inputs, gradients, positions)
        }
      }
    }
  }

  /// Consecutive spans, as few as may be, that share no row with those of another group.
  private static func groups(of spans: [Span]) -> [Range<Int>] {
    var groups: [(spans: Range<Int>, end: Int)] = []
    for (index, span) in spans.enumerated() {
      let first = (span.shared + [span.keys]).map(\.lowerBound).min() ?? 0
      let last = (span.shared + [span.keys]).map(\.upperBound).max() ?? 0
      var group = (spans: index..<index + 1, end: last)
      while let previous = groups.last, previous.end > first {
        group = (previous.spans.lowerBound..<index + 1, max(previous.end, group.end))
        groups.removeLast()
      }
      groups.append(group)
    }
    return groups.map(\.spans)
  }

  private func carryBack(
    _ rows: Range<Int>, _ keyHead: Int, _ span: Span, _ outputGradient: Activations,
    _ inputs: Inputs, _ gradients: Inputs, _ positions: [Int]
  ) {
    let seen =
      visible(positions[rows.lowerBound], of: span)
      .lowerBound..<visible(positions[rows.upperBound - 1], of: span).upperBound
    guard !seen.isEmpty else { return }
    let pieces = span.pieces(of: seen)
    let size = rows.count * seen.count
    ScratchBuffers.shared.withBuffer(count: 3 * size) { buffer in
      guard let shares = buffer.baseAddress else { return }
      let (capped, change) = (shares + size, shares + 2 * size)
      let (start, group) = (keyHead * headWidth, queryHeads / keyHeads)
      for head in keyHead * group..<(keyHead + 1) * group {
        // SAFETY: heads lie within the rows, rows within the activations.
        let query = inputs.queries.row(rows.lowerBound) + head * headWidth
        let incoming = outputGradient.row(rows.lowerBound) + head * headWidth
        let width = inputs.queries.columns
        for piece in pieces {
          BLAS.multiply(
            query, inputs.keys.row(piece.row) + start, into: shares + piece.offset,
            rows: rows.count, columns: piece.count, inner: headWidth, transposingRight: true,
            scale: scale, leftStride: width, rightStride: inputs.keys.columns,
            resultStride: seen.count)
          BLAS.multiply(
            incoming, inputs.values.row(piece.row) + start, into: change + piece.offset,
            rows: rows.count, columns: piece.count, inner: headWidth, transposingRight: true,
            leftStride: width, rightStride: inputs.values.columns, resultStride: seen.count)
        }
        for row in rows {
          let own = visible(positions[row], of: span)
          let first = (row - rows.lowerBound) * seen.count
          carryBack(
            scores: shares + first, change + first, capped + first, seen: seen, own: own,
            head: head)
        }
        for piece in pieces {
          BLAS.multiply(
            shares + piece.offset, incoming, into: gradients.values.row(piece.row) + start,
            rows: piece.count, columns: headWidth, inner: rows.count, transposingLeft: true,
            keep: 1, leftStride: seen.count, rightStride: width,
            resultStride: gradients.values.columns)
          BLAS.multiply(
            change + piece.offset, query, into: gradients.keys.row(piece.row) + start,
            rows: piece.count, columns: headWidth, inner: rows.count, transposingLeft: true,
            scale: scale, keep: 1, leftStride: seen.count, rightStride: width,
            resultStride: gradients.keys.columns)
          BLAS.multiply(
            change + piece.offset, inputs.keys.row(piece.row) + start,
            into: gradients.queries.row(rows.lowerBound) + head * headWidth,
            rows: rows.count, columns: headWidth, inner: piece.count, scale: scale, keep: 1,
            leftStride: seen.count, rightStride: inputs.keys.columns, resultStride: width)
        }
      }
    }
  }

  /// Turns a query's products with keys into shares, and the gradient of these into that of the products.
  ///
  /// - Parameters:
  ///   - scores: The scaled products; become the shares, zero where nothing is seen.
  ///   - change: The gradient of the shares; becomes that of the scores before the cap.
  ///   - capped: Room for the scores after the cap.
  ///   - seen: The keys of all.
  ///   - own: Those that this query sees.
  ///   - head: The head.
  private func carryBack(
    scores: UnsafeMutablePointer<Float>, _ change: UnsafeMutablePointer<Float>,
    _ capped: UnsafeMutablePointer<Float>, seen: Range<Int>, own: Range<Int>, head: Int
  ) {
    let start = own.lowerBound - seen.lowerBound
    for hidden in 0..<start { (scores[hidden], change[hidden]) = (0, 0) }
    for hidden in start + own.count..<seen.count { (scores[hidden], change[hidden]) = (0, 0) }
    guard !own.isEmpty else { return }
    let (shares, change) = (scores + start, change + start)
    if let softCap {
      SoftCap.apply(softCap, to: shares, count: own.count)
      capped.update(from: shares, count: own.count)
    }
    if let slopes {
      for key in 0..<own.count { shares[key] += slopes[head] * Float(own.lowerBound + key) }
    }
    Softmax.normalize(shares, count: own.count)
    var mean = 0.0
    for key in 0..<own.count { mean += Double(shares[key]) * Double(change[key]) }
    for key in 0..<own.count { change[key] = shares[key] * (change[key] - Float(mean)) }
    if let softCap { SoftCap.carryBack(softCap, change, capped: capped, count: own.count) }
  }
}
