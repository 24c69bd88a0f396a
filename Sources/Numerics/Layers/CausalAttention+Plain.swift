#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension CausalAttention {
  /// The natural logarithm of a softmax's denominator.
  static func logarithm(_ value: Float) -> Float { logf(value) }

  /// The specification of the forward in double precision: one query, one head, one key after the other.
  ///
  /// Shapes:
  /// - queries: `[Q × H·D]`.
  /// - keys, values: `[S × H·D]`.
  /// - firstKey: The first key that a query sees, by the query's index: 0 without a sliding window.
  /// - Returns: `[Q × H·D]`.
  package func plain(
    queries: [Double], keys: [Double], values: [Double], firstKey: (Int) -> Int = { _ in 0 }
  ) -> [Double] {
    let width = heads * headWidth
    var output = [Double](repeating: 0, count: queries.count)
    for query in 0..<queries.count / width {
      let seen = firstKey(query)..<min(firstVisible + query * visibleStep, keys.count / width)
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
