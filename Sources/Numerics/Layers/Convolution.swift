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
  /// From one row of a padded output picture to the next, and from its start to its first pixel.
  package var paddedOutputRow: Int { (width + 2) * outputs }
  package var firstOutputPixel: Int { paddedOutputRow + outputs }

  /// `output ← max(0, convolution(input) + bias (+ residual))`.
  ///
  /// Shapes:
  /// - input: The padded picture.
  /// - weight: `[3 × 3 × I × O]`: row, column, input, output.
  /// - bias: `[O]`.
  /// - residual: The first pixel of a padded picture of O channels, or nil.
  /// - output: The first pixel of the output, whose rows lie `outputRow` elements apart.
  package func forward(
    input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    residual: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>, outputRow: Int
  ) {
    let inputRow = (width &+ 2) &* inputs
    let shape = SmallProduct.Shape(
      rows: width, columns: outputs, inner: 3 &* inputs, leftRow: inputs,
      right: outputs, result: outputs,
      segments: 3, leftSegment: inputRow, rightSegment: 3 &* inputs &* outputs)
    for row in 0..<height {
      let to = output + row &* outputRow
      multiply(input + row &* inputRow, weight, into: to, shape: shape)
      if let residual {
        Self.add(residual + row &* paddedOutputRow, to: to, count: width &* outputs)
      }
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

  /// The backward of ``forward(input:weight:bias:residual:output:outputRow:)``.
  ///
  /// The residual's gradient is what `masked` holds afterwards.
  ///
  /// Shapes:
  /// - outputGradient: The gradient of the output, rows `outputGradientRow` apart.
  /// - masked: A padded picture of O channels whose border is zero; its inside is overwritten with the
  ///   gradient before the rectifier.
  /// - inputGradient: The first pixel of the input's gradient, rows `inputGradientRow` apart;
  ///   overwritten. Nil when nobody asks (the first layer).
  /// - flippedWeight: `[3 × 3 × O × I]` from ``flip(weight:into:)``; read only with an input gradient.
  /// - weightGradient, biasGradient: Added to.
  /// - Precondition: With an input gradient, `inputs` is a multiple of 16.
  package func backward(
    outputGradient: UnsafePointer<Float>, outputGradientRow: Int,
    output: UnsafePointer<Float>, outputRow: Int,
    input: UnsafePointer<Float>, masked: UnsafeMutablePointer<Float>,
    flippedWeight: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>?, inputGradientRow: Int,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    let inputRow = (width &+ 2) &* inputs
    let maskedRow = paddedOutputRow
    for row in 0..<height {
      let to = masked + ((row &+ 1) &* maskedRow &+ outputs)
      let from = outputGradient + row &* outputGradientRow
      let value = output + row &* outputRow
      var index = 0
      while index < width &* outputs {
        Vector(at: from + index)
          .replacing(with: 0, where: Vector(at: value + index) .<= Vector.zero).store(
            to: to + index)
        index &+= 16
      }
      Linear.addColumnSums(of: to, stride: outputs, rows: width, columns: outputs, to: biasGradient)
    }
    // The weights' gradient: for each row of the patch, (patch row)ᵀ · gradient, summed over the rows of
    // the picture as segments.
    for patchRow in 0..<3 {
      multiply(
        input + patchRow &* inputRow, masked + (maskedRow &+ outputs),
        into: weightGradient + patchRow &* 3 &* inputs &* outputs,
        shape: .init(
          rows: 3 &* inputs, columns: outputs, inner: width, leftRow: 1, leftInner: inputs,
          right: outputs, result: outputs,
          segments: height, leftSegment: inputRow, rightSegment: maskedRow),
        accumulating: true)
    }
    guard let inputGradient else { return }
    // The input's gradient is the convolution of the gradient with the weights turned by 180°.
    let shape = SmallProduct.Shape(
      rows: width, columns: inputs, inner: 3 &* outputs, leftRow: outputs,
      right: inputs, result: inputs,
      segments: 3, leftSegment: maskedRow, rightSegment: 3 &* outputs &* inputs)
    for row in 0..<height {
      multiply(
        masked + row &* maskedRow, flippedWeight, into: inputGradient + row &* inputGradientRow,
        shape: shape)
    }
  }

  /// A product in the tiles that a row of the picture fills.
  @inline(__always)
  private func multiply(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, shape: SmallProduct.Shape, accumulating: Bool = false
  ) {
    if width.isMultiple(of: 8) {
      SmallProduct.multiplyEights(
        left, right, into: result, shape: shape, accumulating: accumulating)
    } else {
      SmallProduct.multiply(left, right, into: result, shape: shape, accumulating: accumulating)
    }
  }

  /// Adds what is inside the border of a padded output picture to `other`, `[H × W × O]`.
  package func addInside(of padded: UnsafePointer<Float>, to other: UnsafeMutablePointer<Float>) {
    let count = width &* outputs
    for row in 0..<height {
      let from = padded + (firstOutputPixel &+ row &* paddedOutputRow)
      Self.add(from, to: other + row &* count, count: count)
    }
  }

  /// Adds a row of pixels to another.
  @inline(__always)
  private static func add(
    _ pixels: UnsafePointer<Float>, to other: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index < count {
      (Vector(at: pixels + index) + Vector(at: other + index)).store(to: other + index)
      index &+= 16
    }
  }

  /// Turns `weight`, `[3 × 3 × I × O]`, by 180° and swaps its channels: `[3 × 3 × O × I]`.
  package func flip(weight: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>) {
    for place in 0..<9 {
      let from = weight + place &* inputs &* outputs
      let to = flipped + (8 &- place) &* inputs &* outputs
      for input in 0..<inputs {
        for output in 0..<outputs {
          to[output &* inputs &+ input] = from[input &* outputs &+ output]
        }
      }
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
