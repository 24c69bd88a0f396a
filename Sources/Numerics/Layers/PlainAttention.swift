#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The specification of attention's forward in double precision: one query, one head, one key after the other.
package enum PlainAttention {
  /// `softmax(Q Kᵀ / √D over the keys seen) V`, head by head.
  ///
  /// Shapes:
  /// - queries: `[Q × H·D]`.
  /// - keys, values: `[S × H·D]`.
  /// - seen: The keys that a query sees, by the query's index.
  /// - Returns: `[Q × H·D]`.
  package static func outputs(
    queries: [Double], keys: [Double], values: [Double], heads: Int, headWidth: Int,
    seen: (Int) -> [Int]
  ) -> [Double] {
    let width = heads * headWidth
    var output = [Double](repeating: 0, count: queries.count)
    for query in 0..<queries.count / width {
      let seen = seen(query)
      for head in 0..<heads {
        let columns = head * headWidth..<(head + 1) * headWidth
        let scores = seen.map { key in
          columns.reduce(0) { $0 + queries[query * width + $1] * keys[key * width + $1] }
            / Double(headWidth).squareRoot()
        }
        let powers = scores.map { exp($0 - (scores.max() ?? 0)) }
        let sum = powers.reduce(0, +)
        for column in columns {
          output[query * width + column] = zip(seen, powers).reduce(0) {
            $0 + $1.1 / sum * values[$1.0 * width + column]
          }
        }
      }
    }
    return output
  }
}

extension CausalAttention {
  /// The specification of the forward.
  ///
  /// - firstKey: The first key that a query sees, by the query's index: 0 without a sliding window.
  package func plain(
    queries: [Double], keys: [Double], values: [Double], firstKey: (Int) -> Int = { _ in 0 }
  ) -> [Double] {
    let count = keys.count / (heads * headWidth)
    return PlainAttention.outputs(
      queries: queries, keys: keys, values: values, heads: heads, headWidth: headWidth
    ) { Array(firstKey($0)..<min(firstVisible + $0 * visibleStep, count)) }
  }
}

extension CachedAttention {
  /// The specification of the forward.
  ///
  /// - masks: `[Q × P]`, whether a query sees a place.
  func plain(
    queries: [Double], keys: [Double], values: [Double], masks: [Bool]
  ) -> [Double] {
    PlainAttention.outputs(
      queries: queries, keys: keys, values: values, heads: heads, headWidth: headWidth
    ) { query in (0..<places).filter { masks[query * places + $0] } }
  }
}
