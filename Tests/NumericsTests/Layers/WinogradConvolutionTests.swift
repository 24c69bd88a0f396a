import Testing

@testable import Numerics

@Suite struct WinogradConvolutionTests {
  /// A convolution with numbers to try it on.
  private struct Example {
    let layer: Convolution
    let pictures: [[Double]]
    let residuals: [[Double]]
    let weight: [Double]
    let bias: [Double]

    init(_ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, pictures count: Int) {
      layer = Convolution(height: height, width: width, inputs: inputs, outputs: outputs)
      pictures = (0..<count).map {
        CentralDifferences.numbers(height * width * inputs, seed: UInt64(10 + $0))
      }
      residuals = (0..<count).map {
        CentralDifferences.numbers(height * width * outputs, seed: UInt64(20 + $0))
      }
      weight = CentralDifferences.numbers(9 * inputs * outputs, seed: 1, deviation: 0.1)
      bias = CentralDifferences.numbers(outputs, seed: 2)
    }

    var tiled: WinogradConvolution {
      let (weights, biases) = (FloatBuffer(weight), FloatBuffer(bias))
      return withExtendedLifetime((weights, biases)) {
        WinogradConvolution(layer, weight: weights.start, bias: biases.start)
      }
    }

    /// What comes back to the outputs.
    var incoming: [[Double]] {
      pictures.indices.map {
        CentralDifferences.numbers(
          layer.height * layer.width * layer.outputs, seed: UInt64(30 + $0))
      }
    }

    /// A picture without its border.
    func inside(_ buffer: PictureBuffer, _ index: Int) -> [Float] {
      (0..<layer.height).flatMap { row in
        Array(
          UnsafeBufferPointer(
            start: buffer.pixels(of: index) + row * buffer.rowStride,
            count: layer.width * buffer.channels))
      }
    }

    func bordered(_ values: [[Double]], channels: Int) -> PictureBuffer {
      let buffer = PictureBuffer(
        bordered: values.count, height: layer.height, width: layer.width, channels: channels)
      for (index, picture) in values.enumerated() {
        for (place, value) in picture.enumerated() {
          let (row, rest) = place.quotientAndRemainder(dividingBy: layer.width * channels)
          buffer.pixels(of: index)[row * buffer.rowStride + rest] = Float(value)
        }
      }
      return buffer
    }

    /// The outputs of the pictures named, made together.
    func outputs(of chosen: [Int], hasResidual: Bool) -> [[Float]] {
      let output = PictureBuffer(
        dense: chosen.count, height: layer.height, width: layer.width, channels: layer.outputs)
      let tiled = tiled
      tiled.forward(
        input: bordered(chosen.map { pictures[$0] }, channels: layer.inputs),
        residual: hasResidual
          ? bordered(chosen.map { residuals[$0] }, channels: layer.outputs) : nil,
        output: output, pictures: chosen.indices,
        scratch: tiled.scratch(chosen.count))
      return chosen.indices.map {
        Array(UnsafeBufferPointer(start: output.pixels(of: $0), count: output.pictureStride))
      }
    }
  }

  @Test(
    arguments: [
      (8, 8, 32, 32), (4, 4, 16, 48), (10, 10, 32, 16), (3, 4, 16, 16), (5, 7, 16, 32),
      (1, 1, 16, 16),
      (2, 9, 48, 16),
    ], [false, true])
  func `the tiles equal the specification's picture`(
    shape: (height: Int, width: Int, inputs: Int, outputs: Int), hasResidual: Bool
  ) {
    let example = Example(shape.height, shape.width, shape.inputs, shape.outputs, pictures: 3)
    let found = example.outputs(of: [0, 1, 2], hasResidual: hasResidual)
    for (index, values) in found.enumerated() {
      let expected = example.layer.plain(
        picture: example.pictures[index], weight: example.weight, bias: example.bias,
        residual: hasResidual ? example.residuals[index] : nil)
      // A transform's rows add up to 6 in size at most forwards and to 5 back, in each of two directions, and the
      // kernel's shrink as much: a rounding counts a few times, far less than every term of the sum once.
      let bound = CentralDifferences.tolerance(terms: 9 * shape.inputs)
      #expect(CentralDifferences.error(values, expected) <= bound)
    }
  }

