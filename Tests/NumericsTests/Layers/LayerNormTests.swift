import Testing

@testable import Numerics

@Suite struct LayerNormTests {
  @Test(arguments: [16, 40, 5])
  func `the vectorised normalisation and its gradients equal the specification's`(width: Int) {
    let memory = Held()
    let rows = 3
    let input = CentralDifferences.numbers(rows * width, seed: 1)
    let scale = CentralDifferences.numbers(width, seed: 2)
    let shift = CentralDifferences.numbers(width, seed: 3)
    let incoming = CentralDifferences.numbers(rows * width, seed: 4)
    let (inputs, scales) = (FloatBuffer(input), FloatBuffer(scale))
    let output = FloatBuffer(count: rows * width)
    let (means, inverses) = (FloatBuffer(count: rows), FloatBuffer(count: rows))
    LayerNorm.forward(
      input: inputs.start, scale: scales.start, shift: memory.hold(shift).start, epsilon: 0x1p-17,
      output: output.start, means: means.start, inverseDeviations: inverses.start,
      rows: rows, width: width)
    let bound = CentralDifferences.tolerance(terms: width)
    let expected = LayerNorm.plain(input: input, scale: scale, shift: shift, epsilon: 0x1p-17)
    #expect(CentralDifferences.error(output.values, expected) <= bound)

    let inputGradient = FloatBuffer(count: rows * width)
    let (scaleGradient, shiftGradient) = (FloatBuffer(count: width), FloatBuffer(count: width))
    LayerNorm.backward(
      outputGradient: memory.hold(incoming).start, input: inputs.start, scale: scales.start,
      means: means.start, inverseDeviations: inverses.start, inputGradient: inputGradient.start,
      scaleGradient: scaleGradient.start, shiftGradient: shiftGradient.start,
      rows: rows, width: width)
    let byInput = CentralDifferences.gradient(at: input, weights: incoming) {
      LayerNorm.plain(input: $0, scale: scale, shift: shift, epsilon: 0x1p-17)
    }
    // A normalised row's gradient has two directions taken out of it: the cancellation costs a digit.
    #expect(CentralDifferences.error(inputGradient.values, byInput) <= 10 * bound)
    let byScale = CentralDifferences.gradient(at: scale, weights: incoming) {
      LayerNorm.plain(input: input, scale: $0, shift: shift, epsilon: 0x1p-17)
    }
    #expect(CentralDifferences.error(scaleGradient.values, byScale) <= bound)
    let byShift = CentralDifferences.gradient(at: shift, weights: incoming) {
      LayerNorm.plain(input: input, scale: scale, shift: $0, epsilon: 0x1p-17)
    }
    #expect(CentralDifferences.error(shiftGradient.values, byShift) <= bound)
  }
}
