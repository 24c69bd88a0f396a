import Testing

@testable import Numerics

@Suite struct ActivationTests {
  private let inputs = (-40...40).map { Float($0) * 0.37 }

  @Test(arguments: Activation.allCases)
  func `an activation, and a gate by it, equal the formula`(activation: Activation) {
    let up = inputs.indices.map { Float($0 % 7) - 3 }
    let values = FloatBuffer(inputs)
    let gates = FloatBuffer(inputs)
    activation.apply(to: values.start, count: inputs.count)
    up.withUnsafeBufferPointer { up in
      guard let start = up.baseAddress else { return }
      activation.multiplyGate(gates.start, by: start, count: inputs.count)
    }
    for (index, input) in inputs.enumerated() {
      let expected = activation.plain(Double(input))
      // A few roundings, and the error function's absolute 1.5e-7 times the input.
      let tolerance = 1e-6 * max(1, abs(Double(input)))
      #expect(abs(Double(values.start[index]) - expected) <= tolerance)
      let product = expected * Double(up[index])
      #expect(abs(Double(gates.start[index]) - product) <= 3 * tolerance)
    }
  }

  @Test(arguments: [Float(0.5), 3, 50])
  func `a soft cap equals the formula and stays below the cap`(cap: Float) {
    let values = FloatBuffer(inputs)
    SoftCap.apply(cap, to: values.start, count: inputs.count)
    for (index, input) in inputs.enumerated() {
      let expected = SoftCap.plain(Double(input), cap: Double(cap))
      #expect(abs(Double(values.start[index]) - expected) <= 2e-7 * Double(cap))
      #expect(abs(values.start[index]) <= cap)
    }
  }
}
