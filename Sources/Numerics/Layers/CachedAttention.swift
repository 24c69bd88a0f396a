// Dimension key — Q: new tokens · P: places in the cache · H: heads · D: width of a head · D': D rounded up to 16.

/// Attention of a few new tokens over the keys and values that a sequence has left in a cache.
///
/// The cache is a ring of P places. Softmax does not care about order, so a place is simply written again when
/// its token has gone out of sight; a mask says which places each query sees. Keys lie transposed, so that a query
/// meets sixteen of them at once.
package struct CachedAttention: Sendable {
  let heads: Int
  let headWidth: Int
  private let paddedWidth: Int
  /// The number of places (P), a multiple of 16.
  package let places: Int

  /// A cache of at least `tokens` places.
  package init(heads: Int, headWidth: Int, tokens: Int) {
    self.heads = heads
    self.headWidth = headWidth
    paddedWidth = (headWidth + 15) & ~15
    places = (tokens + 15) & ~15
  }

  /// Elements of a sequence's keys, `[H × D × P]`.
  package var keyCount: Int { heads * headWidth * places }
  /// Elements of a sequence's values, `[H × P × D']`.
  package var valueCount: Int { heads * places * paddedWidth }
  /// Elements of the scratch memory for up to `queries` new tokens.
  package func scratchCount(queries: Int) -> Int { queries * (places + paddedWidth) }

  /// Writes a token's key and value, `[H·D]` each, to `place`.
  package func store(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, at place: Int,
    keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<heads &* headWidth { keys[column &* places &+ place] = key[column] }
    for head in 0..<heads {
      (values + (head &* places &+ place) &* paddedWidth)
        .update(from: value + head &* headWidth, count: headWidth)
    }
  }

  /// `output ← softmax(Q Kᵀ / √D over the places seen) V`.
  ///
  /// Shapes:
  /// - queries, output: `[Q × H·D]`, rows apart by their strides.
  /// - keys, values: One sequence's cache.
  /// - masks: `[Q × P]`, 1 for a place that the query sees, 0 for any other; each query sees at least one.
  /// - used: Places that have been written, counted from the first.
  /// - scratch: ``scratchCount(queries:)`` elements.
  package func forward(
    queries: UnsafePointer<Float>, queryStride: Int, count: Int,
    keys: UnsafePointer<Float>, values: UnsafePointer<Float>, masks: UnsafePointer<Float>,
    used: Int, output: UnsafeMutablePointer<Float>, outputStride: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let end = min(places, (used &+ 15) & ~15)
    let scale = 1 / Float(headWidth).squareRoot()
    let sums = scratch + count &* places
    for head in 0..<heads {
      TiledProduct.multiply(
        queries + head &* headWidth, keys + head &* headWidth &* places, into: scratch,
        shape: .init(
          rows: count, columns: end, inner: headWidth, leftRow: queryStride, right: places,
          result: places))
      for query in 0..<count {
        Self.exponentiate(
          scratch + query &* places, mask: masks + query &* places, end: end, scale: scale)
      }
      TiledProduct.multiply(
        scratch, values + head &* places &* paddedWidth, into: sums,
        shape: .init(
          rows: count, columns: paddedWidth, inner: end, leftRow: places, right: paddedWidth,
          result: paddedWidth))
      for query in 0..<count {
        (output + (query &* outputStride &+ head &* headWidth))
          .update(from: sums + query &* paddedWidth, count: headWidth)
      }
    }
  }

  /// Turns a row of scores into probabilities, zero where the mask is.
  private static func exponentiate(
    _ scores: UnsafeMutablePointer<Float>, mask: UnsafePointer<Float>, end: Int, scale: Float
  ) {
    var peaks = Vector(repeating: -.greatestFiniteMagnitude)
    var place = 0
    while place < end {
      let hidden = Vector(at: mask + place) .== Vector.zero
      let seen = Vector(at: scores + place)
        .replacing(with: -.greatestFiniteMagnitude, where: hidden)
      peaks = peaks.maximum(seen)
      place &+= 16
    }
    let peak = peaks.largest
    var sums = Vector.zero
    place = 0
    while place < end {
      let shifted = (Vector(at: scores + place) - peak) * scale
      let powers = shifted.exponential * Vector(at: mask + place)
      sums += powers
      powers.store(to: scores + place)
      place &+= 16
    }
    let inverse = 1 / sums.total
    place = 0
    while place < end {
      (Vector(at: scores + place) * inverse).store(to: scores + place)
      place &+= 16
    }
  }
}
