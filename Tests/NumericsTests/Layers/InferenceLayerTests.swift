@testable import Numerics
import Testing

/// Widths below, at and above sixteen lanes, with and without a rest.
private let widths = [1, 5, 16, 17, 48, 70]

@Suite struct InferenceLayerTests {
  @Test(arguments: widths)
  func `root mean square normalisation equals its specification`(width: Int) {
    var generator = SplitMix64(seed: UInt64(width))
    let input = Matrix.random(rows: 3, columns: width, using: &generator)
    let scale = Matrix.random(rows: 1, columns: width, using: &generator).values
    let output = Activations(rows: 3, columns: width)
    RMSNorm.forward(
      input: input.values, scale: scale, epsilon: 1e-3, output: output.start, rows: 3,
      width: width)
    let expected = RMSNorm.plain(input: input, scale: scale, epsilon: 1e-3)
    #expect((output.matrix - expected).norm <= 1e-6 * expected.norm)
  }

  @Test(arguments: widths)
  func `the gate equals its specification`(count: Int) {
    var generator = SplitMix64(seed: UInt64(count))
    let gate = Matrix.random(rows: 1, columns: count, standardDeviation: 4, using: &generator)
    let up = Matrix.random(rows: 1, columns: count, using: &generator)
    let output = Activations(gate)
    SiLU.multiplyGate(output.start, by: up.values, count: count)
    for index in 0..<count {
      let expected = SiLU.plain(Double(gate.values[index])) * Double(up.values[index])
      #expect(abs(Double(output.matrix.values[index]) - expected) <= 1e-6 * max(1, abs(expected)))
    }
  }

  @Test func `the exact GELU equals its specification from far below to far above zero`() {
    let inputs = stride(from: Float(-9), through: 9, by: 0.013).map(\.self)
    let output = Activations(Matrix(rows: 1, columns: inputs.count, values: inputs))
    ExactGELU.apply(to: output.start, count: inputs.count)
    for (input, found) in zip(inputs, output.matrix.values) {
      // 1.5e-7 of the error function's series, scaled by |x| / 2, and a few roundings.
      let expected = ExactGELU.plain(Double(input))
      #expect(abs(Double(found) - expected) <= 2e-7 * Double(max(1, abs(input))), "\(input)")
    }
  }

  @Test(arguments: widths)
  func `probabilities sum to one and their logarithms agree`(count: Int) {
    var generator = SplitMix64(seed: UInt64(count))
    let scores = Matrix.random(rows: 1, columns: count, standardDeviation: 5, using: &generator)
    let output = Activations(scores)
    Softmax.normalize(output.start, count: count)
    let sum = output.matrix.values.reduce(0) { $0 + Double($1) }
    #expect(abs(sum - 1) <= 1e-6)
    let logarithm = Softmax.logarithmOfSum(scores.values, count: count)
    for (score, probability) in zip(scores.values, output.matrix.values) {
      #expect(abs(exponential(Double(score) - logarithm) - Double(probability)) <= 1e-6)
    }
  }

  /// By its series, so that the test needs no other library: (e^(x/64))^64.
  private func exponential(_ value: Double) -> Double {
    let part = value / 64
    var term = 1.0
    var sum = 1.0
    for index in 1..<30 {
      term *= part / Double(index)
      sum += term
    }
    var power = sum
    for _ in 0..<6 { power *= power }
    return power
  }

  @Test(arguments: [RotaryEmbedding.Pairing.halves, .neighbours])
  func `turning keeps lengths, and scores depend on distance alone`(
    pairing: RotaryEmbedding.Pairing
  ) {
    var generator = SplitMix64(seed: 3)
    let rotary = RotaryEmbedding(width: 8, base: 100, pairing: pairing)
    let query = Matrix.random(rows: 1, columns: 10, using: &generator).values
    let key = Matrix.random(rows: 1, columns: 10, using: &generator).values

    func score(_ queryPosition: Int, _ keyPosition: Int) -> Float {
      let rows = Activations(Matrix(rows: 2, columns: 10, values: query + key))
      rotary.rotate(
        rows, headWidth: 10,
        by: rotary.angles(positions: [queryPosition, keyPosition], lengths: [0, 0]),
        using: Workers(count: 1))
      let turned = rows.matrix
      return (0..<10).reduce(0) { $0 + turned[0, $1] * turned[1, $1] }
    }

    #expect(abs(score(3, 1) - score(12, 10)) <= 1e-5)
    #expect(abs(score(3, 1) - score(3, 2)) > 1e-3)
  }

