import Foundation
@testable import Numerics
import Testing

/// The backwards of the layers of inference, each against central differences of its specification.
@Suite struct InferenceBackwardTests {
  private let workers = Workers(count: 2)

  @Test(arguments: Activation.allCases)
  func `the gradient of an activation is that of its specification`(activation: Activation) {
    // Below, at and above sixteen lanes; no input is where relu has a corner.
    let input = CentralDifferences.numbers(37, seed: 1, deviation: 2)
    let weights = CentralDifferences.numbers(37, seed: 2)
    let gradient = activations(weights, rows: 1)
    let values = activations(input, rows: 1)
    withExtendedLifetime(values) {
      activation.carryBack(gradient.start, input: values.start, count: 37)
    }
    let expected = CentralDifferences.gradient(at: input, weights: weights) {
      $0.map(activation.plain)
    }
    // 1.5e-7 of the error function's series.
    #expect(CentralDifferences.error(gradient.matrix.values, expected) <= 1e-6)
  }

  @Test(arguments: Activation.allCases)
  func `the gradients of a gate and of what it multiplies are those of the specification`(
    activation: Activation
  ) {
    let input = CentralDifferences.numbers(2 * 21, seed: 3, deviation: 2)
    let weights = CentralDifferences.numbers(21, seed: 4)
    let (gate, up) = (Array(input[..<21]), Array(input[21...]))
    let gradient = activations(weights, rows: 1)
    let upGradient = Activations(rows: 1, columns: 21)
    let (gates, ups) = (activations(gate, rows: 1), activations(up, rows: 1))
    withExtendedLifetime((gates, ups)) {
      activation.carryBackGate(
        gradient.start, gate: gates.start, up: ups.start, upGradient: upGradient.start, count: 21)
    }
    let expected = CentralDifferences.gradient(at: input, weights: weights) { input in
      (0..<21).map { activation.plain(input[$0]) * input[21 + $0] }
    }
    let found = gradient.matrix.values + upGradient.matrix.values
    #expect(CentralDifferences.error(found, expected) <= 1e-6)
  }

  @Test func `the gradient through a cap is that of its specification`() {
    let input = CentralDifferences.numbers(19, seed: 5, deviation: 4)
    let weights = CentralDifferences.numbers(19, seed: 6)
    let (capped, gradient) = (activations(input, rows: 1), activations(weights, rows: 1))
    withExtendedLifetime(capped) {
      SoftCap.apply(3, to: capped.start, count: 19)
      SoftCap.carryBack(3, gradient.start, capped: capped.start, count: 19)
    }
    let expected = CentralDifferences.gradient(at: input, weights: weights) {
      $0.map { SoftCap.plain($0, cap: 3) }
    }
    #expect(CentralDifferences.error(gradient.matrix.values, expected) <= 2e-6)
  }

  @Test(arguments: [(1, 5, 3), (40, 17, 33), (300, 3, 5)])
  func
    `a product carries gradients back by the transpose, in every storage and by any number of threads`(
      rows: Int, inputs: Int, outputs: Int
    )
  {
    var generator = SplitMix64(seed: 7)
    let gradient = Matrix.random(rows: rows, columns: outputs, using: &generator)
    let factors = LowRankFactors(
      left: .random(rows: outputs, columns: 2, using: &generator),
      right: .random(rows: 2, columns: inputs, using: &generator))
    for weight in [Weight.dense(factors.product), .factored(factors)] {
      let results = [1, 3].map { count in
        let before = Activations(Matrix(rows: rows, columns: inputs, repeating: 1))
        Projection(weight).carryBack(
          Activations(gradient), to: before, using: Workers(count: count))
        return before.matrix
      }
      #expect(results[0] == results[1])
      let expected = Projection.plainGradient(
        of: gradient.values.map(Double.init), weight: factors.product
      ).map { $0 + 1 }
      let bound = CentralDifferences.tolerance(terms: outputs + 2)
      #expect(CentralDifferences.error(results[0].values, expected) <= bound)
    }
  }

