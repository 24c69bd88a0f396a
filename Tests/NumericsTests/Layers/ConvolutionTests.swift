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
    let (weights, flipped) = (FloatBuffer(weight), FloatBuffer(count: weight.count))
    let output = FloatBuffer(count: incoming.count)
    layer.forward(
      input: input.start, weight: weights.start, bias: memory.hold(bias).start,
      output: output.start, outputRow: width * outputs)
    let bound = CentralDifferences.tolerance(terms: 9 * inputs)
    let expected = layer.plain(picture: picture, weight: weight, bias: bias)
    #expect(CentralDifferences.error(output.values, expected) <= bound)

    let masked = FloatBuffer(count: layer.paddedOutputCount)
    let inputGradient = FloatBuffer(count: picture.count)
    let weightGradient = FloatBuffer(count: weight.count)
    let biasGradient = FloatBuffer(count: outputs)
    layer.flip(weight: weights.start, into: flipped.start)
    let wantsInput = inputs % 16 == 0
    layer.backward(
      outputGradient: memory.hold(incoming).start, outputGradientRow: width * outputs,
      output: output.start, outputRow: width * outputs, input: input.start, masked: masked.start,
      flippedWeight: flipped.start, inputGradient: wantsInput ? inputGradient.start : nil,
      inputGradientRow: width * inputs, weightGradient: weightGradient.start,
      biasGradient: biasGradient.start)

    // The layer is linear between two kinks, so one step of a random direction is exact if it is short:
    // each gradient is compared along eight directions, which is cheaper than along every axis.
    func check(
      _ gradient: FloatBuffer, at point: [Double], _ function: ([Double]) -> [Double]
    ) {
      for seed in 0..<8 {
        let direction = CentralDifferences.numbers(point.count, seed: UInt64(10 + seed))
        let slope = CentralDifferences.gradient(at: [0], weights: incoming) { step in
          function(zip(point, direction).map { $0 + step[0] * $1 * 1e-3 })
        }[0]
        let products = zip(gradient.values, direction).map { Double($0) * $1 * 1e-3 }
        let norm = products.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let terms = Double(height * width * outputs)
        #expect(
          abs(products.reduce(0, +) - slope) <= 16 * terms * Double(Float.ulpOfOne) * norm)
      }
    }
    if wantsInput {
      check(inputGradient, at: picture) { layer.plain(picture: $0, weight: weight, bias: bias) }
    }
    check(weightGradient, at: weight) { layer.plain(picture: picture, weight: $0, bias: bias) }
    check(biasGradient, at: bias) { layer.plain(picture: picture, weight: weight, bias: $0) }
  }

  @Test func `a residual counts before the rectifier, and what the mask leaves is its gradient`() {
    let memory = Held()
    let layer = Convolution(height: 3, width: 4, inputs: 16, outputs: 16)
    let count = 3 * 4 * 16
    let picture = CentralDifferences.numbers(count, seed: 1)
    let weight = CentralDifferences.numbers(9 * 16 * 16, seed: 2, deviation: 0.1)
    let bias = CentralDifferences.numbers(16, seed: 3)
    let incoming = CentralDifferences.numbers(count, seed: 4)
    let residual = CentralDifferences.numbers(count, seed: 5)
    func padded(_ values: [Double]) -> FloatBuffer {
      let buffer = FloatBuffer(count: layer.paddedOutputCount)
      for row in 0..<3 {
        for index in 0..<4 * 16 {
          buffer.start[layer.firstOutputPixel + row * layer.paddedOutputRow + index] =
            Float(values[row * 4 * 16 + index])
        }
      }
      return buffer
    }
    let (input, skipped) = (padded(picture), padded(residual))
    let output = FloatBuffer(count: count)
    layer.forward(
      input: input.start, weight: memory.hold(weight).start, bias: memory.hold(bias).start,
      residual: skipped.start + layer.firstOutputPixel, output: output.start, outputRow: 4 * 16)
    let expected = layer.plain(picture: picture, weight: weight, bias: bias, residual: residual)
    let bound = CentralDifferences.tolerance(terms: 9 * 16 + 1)
    #expect(CentralDifferences.error(output.values, expected) <= bound)

    let masked = FloatBuffer(count: layer.paddedOutputCount)
    layer.backward(
      outputGradient: memory.hold(incoming).start, outputGradientRow: 4 * 16,
      output: output.start, outputRow: 4 * 16, input: input.start, masked: masked.start,
      flippedWeight: memory.hold(weight).start, inputGradient: nil, inputGradientRow: 0,
      weightGradient: memory.hold(weight).start, biasGradient: memory.hold(bias).start)
    let sum = memory.hold([Double](repeating: 1, count: count))
    layer.addInside(of: masked.start, to: sum.start)
    let gradient = CentralDifferences.gradient(at: residual, weights: incoming) {
      layer.plain(picture: picture, weight: weight, bias: bias, residual: $0)
    }
    #expect(CentralDifferences.error(sum.values.map { $0 - 1 }, gradient) <= bound)
  }
}
