#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

// Dimension key — Q: queries · S: keys · H: heads · D: width of a head · P: S rounded up for vectors.

/// Causal attention of one sequence with many heads, for sequences short enough that a head's whole
/// score matrix stays in the cache.
///
/// Rows hold all heads side by side, head h in columns h·D ..< (h+1)·D. Query i sees the first
/// `firstVisible + i · visibleStep` keys: 1 and 1 for a whole sequence; 2 and 3 when only every third
/// token asks, as in the last block of a Decision Transformer.
package struct CausalAttention: Sendable {
  /// The number of heads.
  package let heads: Int
  /// The width of one head.
  package let headWidth: Int
  /// How many keys the first query sees.
  package let firstVisible: Int
  /// How many more keys each further query sees.
  package let visibleStep: Int

  /// Attention whose query i sees `firstVisible + i · visibleStep` keys.
  package init(heads: Int, headWidth: Int, firstVisible: Int = 1, visibleStep: Int = 1) {
    self.heads = heads
    self.headWidth = headWidth
    self.firstVisible = firstVisible
    self.visibleStep = visibleStep
  }

  /// Memory for one head at a time; one per thread.
  package final class Scratch {
    let keys: FloatBuffer  // Kᵀ [D × P] forward and backward
    let values: FloatBuffer  // V [S × D'] forward, Vᵀ [D × P] backward
    let scores: FloatBuffer  // [Q × P]
    let gradients: FloatBuffer  // [Q × P]
    let rows: FloatBuffer  // [max(Q, S) × D'], three of them

    /// Memory for sequences of up to `tokens` queries and keys.
    package init(tokens: Int, headWidth: Int) {
      let padded = CausalAttention.padded(tokens)
      let width = (headWidth + 15) & ~15
      keys = FloatBuffer(count: width * padded)
      values = FloatBuffer(count: width * padded)
      scores = FloatBuffer(count: (tokens + 5) * padded)
      gradients = FloatBuffer(count: (tokens + 5) * padded)
      rows = FloatBuffer(count: 4 * padded * width)
    }
  }

  /// Where a sequence's rows lie: the first row and the distance from one row to the next.
  package struct Rows {
    /// The first row.
    package var start: UnsafeMutablePointer<Float>
    /// Elements from one row to the next.
    package var stride: Int

    /// Rows of floats, `stride` apart.
    package init(_ start: UnsafeMutablePointer<Float>, stride: Int) {
      self.start = start
      self.stride = stride
    }
  }

  // Blocks of five keys read up to four columns past the last visible one.
  private static func padded(_ keys: Int) -> Int { (keys + 5 + 15) & ~15 }

  private func visible(_ query: Int) -> Int { firstVisible &+ query &* visibleStep }

  /// `output ← softmax(Q Kᵀ / √D, causal) V`, head by head.
  ///
  /// Shapes:
  /// - queries, output: `[Q × H·D]`.
  /// - keys, values: `[S × H·D]`.
  /// - logarithms: `[H × Q]`, the logarithm of every softmax's denominator, for the backward.
  package func forward(
    queries: Rows, keys: Rows, values: Rows, output: Rows,
    logarithms: UnsafeMutablePointer<Float>, queryCount: Int, keyCount: Int, scratch: Scratch
  ) {
    let padded = Self.padded(keyCount)
    let width = (headWidth + 15) & ~15
    let scale = 1 / Float(headWidth).squareRoot()
    let sums = scratch.rows.start
    for head in 0..<heads {
      let offset = head &* headWidth
      packTransposed(keys, offset, count: keyCount, into: scratch.keys.start, padded: padded)
      pack(values, offset, count: keyCount, into: scratch.values.start, width: width)
      var query = 0
      while query < queryCount {
        let block = query &+ 5 <= queryCount ? 5 : 1
        let mostVisible = min(visible(query &+ block &- 1), keyCount)
        let scores = scratch.scores.start
        TiledProduct.multiply(
          queries.start + (query &* queries.stride &+ offset), scratch.keys.start, into: scores,
          shape: .init(
            rows: block, columns: (mostVisible &+ 15) & ~15, inner: headWidth,
            leftRow: queries.stride, right: padded, result: padded))
        for row in 0..<block {
          let logarithm = Self.exponentiate(
            scores + row &* padded, visible: min(visible(query &+ row), keyCount),
            until: mostVisible, scale: scale)
          logarithms[head &* queryCount &+ query &+ row] = logarithm
        }
        TiledProduct.multiply(
          scores, scratch.values.start, into: sums,
          shape: .init(
            rows: block, columns: width, inner: mostVisible,
            leftRow: padded, right: width, result: width))
        for row in 0..<block {
          let to = output.start + ((query &+ row) &* output.stride &+ offset)
          to.update(from: sums + row &* width, count: headWidth)
        }
        query &+= block
      }
    }
  }

  /// Turns a row of scores into probabilities, zero from `visible` up to `end`, and returns the logarithm
  /// of their denominator.
  private static func exponentiate(
    _ scores: UnsafeMutablePointer<Float>, visible: Int, until end: Int, scale: Float
  ) -> Float {
    let full = visible & ~15
    var peaks = Vector(repeating: -.greatestFiniteMagnitude)
    var column = 0
    while column < full {
      peaks = peaks.maximum(Vector(at: scores + column))
      column &+= 16
    }
    var peak = peaks.largest
    while column < visible {
      peak = scores[column] > peak ? scores[column] : peak
      column &+= 1
    }
    var sums = Vector.zero
    column = 0
    while column < end {
      let shifted = (Vector(at: scores + column) - peak) * scale
      let powers = shifted.exponential.keepingFirst(visible &- column)
      sums += powers
      powers.store(to: scores + column)
      column &+= 16
    }
    let sum = sums.total
    let inverse = 1 / sum
    column = 0
    while column < end {
      (Vector(at: scores + column) * inverse).store(to: scores + column)
      column &+= 16
    }
    return peak * scale + logf(sum)
  }
}