  /// Heads that are narrower than a register, as wide as two, and no whole number of them.
  @Test(arguments: [(3, 3), (6, 2), (8, 1)], [5, 32, 36])
  func `grouped attention equals the definition`(
    _ counts: (heads: Int, groups: Int), width: Int
  ) {
    let (heads, groups) = counts
    var generator = SplitMix64(seed: UInt64(heads))
    // Three sequences; the second asks for its last three queries only, the third for a single one. Two more share keys
    // of the second and third, in pieces.
    let spans = [
      GroupedAttention.Span(queries: 0..<4, keys: 0..<4),
      GroupedAttention.Span(queries: 4..<7, keys: 4..<94),
      GroupedAttention.Span(queries: 7..<8, keys: 94..<113),
      GroupedAttention.Span(queries: 8..<10, keys: 113..<115, after: [4..<34, 94..<97]),
      GroupedAttention.Span(queries: 10..<11, keys: 115..<116, after: [94..<110]),
    ]
    let positions = [0, 1, 2, 3, 87, 88, 89, 18, 33, 34, 16]
    let queries = Matrix.random(rows: 11, columns: heads * width, using: &generator)
    let keys = Matrix.random(rows: 116, columns: groups * width, using: &generator)
    let values = Matrix.random(rows: 116, columns: groups * width, using: &generator)
    func attention(
      _ visibility: GroupedAttention.Visibility, scale: Float? = nil, softCap: Float? = nil,
      slopes: [Float]? = nil
    ) -> GroupedAttention {
      GroupedAttention(
        queryHeads: heads, keyHeads: groups, headWidth: width, visibility: visibility,
        scale: scale, softCap: softCap, slopes: slopes)
    }
    for attention in [
      attention(.everything), attention(.causal(window: nil)), attention(.causal(window: 3)),
      attention(.around(reach: 2)), attention(.causal(window: 40), scale: 0.3, softCap: 0.7),
      attention(.causal(window: nil), slopes: (0..<heads).map { 0.02 * Float($0 + 1) }),
    ] {
      let output = Activations(rows: 11, columns: heads * width)
      attention.forward(
        queries: Activations(queries), keys: Activations(keys), values: Activations(values),
        output: output, positions: positions, spans: spans, using: Workers(count: 2))
      for span in spans {
        let rows = span.shared.flatMap(Array.init) + Array(span.keys)
        for query in span.queries {
          let position = positions[query]
          let seen =
            switch attention.visibility {
            case .everything: 0..<rows.count
            case .causal(let window): max(0, position + 1 - (window ?? 1000))..<position + 1
            case .around(let reach):
              max(0, position - reach)..<min(rows.count, position + reach + 1)
            }
          for head in 0..<heads {
            let group = head / (heads / groups)
            let scores = seen.map { key in
              let product = (0..<width).reduce(0.0) { sum, column in
                sum + Double(queries[query, head * width + column])
                  * Double(keys[rows[key], group * width + column])
              }
              let score = product * Double(attention.scale)
              return (attention.softCap.map { SoftCap.plain(score, cap: Double($0)) } ?? score)
                + Double(attention.slopes?[head] ?? 0) * Double(key)
            }
            let powers = scores.map { exponential($0 - (scores.max() ?? 0)) }
            for column in 0..<width {
              let weighted = zip(seen, powers).reduce(0.0) { sum, pair in
                sum + pair.1
                  * Double(values[rows[pair.0], group * width + column])
              }
              let expected = weighted / powers.reduce(0, +)
              #expect(abs(Double(output.matrix[query, head * width + column]) - expected) < 1e-5)
            }
          }
        }
      }
    }
  }