  /// The gradients of two pictures of four, the second and the third.
  private func gradients(of example: Example, hasResidual: Bool, dirty: Bool = false) -> (
    input: [[Float]], weight: [Float], bias: [Float], residual: [[Float]]
  ) {
    let layer = example.layer
    let tiled = example.tiled
    let input = example.bordered(example.pictures, channels: layer.inputs)
    let output = example.bordered(example.residuals, channels: layer.outputs)
    let scratch = tiled.scratch(4)
    tiled.forward(
      input: input, residual: hasResidual ? output : nil, output: output, pictures: 0..<4,
      scratch: scratch)
    let outputGradient = example.bordered(
      Array(example.incoming[1...2]), channels: layer.outputs)
    let inputGradient = PictureBuffer(
      bordered: 2, height: layer.height, width: layer.width, channels: layer.inputs)
    if dirty {
      for buffer in [scratch, inputGradient.buffer] {
        buffer.start.update(repeating: .nan, count: buffer.count)
      }
    }
    let weight = FloatBuffer(count: example.weight.count)
    let bias = FloatBuffer(count: layer.outputs)
    let gradient = WinogradConvolution.Gradient(tiled)
    for picture in 1...2 where !dirty {
      // One picture after the other adds up to the same.
      let one = example.bordered([example.incoming[picture]], channels: layer.outputs)
      tiled.backward(
        outputGradient: one, output: output, input: input, inputGradient: inputGradient,
        pictures: picture..<picture + 1, gradient: gradient, biasGradient: bias.start,
        scratch: scratch)
    }
    let fresh = WinogradConvolution.Gradient(tiled)
    let sums = FloatBuffer(count: layer.outputs)
    tiled.backward(
      outputGradient: outputGradient, output: output, input: input, inputGradient: inputGradient,
      pictures: 1..<3, gradient: fresh, biasGradient: sums.start, scratch: scratch)
    fresh.addTaps(to: weight.start)
    if !dirty {
      let other = FloatBuffer(count: weight.count)
      gradient.addTaps(to: other.start)
      #expect(
        CentralDifferences.error(other.values, weight.values.map { Double($0) }) <= 1e-5)
      #expect(CentralDifferences.error(bias.values, sums.values.map { Double($0) }) <= 1e-5)
    }
    return (
      (0..<2).map { example.inside(inputGradient, $0) }, weight.values, sums.values,
      (0..<2).map { example.inside(outputGradient, $0) }
    )
  }

  @Test(
    arguments: [
      (8, 8, 32, 32), (4, 4, 16, 48), (10, 10, 32, 16), (3, 4, 16, 16), (5, 7, 16, 32),
      (1, 1, 16, 16),
    ], [false, true])
  func `the gradients are those of the specification`(
    shape: (height: Int, width: Int, inputs: Int, outputs: Int), hasResidual: Bool
  ) {
    let example = Example(shape.height, shape.width, shape.inputs, shape.outputs, pictures: 4)
    let found = gradients(of: example, hasResidual: hasResidual)
    func plain(
      _ index: Int, picture: [Double]? = nil, weight: [Double]? = nil, bias: [Double]? = nil,
      residual: [Double]? = nil
    ) -> [Double] {
      example.layer.plain(
        picture: picture ?? example.pictures[index], weight: weight ?? example.weight,
        bias: bias ?? example.bias,
        residual: hasResidual ? residual ?? example.residuals[index] : nil)
    }
    func error(
      _ gradient: [Float], at point: [Double], incoming: [Double],
      _ function: ([Double]) -> [Double]
    ) -> Double {
      CentralDifferences.directionalError(
        of: gradient, at: point, incoming: incoming,
        terms: shape.height * shape.width * shape.outputs, function)
    }
    for index in 1...2 {
      let incoming = example.incoming[index]
      #expect(
        error(found.input[index - 1], at: example.pictures[index], incoming: incoming) {
          plain(index, picture: $0)
        } <= 64)
      if hasResidual {
        #expect(
          error(found.residual[index - 1], at: example.residuals[index], incoming: incoming) {
            plain(index, residual: $0)
          } <= 64)
      }
    }
    let both = example.incoming[1] + example.incoming[2]
    #expect(
      error(found.weight, at: example.weight, incoming: both) {
        plain(1, weight: $0) + plain(2, weight: $0)
      } <= 64)
    #expect(
      error(found.bias, at: example.bias, incoming: both) {
        plain(1, bias: $0) + plain(2, bias: $0)
      } <= 64)
  }

  @Test func `what the memory held before reaches no gradient`() {
    let example = Example(5, 7, 16, 32, pictures: 4)
    let clean = gradients(of: example, hasResidual: true)
    let dirty = gradients(of: example, hasResidual: true, dirty: true)
    #expect(clean.input == dirty.input)
    #expect(clean.weight == dirty.weight)
  }

  @Test func `a picture's bits are the same alone, twice, and in any company`() {
    let example = Example(8, 8, 32, 32, pictures: 5)
    let alone = (0..<5).map { example.outputs(of: [$0], hasResidual: true)[0] }
    for company in [[0, 1, 2, 3, 4], [4, 2], [3, 3, 1], [1, 0, 4, 2]] {
      let together = example.outputs(of: company, hasResidual: true)
      #expect(together == company.map { alone[$0] })
    }
  }

  @Test func `what the scratch memory held before reaches no picture`() {
    let example = Example(5, 7, 16, 16, pictures: 3)
    let expected = example.outputs(of: [0, 1, 2], hasResidual: false)
    let tiled = example.tiled
    let scratch = tiled.scratch(3)
    scratch.start.update(repeating: .nan, count: scratch.count)
    let output = PictureBuffer(dense: 3, height: 5, width: 7, channels: 16)
    tiled.forward(
      input: example.bordered(example.pictures, channels: 16), output: output,
      pictures: 0..<3, scratch: scratch)
    #expect(output.buffer.values == expected.flatMap { $0 })
  }

  @Test func `a residual may be where the output goes, and the border stays zero`() {
    let example = Example(6, 5, 16, 16, pictures: 2)
    let expected = example.outputs(of: [0, 1], hasResidual: true)
    let place = example.bordered(example.residuals, channels: 16)
    let tiled = example.tiled
    tiled.forward(
      input: example.bordered(example.pictures, channels: 16), residual: place, output: place,
      pictures: 0..<2, scratch: tiled.scratch(2))
    let inside = example.bordered(expected.map { $0.map { Double($0) } }, channels: 16)
    #expect(place.buffer.values == inside.buffer.values)
  }

  @Test func `a kernel that copies its middle pixel copies to the last bits`() {
    let layer = Convolution(height: 4, width: 8, inputs: 16, outputs: 16)
    var kernel = [Double](repeating: 0, count: 9 * 16 * 16)
    for channel in 0..<16 { kernel[(4 * 16 + channel) * 16 + channel] = 1 }
    let (weight, bias) = (FloatBuffer(kernel), FloatBuffer(count: 16))
    let picture = CentralDifferences.numbers(4 * 8 * 16, seed: 7).map { abs($0) }
    let expected = layer.plain(
      picture: picture, weight: kernel, bias: [Double](repeating: 0, count: 16))
    #expect(expected == picture)
    let tiled = withExtendedLifetime((weight, bias)) {
      WinogradConvolution(layer, weight: weight.start, bias: bias.start)
    }
    let input = PictureBuffer(bordered: 1, height: 4, width: 8, channels: 16)
    let output = PictureBuffer(dense: 1, height: 4, width: 8, channels: 16)
    for (place, value) in picture.enumerated() {
      input.pixels(of: 0)[place / 128 * input.rowStride + place % 128] = Float(value)
    }
    tiled.forward(
      input: input, output: output, pictures: 0..<1, scratch: tiled.scratch(1))
    // A patch's numbers are of size 4 at most; they come back after two transforms in either direction.
    for (found, expected) in zip(output.buffer.values, picture) {
      #expect(abs(Double(found) - expected) <= 64 * 4 * Double(Float.ulpOfOne))
    }
  }
}

extension WinogradConvolution {
  fileprivate func scratch(_ count: Int) -> FloatBuffer {
    FloatBuffer(count: Self.scratchCount(shape, pictures: count))
  }
}
