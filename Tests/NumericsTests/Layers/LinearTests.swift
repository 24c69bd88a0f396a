import Testing

@testable import Numerics

@Suite struct LinearTests {
  @Test(arguments: [(1, 3, 4), (7, 16, 33), (20, 48, 80)])
  func `the product with BLAS equals the plain sums`(rows: Int, inputs: Int, outputs: Int) {
    let memory = Held()
    let input = CentralDifferences.numbers(rows * inputs, seed: 1)
    let weight = CentralDifferences.numbers(inputs * outputs, seed: 2)
    let bias = CentralDifferences.numbers(outputs, seed: 3)
    let output = FloatBuffer(count: rows * outputs)
    Linear.forward(
      input: memory.hold(input).start, weight: memory.hold(weight).start,
      bias: memory.hold(bias).start, output: output.start, rows: rows, inputs: inputs,
      outputs: outputs)
    let expected = Linear.plain(
      input: input, weight: weight, bias: bias, inputs: inputs, outputs: outputs)
    #expect(
      CentralDifferences.error(output.values, expected)
        <= CentralDifferences.tolerance(terms: inputs))
  }

  @Test func `a residual is added to the product`() {
    let memory = Held()
    let residual = FloatBuffer([1.0, 2.0, 3.0, 4.0])
    let output = FloatBuffer(count: 4)
    Linear.forward(
      input: memory.hold([1.0, 2.0]).start, weight: memory.hold([10.0, 20.0]).start,
      bias: memory.hold([0.5, 0.25]).start, residual: residual.start, output: output.start,
      rows: 2, inputs: 1, outputs: 2)
    #expect(output.values == [11.5, 22.25, 23.5, 44.25])
  }

  @Test func `the gradients equal central differences`() {
    let memory = Held()
    let (rows, inputs, outputs) = (3, 5, 70)
    let input = CentralDifferences.numbers(rows * inputs, seed: 1)
    let weight = CentralDifferences.numbers(inputs * outputs, seed: 2)
    let bias = CentralDifferences.numbers(outputs, seed: 3)
    let incoming = CentralDifferences.numbers(rows * outputs, seed: 4)
    let inputGradient = FloatBuffer(count: rows * inputs)
    let weightGradient = FloatBuffer(count: inputs * outputs)
    let biasGradient = FloatBuffer(count: outputs)
    Linear.backward(
      outputGradient: memory.hold(incoming).start, input: memory.hold(input).start,
      weight: memory.hold(weight).start, inputGradient: inputGradient.start,
      weightGradient: weightGradient.start, biasGradient: biasGradient.start,
      rows: rows, inputs: inputs, outputs: outputs)
    let bound = CentralDifferences.tolerance(terms: outputs)
    let byInput = CentralDifferences.gradient(at: input, weights: incoming) {
      Linear.plain(input: $0, weight: weight, bias: bias, inputs: inputs, outputs: outputs)
    }
    #expect(CentralDifferences.error(inputGradient.values, byInput) <= bound)
    let byWeight = CentralDifferences.gradient(at: weight, weights: incoming) {
      Linear.plain(input: input, weight: $0, bias: bias, inputs: inputs, outputs: outputs)
    }
    #expect(CentralDifferences.error(weightGradient.values, byWeight) <= bound)
    let byBias = CentralDifferences.gradient(at: bias, weights: incoming) {
      Linear.plain(input: input, weight: weight, bias: $0, inputs: inputs, outputs: outputs)
    }
    #expect(CentralDifferences.error(biasGradient.values, byBias) <= bound)
  }
}
