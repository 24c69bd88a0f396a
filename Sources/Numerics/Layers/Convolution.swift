// Dimension key — H × W: the picture · I: input channels · O: output channels.
// A padded picture is [(H + 2) × (W + 2) × channels] with a border of zeros, channels last.

/// A 3 × 3 convolution with a border of one zero, stride 1, over pictures with channels last.
///
/// A patch's three pixels of one row lie side by side in memory, so each of the three rows of a patch is one
/// segment of a small matrix product, and nothing is copied.
package struct Convolution: Sendable {
  /// Rows and columns of the picture.
  package let height: Int
  package let width: Int
  /// Channels of the input and of the output; the outputs are a multiple of 16.
  package let inputs: Int
  package let outputs: Int

  /// A convolution of pictures of one size.
  ///
  /// - Precondition: `outputs` is a multiple of 16.
  package init(height: Int, width: Int, inputs: Int, outputs: Int) {
    precondition(outputs % 16 == 0, "a convolution has a multiple of 16 outputs, not \(outputs)")
    self.height = height
    self.width = width
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Elements of a padded input picture.
  package var paddedInputCount: Int { (height + 2) * (width + 2) * inputs }
  /// Elements of a padded output picture.
  package var paddedOutputCount: Int { (height + 2) * (width + 2) * outputs }

  /// `output ← max(0, convolution(input) + bias)`.
  ///
  /// Shapes:
  /// - input: The padded picture.
  /// - weight: `[3 × 3 × I × O]`: row, column, input, output.
  /// - bias: `[O]`.
  /// - output: The first pixel of the output, whose rows lie `outputRow` elements apart.
  package func forward(
    input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputRow: Int
  ) {
    let inputRow = (width &+ 2) &* inputs
    let shape = TiledProduct.Shape(
      rows: width, columns: outputs, inner: 3 &* inputs, leftRow: inputs,
      right: outputs, result: outputs,
      segments: 3, leftSegment: inputRow, rightSegment: 3 &* inputs &* outputs)
    for row in 0..<height {
      let to = output + row &* outputRow
      multiply(input + row &* inputRow, weight, into: to, shape: shape)
      for pixel in 0..<width {
        var channel = 0
        while channel < outputs {
          let address = to + (pixel &* outputs &+ channel)
          (Vector(at: address) + Vector(at: bias + channel)).maximum(.zero).store(to: address)
          channel &+= 16
        }
      }
    }
  }

  /// The gradients of weights and bias; the one of the input, which is asked for behind the first layer alone, is
  /// ``WinogradConvolution``'s to make.
  ///
  /// - Parameters:
  ///   - outputGradient: The gradient of the output, rows `outputGradientRow` apart. What the rectifier held back is
  ///     set to zero.
  ///   - outputGradientRow: At least W · O.
  ///   - output: That of the forward, rows `outputRow` apart.
  ///   - outputRow: At least W · O.
  ///   - input: The padded picture.
  ///   - weightGradient: `[3 × 3 × I × O]`; added to.
  ///   - biasGradient: `[O]`; added to.
  package func backward(
    outputGradient: UnsafeMutablePointer<Float>, outputGradientRow: Int,
    output: UnsafePointer<Float>, outputRow: Int, input: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    let inputRow = (width &+ 2) &* inputs
    for row in 0..<height {
      let gradient = outputGradient + row &* outputGradientRow
      let value = output + row &* outputRow
      var index = 0
      while index < width &* outputs {
        Vector(at: UnsafePointer(gradient + index))
          .replacing(with: 0, where: Vector(at: value + index) .<= Vector.zero).store(
            to: gradient + index)
        index &+= 16
      }
      Linear.addColumnSums(
        of: gradient, stride: outputs, rows: width, columns: outputs, to: biasGradient)
    }
    // For each row of the patch, (patch row)ᵀ · gradient, summed over the rows of the picture as segments.
    for patchRow in 0..<3 {
      multiply(
        input + patchRow &* inputRow, outputGradient,
        into: weightGradient + patchRow &* 3 &* inputs &* outputs,
        shape: .init(
          rows: 3 &* inputs, columns: outputs, inner: width, leftRow: 1, leftInner: inputs,
          right: outputs, result: outputs,
          segments: height, leftSegment: inputRow, rightSegment: outputGradientRow),
        accumulating: true)
    }
  }

  /// A product in the tiles that a row of the picture fills.
  @inline(__always)
  private func multiply(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, shape: TiledProduct.Shape, accumulating: Bool = false
  ) {
    if width.isMultiple(of: 8) {
      TiledProduct.multiplyEights(
        left, right, into: result, shape: shape, accumulating: accumulating)
    } else {
      TiledProduct.multiply(left, right, into: result, shape: shape, accumulating: accumulating)
    }
  }

  /// The specification of the forward in double precision: the sums as the definition has them.
  ///
  /// Shapes:
  /// - picture: `[H × W × I]`, without a border.
  /// - residual: `[H × W × O]`, or nil.
  /// - Returns: `[H × W × O]`.
  package func plain(
    picture: [Double], weight: [Double], bias: [Double], residual: [Double]? = nil
  ) -> [Double] {
    var result: [Double] = []
    for place in 0..<height * width * outputs {
      let (pixel, output) = place.quotientAndRemainder(dividingBy: outputs)
      let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
      var sum = bias[output] + (residual?[place] ?? 0)
      for patch in 0..<9 {
        let (y, x) = (row + patch / 3 - 1, column + patch % 3 - 1)
        guard y >= 0, y < height, x >= 0, x < width else { continue }
        for input in 0..<inputs {
          sum +=
            picture[(y * width + x) * inputs + input]
            * weight[(patch * inputs + input) * outputs + output]
        }
      }
      result.append(max(0, sum))
    }
    return result
  }
}
