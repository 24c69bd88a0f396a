#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension CachedAttention {
  /// The specification of the forward in double precision: one query, one head, one place after the other.
  ///
  /// Shapes:
  /// - queries: `[Q × H·D]`.
  /// - keys, values: `[P × H·D]`, a row a place.
  /// - masks: `[Q × P]`, whether a query sees a place.
  /// - Returns: `[Q × H·D]`.
  func plain(
    queries: [Double], keys: [Double], values: [Double], masks: [Bool]
  ) -> [Double] {
    let width = heads * headWidth
    var output = [Double](repeating: 0, count: queries.count)
    for query in 0..<queries.count / width {
      let seen = (0..<places).filter { masks[query * places + $0] }
      for head in 0..<heads {
        let columns = head * headWidth..<(head + 1) * headWidth
        let scores = seen.map { place in
          columns.reduce(0) { $0 + queries[query * width + $1] * keys[place * width + $1] }
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
