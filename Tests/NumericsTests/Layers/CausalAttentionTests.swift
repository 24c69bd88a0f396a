import Testing

@testable import Numerics

@Suite struct CausalAttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var heads: Int
    var headWidth: Int
    var queries: Int
    var keys: Int
    var first = 1
    var step = 1
    var testDescription: String {
      "\(heads) heads of \(headWidth), \(queries) queries on \(keys) keys, \(first) + \(step) i"
    }
  }

  static let cases = [
    Case(heads: 1, headWidth: 3, queries: 1, keys: 1),
    Case(heads: 2, headWidth: 4, queries: 11, keys: 11),
    Case(heads: 2, headWidth: 16, queries: 37, keys: 37),
    Case(heads: 2, headWidth: 8, queries: 16, keys: 16),
    Case(heads: 1, headWidth: 32, queries: 15, keys: 15),
    Case(heads: 2, headWidth: 16, queries: 12, keys: 36, first: 2, step: 3),
    Case(heads: 1, headWidth: 5, queries: 7, keys: 21, first: 2, step: 3),
  ]

  @Test(arguments: cases)
  func `the packed kernels and their gradients equal the specification's`(_ shape: Case) {
    let memory = Held()
    let width = shape.heads * shape.headWidth
    let attention = CausalAttention(
      heads: shape.heads, headWidth: shape.headWidth, firstVisible: shape.first,
      visibleStep: shape.step)
    let query = CentralDifferences.numbers(shape.queries * width, seed: 1)
    let key = CentralDifferences.numbers(shape.keys * width, seed: 2)
    let value = CentralDifferences.numbers(shape.keys * width, seed: 3)
    let incoming = CentralDifferences.numbers(shape.queries * width, seed: 4)
    let (queries, keys, values) = (FloatBuffer(query), FloatBuffer(key), FloatBuffer(value))
    let output = FloatBuffer(count: query.count)
    let logarithms = FloatBuffer(count: shape.heads * shape.queries)
    let scratch = CausalAttention.Scratch(tokens: shape.keys, headWidth: shape.headWidth)
    func rows(_ buffer: FloatBuffer) -> CausalAttention.Rows { .init(buffer.start, stride: width) }
    attention.forward(
      queries: rows(queries), keys: rows(keys), values: rows(values), output: rows(output),
      logarithms: logarithms.start, queryCount: shape.queries, keyCount: shape.keys,
      scratch: scratch)
    let bound = CentralDifferences.tolerance(terms: shape.keys + shape.headWidth)
    let expected = attention.plain(queries: query, keys: key, values: value)
    #expect(CentralDifferences.error(output.values, expected) <= bound)

    let gradients = (0..<3).map { FloatBuffer(count: [query, key, value][$0].count) }
    attention.backward(
      outputGradient: rows(memory.hold(incoming)), output: rows(output), queries: rows(queries),
      keys: rows(keys), values: rows(values), logarithms: logarithms.start,
      queryGradient: rows(gradients[0]), keyGradient: rows(gradients[1]),
      valueGradient: rows(gradients[2]), queryCount: shape.queries, keyCount: shape.keys,
      scratch: scratch)
    let byValue = CentralDifferences.gradient(at: value, weights: incoming) {
      attention.plain(queries: query, keys: key, values: $0)
    }
    #expect(CentralDifferences.error(gradients[2].values, byValue) <= 4 * bound)
    // With one key the probability is 1 and nothing depends on queries and keys.
    guard shape.keys > 1 else { return }
    let byQuery = CentralDifferences.gradient(at: query, weights: incoming) {
      attention.plain(queries: $0, keys: key, values: value)
    }
    #expect(CentralDifferences.error(gradients[0].values, byQuery) <= 4 * bound)
    let byKey = CentralDifferences.gradient(at: key, weights: incoming) {
      attention.plain(queries: query, keys: $0, values: value)
    }
    #expect(CentralDifferences.error(gradients[1].values, byKey) <= 4 * bound)
  }
}