// MARK: - Backward

extension CausalAttention {
  /// The backward of ``forward(queries:keys:values:output:logarithms:queryCount:keyCount:scratch:)``.
  ///
  /// The probabilities are computed again from the logarithms: reading them back from memory would cost more.
  ///
  /// Shapes:
  /// - output, outputGradient: `[Q × H·D]`.
  /// - queryGradient: `[Q × H·D]`; overwritten.
  /// - keyGradient, valueGradient: `[S × H·D]`; overwritten.
  package func backward(
    outputGradient: Rows, output: Rows, queries: Rows, keys: Rows, values: Rows,
    logarithms: UnsafePointer<Float>,
    queryGradient: Rows, keyGradient: Rows, valueGradient: Rows,
    queryCount: Int, keyCount: Int, scratch: Scratch
  ) {
    let padded = Self.padded(keyCount)
    let width = (headWidth + 15) & ~15
    let scale = 1 / Float(headWidth).squareRoot()
    let rowStorage = padded &* width
    let packedKeys = scratch.rows.start
    let packedQueries = packedKeys + rowStorage
    let packedGradients = packedQueries + rowStorage
    let results = packedGradients + rowStorage
    let probabilities = scratch.scores.start
    let scoreGradients = scratch.gradients.start

    for head in 0..<heads {
      let offset = head &* headWidth
      packTransposed(keys, offset, count: keyCount, into: scratch.keys.start, padded: padded)
      packTransposed(values, offset, count: keyCount, into: scratch.values.start, padded: padded)
      pack(keys, offset, count: keyCount, into: packedKeys, width: width)
      pack(queries, offset, count: queryCount, into: packedQueries, width: width)
      pack(outputGradient, offset, count: queryCount, into: packedGradients, width: width)

      var query = 0
      while query < queryCount {
        let block = query &+ 5 <= queryCount ? 5 : 1
        let mostVisible = min(visible(query &+ block &- 1), keyCount)
        // Four columns more, zeroed: the blocks of five keys below read them.
        let end = min(padded, (mostVisible &+ 4 &+ 15) & ~15)
        let scores = probabilities + query &* padded
        let gradients = scoreGradients + query &* padded
        let shape = TiledProduct.Shape(
          rows: block, columns: end, inner: headWidth,
          leftRow: width, right: padded, result: padded)
        TiledProduct.multiply(
          packedQueries + query &* width, scratch.keys.start, into: scores, shape: shape)
        TiledProduct.multiply(
          packedGradients + query &* width, scratch.values.start, into: gradients, shape: shape)
        for row in query..<query &+ block {
          Self.differentiate(
            probabilities + row &* padded, scoreGradients + row &* padded,
            visible: min(visible(row), keyCount), until: end,
            logarithm: logarithms[head &* queryCount &+ row],
            product: dot(
              output.start + (row &* output.stride &+ offset), packedGradients + row &* width),
            scale: scale)
        }
        TiledProduct.multiply(
          gradients, packedKeys, into: results,
          shape: .init(
            rows: block, columns: width, inner: mostVisible,
            leftRow: padded, right: width, result: width))
        unpack(results, into: queryGradient, offset, from: query, count: block, width: width)
        query &+= block
      }

      var key = 0
      while key < keyCount {
        let block = key &+ 5 <= keyCount ? 5 : 1
        let first = firstQuery(seeing: key)
        let inner = max(0, queryCount &- first)
        let shape = TiledProduct.Shape(
          rows: block, columns: width, inner: inner,
          leftRow: 1, leftInner: padded, right: width, result: width)
        let start = first &* padded &+ key
        TiledProduct.multiply(
          scoreGradients + start, packedQueries + first &* width, into: results, shape: shape)
        unpack(results, into: keyGradient, offset, from: key, count: block, width: width)
        TiledProduct.multiply(
          probabilities + start, packedGradients + first &* width, into: results, shape: shape)
        unpack(results, into: valueGradient, offset, from: key, count: block, width: width)
        key &+= block
      }
    }
  }