  @Test func `attention of many sequences is that of each`() {
    var generator = SplitMix64(seed: 11)
    let attention = GroupedAttention(
      queryHeads: 6, keyHeads: 3, headWidth: 20, visibility: .causal(window: nil))
    let count = 20
    let queries = Matrix.random(rows: count, columns: 120, using: &generator)
    let keys = Matrix.random(rows: 4 * count, columns: 60, using: &generator)
    let values = Matrix.random(rows: 4 * count, columns: 60, using: &generator)

    func attended(_ sequences: Range<Int>) -> Matrix {
      let output = Activations(rows: sequences.count, columns: 120)
      attention.forward(
        queries: Activations(queries.gathering(Array(sequences))), keys: Activations(keys),
        values: Activations(values), output: output,
        positions: Array(repeating: 3, count: sequences.count),
        spans: sequences.enumerated().map { row, sequence in
          .init(queries: row..<row + 1, keys: 4 * sequence..<4 * (sequence + 1))
        }, using: Workers(count: 2))
      return output.matrix
    }

    let all = attended(0..<count)
    for sequence in 0..<count {
      #expect(attended(sequence..<sequence + 1) == all.gathering([sequence]))
    }
    // Sequences that are finished have keys, and no queries.
    let output = Activations(rows: 2, columns: 120)
    attention.forward(
      queries: Activations(queries.gathering([3, 18])), keys: Activations(keys),
      values: Activations(values), output: output, positions: [3, 3],
      spans: (0..<count).map { sequence in
        let query = [3: 0..<1, 18: 1..<2][sequence] ?? (sequence < 18 ? 1..<1 : 2..<2)
        return .init(queries: query, keys: 4 * sequence..<4 * (sequence + 1))
      }, using: Workers(count: 2))
    #expect(output.matrix == all.gathering([3, 18]))
  }

  @Test func `a factored weight gives what its product gives`() {
    var generator = SplitMix64(seed: 9)
    let factors = LowRankFactors(
      left: .random(rows: 130, columns: 3, using: &generator),
      right: .random(rows: 3, columns: 20, using: &generator))
    let bias = Matrix.random(rows: 1, columns: 130, using: &generator).values
    let input = Activations(.random(rows: 4, columns: 20, using: &generator))
    let outputs = [Weight.factored(factors), .dense(factors.product)].map { weight in
      let output = Activations(rows: 4, columns: 130)
      Projection(weight, bias: bias).apply(to: input, into: output, using: Workers(count: 2))
      return output.matrix
    }
    #expect((outputs[0] - outputs[1]).norm <= 1e-6 * outputs[1].norm)
  }

  @Test(arguments: [1, 3, 5, 17, 48, 70], [false, true])
  func `a product writes nothing but its own elements`(columns: Int, isAdding: Bool) {
    var generator = SplitMix64(seed: 6)
    let weight = Matrix.random(rows: columns, columns: 20, using: &generator)
    let input = Activations(.random(rows: 3, columns: 20, using: &generator))
    let bias = (0..<columns).map { Float($0) }
    let (room, canary) = (64, Float(-12_345))
    var memory = [Float](repeating: canary, count: 3 * columns + 2 * room)
    for index in 0..<3 * columns { memory[room + index] = 1 }
    let expected = Activations(
      Matrix(rows: 3, columns: columns, values: Array(repeating: 1, count: 3 * columns)))
    let projection = Projection(.dense(weight), bias: bias)
    memory.withUnsafeMutableBufferPointer { memory in
      guard let start = memory.baseAddress else { return }
      let lent = FloatBuffer(lent: start + room, count: 3 * columns)
      projection.apply(
        to: input, into: Activations(rows: 3, columns: columns, buffer: lent), adding: isAdding,
        using: Workers(count: 2))
    }
    projection.apply(to: input, into: expected, adding: isAdding, using: Workers(count: 1))
    #expect(Array(memory[room..<room + 3 * columns]) == expected.matrix.values)
    #expect((memory.prefix(room) + memory.suffix(room)).allSatisfy { $0 == canary })
  }

  @Test func `adding puts product and bias on what is there`() {
    let output = Activations(Matrix(rows: 1, columns: 2, values: [100, 200]))
    let weight = Weight.dense(Matrix(rows: 2, columns: 2, values: [1, 2, 3, 4]))
    Projection(weight, bias: [10, 20]).apply(
      to: Activations(Matrix(rows: 1, columns: 2, values: [1, 1])), into: output, adding: true,
      using: Workers(count: 1))
    #expect(output.matrix.values == [113, 227])
  }

  @Test func `zero components leave the bias alone`() {
    let none = LowRankFactors(left: Matrix(rows: 2, columns: 0), right: Matrix(rows: 0, columns: 3))
    let output = Activations(Matrix(rows: 1, columns: 2, values: [7, 7]))
    Projection(.factored(none), bias: [1, 2]).apply(
      to: Activations(rows: 1, columns: 3), into: output, using: Workers(count: 1))
    #expect(output.matrix.values == [1, 2])
    let unbiased = Activations(Matrix(rows: 1, columns: 2, values: [7, 7]))
    Projection(.factored(none)).apply(
      to: Activations(rows: 1, columns: 3), into: unbiased, using: Workers(count: 1))
    #expect(unbiased.matrix.values == [0, 0])
  }
}