  @Test(arguments: [RotaryEmbedding.Pairing.halves, .neighbours])
  func `turning back with the same magnitude is the transpose of turning`(
    pairing: RotaryEmbedding.Pairing
  ) {
    let rotary = RotaryEmbedding(
      width: 6, base: 100, pairing: pairing,
      scaling: .longrope(
        short: [1, 2, 3], long: [1, 1, 1], trainedLength: 9, magnitude: 1.5))
    let angles = rotary.angles(positions: [0, 1, 7], lengths: [8, 8, 8])
    let (input, weights) = (
      CentralDifferences.numbers(48, seed: 8), CentralDifferences.numbers(48, seed: 9)
    )
    let (turned, back) = (activations(input, rows: 3), activations(weights, rows: 3))
    rotary.rotate(turned, headWidth: 8, by: angles, using: workers)
    rotary.rotate(back, headWidth: 8, by: angles.transposed, using: workers)
    // ⟨R x, w⟩ = ⟨x, Rᵀ w⟩.
    let left = zip(turned.matrix.values, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
    let right = zip(back.matrix.values, input).reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(abs(left - right) <= 1e-5 * abs(left))
  }

  static let attentions = [
    GroupedAttention(queryHeads: 4, keyHeads: 2, headWidth: 3, visibility: .causal(window: nil)),
    GroupedAttention(
      queryHeads: 2, keyHeads: 2, headWidth: 4, visibility: .causal(window: 3), softCap: 1.5),
    GroupedAttention(
      queryHeads: 3, keyHeads: 1, headWidth: 2, visibility: .everything, scale: 0.7,
      slopes: [0.5, 0.25, 0.125]),
    GroupedAttention(
      queryHeads: 2, keyHeads: 1, headWidth: 5, visibility: .around(reach: 2), softCap: 2,
      slopes: [0.3, 0.1]),
  ]

  @Test(arguments: attentions)
  func `the gradients of an attention are those of its specification, shared keys taking the sum`(
    attention: GroupedAttention
  ) {
    // Two sequences, the second of which begins with the first four tokens of the first; and one for itself.
    let spans: [GroupedAttention.Span] = [
      .init(queries: 0..<6, keys: 0..<6), .init(queries: 6..<9, keys: 6..<9, after: [0..<4]),
      .init(queries: 9..<14, keys: 9..<14),
    ]
    let positions = Array(0..<6) + [4, 5, 6] + Array(0..<5)
    let rows = positions.count
    let (width, keyWidth) = (
      attention.queryHeads * attention.headWidth, attention.keyHeads * attention.headWidth
    )
    let input = CentralDifferences.numbers(rows * (width + 2 * keyWidth), seed: 10)
    let weights = CentralDifferences.numbers(rows * width, seed: 11)
    let parts = (
      Array(input[..<(rows * width)]),
      Array(input[(rows * width)..<(rows * (width + keyWidth))]),
      Array(input[(rows * (width + keyWidth))...])
    )
    let plain = PlainAttention(attention, positions: positions, spans: spans)
    let expected = CentralDifferences.gradient(at: input, weights: weights) { input in
      plain.output(
        queries: Array(input[..<(rows * width)]),
        keys: Array(input[(rows * width)..<(rows * (width + keyWidth))]),
        values: Array(input[(rows * (width + keyWidth))...]))
    }
    let results = [1, 3].map { count in
      let gradients = GroupedAttention.Inputs(
        queries: Activations(rows: rows, columns: width),
        keys: Activations(rows: rows, columns: keyWidth),
        values: Activations(rows: rows, columns: keyWidth))
      attention.carryBack(
        activations(weights, rows: rows),
        inputs: .init(
          queries: activations(parts.0, rows: rows), keys: activations(parts.1, rows: rows),
          values: activations(parts.2, rows: rows)),
        to: gradients, positions: positions, spans: spans, using: Workers(count: count))
      return gradients.queries.matrix.values + gradients.keys.matrix.values
        + gradients.values.matrix.values
    }
    #expect(results[0] == results[1])
    #expect(CentralDifferences.error(results[0], expected) <= 2e-6)
  }

  private func activations(_ values: [Double], rows: Int) -> Activations {
    Activations(
      Matrix(rows: rows, columns: values.count / rows, values: values.map { Float($0) }))
  }
}

/// An attention in double precision, key by key.
private struct PlainAttention {
  let attention: GroupedAttention
  let positions: [Int]
  let spans: [GroupedAttention.Span]

  init(_ attention: GroupedAttention, positions: [Int], spans: [GroupedAttention.Span]) {
    self.attention = attention
    self.positions = positions
    self.spans = spans
  }

  func output(queries: [Double], keys: [Double], values: [Double]) -> [Double] {
    let (heads, width) = (attention.queryHeads, attention.headWidth)
    var output = [Double](repeating: 0, count: queries.count)
    for span in spans {
      let keyRows = (span.shared + [span.keys]).flatMap(Array.init)
      for row in span.queries {
        for head in 0..<heads {
          let keyHead = head / (heads / attention.keyHeads)
          let keyStart = { (row: Int) in (row * attention.keyHeads + keyHead) * width }
          let start = (row * heads + head) * width
          let seen = keyRows.indices.filter { isSeen($0, from: positions[row]) }
          let scores = seen.map { key -> Double in
            let product = (0..<width).reduce(0) {
              $0 + queries[start + $1] * keys[keyStart(keyRows[key]) + $1]
            }
            var score = product * Double(attention.scale)
            if let cap = attention.softCap { score = SoftCap.plain(score, cap: Double(cap)) }
            if let slopes = attention.slopes { score += Double(slopes[head]) * Double(key) }
            return score
          }
          let powers = scores.map { exp($0) }
          let sum = powers.reduce(0, +)
          for (key, power) in zip(seen, powers) {
            for column in 0..<width {
              output[start + column] += power / sum * values[keyStart(keyRows[key]) + column]
            }
          }
        }
      }
    }
    return output
  }

  private func isSeen(_ key: Int, from position: Int) -> Bool {
    switch attention.visibility {
    case .everything: true
    case .causal(let window): key <= position && key > position - (window ?? .max / 2)
    case .around(let reach): abs(key - position) <= reach
    }
  }
}