  /// The first query that sees `key`; may lie beyond the last.
  private func firstQuery(seeing key: Int) -> Int {
    max(0, (key &+ 1 &- firstVisible &+ visibleStep &- 1) / visibleStep)
  }

  /// Scores to probabilities p, and their gradients g to the scores' p (g - Σ p g) · scale; `product` is
  /// that sum, which equals the product of the output row and its gradient.
  private static func differentiate(
    _ scores: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>,
    visible: Int, until end: Int, logarithm: Float, product: Float, scale: Float
  ) {
    var column = 0
    while column < end {
      let powers = (Vector(at: scores + column) * scale - logarithm).exponential
        .keepingFirst(max(0, visible &- column))
      powers.store(to: scores + column)
      (powers * (Vector(at: gradients + column) - product) * scale).store(to: gradients + column)
      column &+= 16
    }
  }

  private func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float {
    var sums = Vector.zero
    var index = 0
    while index &+ 16 <= headWidth {
      sums = sums.addingProduct(Vector(at: left + index), Vector(at: right + index))
      index &+= 16
    }
    var sum = sums.total
    while index < headWidth {
      sum += left[index] * right[index]
      index &+= 1
    }
    return sum
  }
}

// MARK: - One head's rows, packed

extension CausalAttention {
  /// Copies one head of `rows` to consecutive rows of `width`, the rest zero.
  private func pack(
    _ rows: Rows, _ offset: Int, count: Int, into packed: UnsafeMutablePointer<Float>, width: Int
  ) {
    for row in 0..<count {
      let from = rows.start + (row &* rows.stride &+ offset)
      let to = packed + row &* width
      to.update(from: from, count: headWidth)
      if headWidth < width { (to + headWidth).update(repeating: 0, count: width &- headWidth) }
    }
  }

  /// Copies one head of `rows` to the columns of a `[D × padded]` matrix, the rest zero.
  private func packTransposed(
    _ rows: Rows, _ offset: Int, count: Int, into packed: UnsafeMutablePointer<Float>, padded: Int
  ) {
    for row in 0..<count {
      let from = rows.start + (row &* rows.stride &+ offset)
      for column in 0..<headWidth { packed[column &* padded &+ row] = from[column] }
    }
    for column in 0..<headWidth {
      (packed + (column &* padded &+ count)).update(repeating: 0, count: padded &- count)
    }
  }

  private func unpack(
    _ packed: UnsafePointer<Float>, into rows: Rows, _ offset: Int, from first: Int, count: Int,
    width: Int
  ) {
    for row in 0..<count {
      let to = rows.start + ((first &+ row) &* rows.stride &+ offset)
      to.update(from: packed + row &* width, count: headWidth)
    }
  }
}
