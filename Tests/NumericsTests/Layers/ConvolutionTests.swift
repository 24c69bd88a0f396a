import Testing

@testable import Numerics

@Suite struct ConvolutionTests {
  @Test(arguments: [
    (10, 10, 3, 16), (4, 6, 16, 32), (3, 3, 16, 48), (2, 5, 32, 16), (8, 8, 3, 32), (2, 8, 16, 48),
    (3, 16, 32, 16),
  ])
  func `the kernels and their gradients equal the specification's`(
    height: Int, width: Int, inputs: Int, outputs: Int
  ) {
    let memory = Held()
    let layer = Convolution(height: height, width: width, inputs: inputs, outputs: outputs)
    let picture = CentralDifferences.numbers(height * width * inputs, seed: 1)
    let weight = CentralDifferences.numbers(9 * inputs * outputs, seed: 2, deviation: 0.1)
    let bias = CentralDifferences.numbers(outputs, seed: 3)
    let incoming = CentralDifferences.numbers(height * width * outputs, seed: 4)
    let input = FloatBuffer(count: layer.paddedInputCount)
    for row in 0..<height {
      for index in 0..<width * inputs {
        input.start[((row + 1) * (width + 2) + 1) * inputs + index] =
          Float(picture[row * width * inputs + index])
      }
    }
    let weights = FloatBuffer(weight)
    let output = FloatBuffer(count: incoming.count)
    layer.forward(
      input: input.start, weight: weights.start, bias: memory.hold(bias).start,
      output: output.start, outputRow: width * outputs)
    let bound = CentralDifferences.tolerance(terms: 9 * inputs)
    let expected = layer.plain(picture: picture, weight: weight, bias: bias)
    #expect(CentralDifferences.error(output.values, expected) <= bound)

    let weightGradient = FloatBuffer(count: weight.count)
    let biasGradient = FloatBuffer(count: outputs)
    layer.backward(
      outputGradient: memory.hold(incoming).start, outputGradientRow: width * outputs,
      output: output.start, outputRow: width * outputs, input: input.start,
      weightGradient: weightGradient.start, biasGradient: biasGradient.start)
    func error(
      _ gradient: FloatBuffer, at point: [Double], _ function: ([Double]) -> [Double]
    ) -> Double {
      CentralDifferences.directionalError(
        of: gradient.values, at: point, incoming: incoming, terms: height * width * outputs,
        function)
    }
    #expect(
      error(weightGradient, at: weight) {
        layer.plain(picture: picture, weight: $0, bias: bias)
      } <= 16)
    #expect(
      error(biasGradient, at: bias) {
        layer.plain(picture: picture, weight: weight, bias: $0)
      } <= 16)
  }
}
