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
        output: output, count: chosen.count,
        scratch: FloatBuffer(count: tiled.scratchCount(chosen.count)))
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
    let scratch = FloatBuffer(count: tiled.scratchCount(3))
    scratch.start.update(repeating: .nan, count: scratch.count)
    let output = PictureBuffer(dense: 3, height: 5, width: 7, channels: 16)
    tiled.forward(
      input: example.bordered(example.pictures, channels: 16), output: output, count: 3,
      scratch: scratch)
    #expect(output.buffer.values == expected.flatMap { $0 })
  }

  @Test func `a residual may be where the output goes, and the border stays zero`() {
    let example = Example(6, 5, 16, 16, pictures: 2)
    let expected = example.outputs(of: [0, 1], hasResidual: true)
    let place = example.bordered(example.residuals, channels: 16)
    let tiled = example.tiled
    tiled.forward(
      input: example.bordered(example.pictures, channels: 16), residual: place, output: place,
      count: 2, scratch: FloatBuffer(count: tiled.scratchCount(2)))
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
      input: input, output: output, count: 1,
      scratch: FloatBuffer(count: tiled.scratchCount(1)))
    // A patch's numbers are of size 4 at most; they come back after two transforms in either direction.
    for (found, expected) in zip(output.buffer.values, picture) {
      #expect(abs(Double(found) - expected) <= 64 * 4 * Double(Float.ulpOfOne))
    }
  }
}
