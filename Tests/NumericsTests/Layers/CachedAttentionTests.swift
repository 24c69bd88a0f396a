import Testing

@testable import Numerics

@Suite struct CachedAttentionTests {
  /// Widths below, at and above sixteen.
  @Test(arguments: [5, 16, 24])
  func `attention over the places of the ring equals the specification`(headWidth: Int) {
    let attention = CachedAttention(heads: 2, headWidth: headWidth, tokens: 20)
    #expect(attention.places == 32)
    let width = 2 * headWidth
    let written = 20
    let keys = CentralDifferences.numbers(attention.places * width, seed: 1)
    let values = CentralDifferences.numbers(attention.places * width, seed: 2)
    let (keyCache, valueCache) = (
      FloatBuffer(count: attention.keyCount), FloatBuffer(count: attention.valueCount)
    )
    func store(_ keys: [Double], _ values: [Double], at place: Int) {
      let columns = place * width..<(place + 1) * width
      let (key, value) = (FloatBuffer(Array(keys[columns])), FloatBuffer(Array(values[columns])))
      attention.store(
        key: key.start, value: value.start, at: place, keys: keyCache.start,
        values: valueCache.start)
      withExtendedLifetime((key, value)) {}
    }
    // The first places are written twice, as in a ring that has gone round.
    for place in 0..<3 { store(values, keys, at: place) }
    for place in 0..<written { store(keys, values, at: place) }
    let queries = CentralDifferences.numbers(3 * width, seed: 3)
    // The first query sees one place, the second a window that wraps around, the third all.
    let masks = (0..<3 * attention.places).map { index in
      let (query, place) = (index / attention.places, index % attention.places)
      return place < written && (query == 0 ? place == 7 : query == 2 || place < 3 || place > 15)
    }
    let output = FloatBuffer(count: 3 * (width + 4))
    let scratch = FloatBuffer(count: attention.scratchCount(queries: 3))
    let rows = FloatBuffer(queries)
    let seen = FloatBuffer(masks.map { $0 ? Float(1) : 0 })
    attention.forward(
      queries: rows.start, queryStride: width, count: 3, keys: keyCache.start,
      values: valueCache.start, masks: seen.start, used: written, output: output.start,
      outputStride: width + 4, scratch: scratch.start)
    withExtendedLifetime((rows, seen, scratch, keyCache, valueCache)) {}
    let expected = attention.plain(queries: queries, keys: keys, values: values, masks: masks)
    for query in 0..<3 {
      for column in 0..<width {
        let found = Double(output.start[query * (width + 4) + column])
        #expect(abs(found - expected[query * width + column]) <= 1e-5)
      }
    }
  }
}
