internal import Numerics

// Dimension key — S: pictures · F: features of the last convolution (height · width · channels) · C: width.

/// Pictures to state embeddings: 3 × 3 convolutions with rectifiers, residual blocks of two more, then one linear layer
/// over all features, and what ``FocusPooling`` adds to it.
struct PictureEncoder: Sendable {
  /// Rows and columns of what the convolutions see: the picture, or the picture without its ring.
  let height: Int
  let width: Int
  let channels: Int
  /// How many squares at each edge of the picture are left out.
  let ring: Int
  let focus: FocusPooling?
  let plan: PlanHead?
  /// All convolutions in order, two of each residual block included.
  let layers: [Convolution]
  /// The number of convolutions before the first block.
  let stemCount: Int
  /// Where the convolutions' parameters lie.
  let offsets: [ParameterLayout.Pair]
  private let readout: ParameterLayout.Pair
  private let embeddingWidth: Int

  init(_ configuration: PolicyConfiguration, _ layout: ParameterLayout) {
    let ring = configuration.encoder.trimsRing ? 1 : 0
    let (height, width) = (
      configuration.pictureHeight - 2 * ring, configuration.pictureWidth - 2 * ring
    )
    self.ring = ring
    self.height = height
    self.width = width
    channels = configuration.pictureChannels
    var inputs = channels
    let stem = configuration.encoder.channels
    stemCount = stem.count
    let blocks = Array(
      repeating: stem[stem.count - 1], count: 2 * configuration.encoder.residualBlocks)
    layers = (stem + blocks).map { outputs in
      defer { inputs = outputs }
      return Convolution(height: height, width: width, inputs: inputs, outputs: outputs)
    }
    offsets = layout.convolutions
    readout = layout.readout
    embeddingWidth = configuration.width
    let features = stem[stem.count - 1]
    focus = layout.focus.map {
      FocusPooling(
        squares: height * width, channels: features, width: configuration.width, $0)
    }
    plan = layout.plan.map { PlanHead(squares: height * width, channels: features, $0) }
  }

  /// Numbers of a picture with its border.
  var paddedPictureCount: Int { layers[0].paddedInputCount }
  /// Numbers that the linear layer reads (F).
  var featureCount: Int { height * width * layers[layers.count - 1].outputs }

  /// Whether a layer is the first or the second of a residual block.
  private func begins(_ index: Int) -> Bool {
    index >= stemCount && (index - stemCount).isMultiple(of: 2)
  }
  func ends(_ index: Int) -> Bool { index > stemCount && begins(index - 1) }

  /// How many pictures go through the convolutions together: what lies between two convolutions then stays in a core's
  /// second cache beside the weights.
  static let picturesTogether = 8

  /// What the forward leaves for the backward, for up to `capacity` pictures.
  final class Activations {
    /// Pictures with a border of zeros, `[S × (height + 2) × (width + 2) × channels]`.
    let pictures: FloatBuffer
    /// Outputs of every convolution; those of the last are the features.
    let outputs: [PictureBuffer]
    /// `[S × F]`.
    let features: FloatBuffer
    let focus: FocusPooling.Activations?
    /// All convolutions but the first, with the weights of the forward.
    fileprivate(set) var convolutions: [WinogradConvolution] = []
    fileprivate let scratch: FloatBuffer

    init(_ encoder: PictureEncoder, capacity: Int) {
      pictures = FloatBuffer(count: capacity * encoder.paddedPictureCount)
      let last = encoder.layers[encoder.layers.count - 1]
      let features = PictureBuffer(
        dense: capacity, height: last.height, width: last.width, channels: last.outputs)
      outputs =
        encoder.layers.dropLast().map {
          PictureBuffer(
            bordered: capacity, height: $0.height, width: $0.width, channels: $0.outputs)
        } + [features]
      self.features = features.buffer
      focus = encoder.focus.map { FocusPooling.Activations($0, capacity: capacity) }
      scratch = encoder.makeScratch()
    }
  }

  /// Memory of the backward, for up to `capacity` pictures.
  final class Scratch {
    let featureGradient: FloatBuffer
    /// Gradients of ``PlanHead``'s logits, `[S × P × O]`; none where there is no such head.
    let planGradient: FloatBuffer
    /// The gradient of every convolution's output, of ``picturesTogether`` pictures. The blocks share three: a block's
    /// input, what lies between its convolutions, and its output.
    fileprivate let gradients: [PictureBuffer]
    fileprivate let scratch: FloatBuffer

    init(_ encoder: PictureEncoder, capacity: Int) {
      featureGradient = FloatBuffer(count: capacity * encoder.featureCount)
      planGradient = FloatBuffer(
        count: encoder.plan.map { capacity * $0.squares * PlanHead.outputs } ?? 0)
      var gradients: [PictureBuffer] = []
      for (index, layer) in encoder.layers.enumerated() {
        gradients.append(
          index >= encoder.stemCount + 2
            ? gradients[index - 3]
            : PictureBuffer(
              bordered: PictureEncoder.picturesTogether, height: layer.height, width: layer.width,
              channels: layer.outputs))
      }
      self.gradients = gradients
      scratch = encoder.makeScratch()
    }
  }

  /// Memory of the convolutions for ``picturesTogether`` pictures.
  private func makeScratch() -> FloatBuffer {
    FloatBuffer(
      count: layers.dropFirst().map {
        WinogradConvolution.scratchCount($0, pictures: Self.picturesTogether)
      }.max() ?? 0)
  }

  /// All convolutions but the first, whose inputs are too few for tiles.
  func convolutions(weights: UnsafePointer<Float>) -> [WinogradConvolution] {
    zip(layers, offsets).dropFirst().map { layer, offsets in
      WinogradConvolution(layer, weight: weights + offsets.weight, bias: weights + offsets.bias)
    }
  }

  /// Writes a picture of bytes, `[rows × columns × channels]`, as numbers from 0 to 1 inside the border of picture
  /// `index`, without the ring that is left out.
  func place(_ bytes: UnsafePointer<UInt8>, at index: Int, in activations: Activations) {
    place(bytes, into: activations.pictures.start + index &* paddedPictureCount)
  }

  /// Writes a picture of bytes as numbers from 0 to 1 inside the border of one padded picture.
  func place(_ bytes: UnsafePointer<UInt8>, into start: UnsafeMutablePointer<Float>) {
    let row = width &* channels
    for line in 0..<height {
      let to = start + (((line &+ 1) &* (width &+ 2) &+ 1) &* channels)
      let from = bytes + ((line &+ ring) &* (width &+ 2 &* ring) &+ ring) &* channels
      for place in 0..<row { to[place] = Float(from[place]) * (1 / 255) }
    }
  }

  /// `output ← readout(convolutions(pictures))`, `[S × C]`.
  func forward(
    weights: UnsafePointer<Float>, activations: Activations, output: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    activations.convolutions = convolutions(weights: weights)
    forEachGroup(of: count) { range in
      for picture in range {
        convolveFirst(
          activations.pictures.start + picture &* paddedPictureCount, weights: weights,
          output: activations.outputs[0], at: picture)
      }
      convolve(
        range, by: activations.convolutions, outputs: activations.outputs,
        scratch: activations.scratch)
    }
    readOut(
      features: activations.features.start, weights: weights, focus: activations.focus,
      output: output, count: count)
  }

  /// Calls `body` with ``picturesTogether`` pictures after the others.
  private func forEachGroup(of count: Int, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: count, by: Self.picturesTogether) {
      body(start..<min(start + Self.picturesTogether, count))
    }
  }

  /// The first convolution of one padded picture.
  func convolveFirst(
    _ picture: UnsafePointer<Float>, weights: UnsafePointer<Float>, output: PictureBuffer,
    at place: Int
  ) {
    layers[0].forward(
      input: picture, weight: weights + offsets[0].weight, bias: weights + offsets[0].bias,
      output: output.pixels(of: place), outputRow: output.rowStride)
  }

  /// The other convolutions of the pictures in `range`; the first one's outputs are there.
  func convolve(
    _ range: Range<Int>, by convolutions: [WinogradConvolution], outputs: [PictureBuffer],
    scratch: FloatBuffer
  ) {
    for (index, convolution) in convolutions.enumerated() {
      // `index` counts from the second layer.
      convolution.forward(
        input: outputs[index], residual: ends(index + 1) ? outputs[index - 1] : nil,
        output: outputs[index + 1], pictures: range, scratch: scratch)
    }
  }

  /// `output ← readout(features)`, `[S × F]` to `[S × C]`, with what `FocusPooling` adds.
  func readOut(
    features: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    focus memory: FocusPooling.Activations?, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    Linear.forward(
      input: features, weight: weights + readout.weight, bias: weights + readout.bias,
      output: output, rows: count, inputs: featureCount, outputs: embeddingWidth)
    if let focus, let memory {
      focus.forward(
        features: features, weights: weights, activations: memory, output: output, count: count)
    }
  }

  /// The backward of ``forward(weights:activations:output:count:)``; adds to `gradients`.
  ///
  /// - Parameters:
  ///   - outputGradient: `[S × C]`, rows `outputStride` apart.
  ///   - outputStride: At least the width.
  ///   - weights: The parameters of the forward.
  ///   - activations: Those of the forward.
  ///   - scratch: With the gradients of the plan's logits, where `learnsPlan`.
  ///   - learnsPlan: Whether they count.
  ///   - gradients: As long as the weights.
  ///   - count: The number of pictures.
  func backward(
    outputGradient: UnsafePointer<Float>, outputStride: Int, weights: UnsafePointer<Float>,
    activations: Activations, scratch: Scratch, learnsPlan: Bool = false,
    gradients: UnsafeMutablePointer<Float>, count: Int
  ) {
    Linear.backward(
      outputGradient: outputGradient, outputStride: outputStride,
      input: activations.features.start, weight: weights + readout.weight,
      inputGradient: scratch.featureGradient.start, weightGradient: gradients + readout.weight,
      biasGradient: gradients + readout.bias, rows: count, inputs: featureCount,
      outputs: embeddingWidth)
    if let focus, let memory = activations.focus {
      focus.backward(
        outputGradient: outputGradient, outputStride: outputStride,
        features: activations.features.start, weights: weights, activations: memory,
        featureGradient: scratch.featureGradient.start, gradients: gradients, count: count)
    }
    if learnsPlan, let plan {
      plan.backward(
        logitGradients: scratch.planGradient.start, features: activations.features.start,
        weights: weights, featureGradient: scratch.featureGradient.start, gradients: gradients,
        count: count)
    }
    let sums = activations.convolutions.map(WinogradConvolution.Gradient.init)
    forEachGroup(of: count) { range in
      convolveBackward(range, activations, scratch, sums: sums, gradients: gradients)
    }
    for (sum, offsets) in zip(sums, offsets.dropFirst()) {
      sum.addTaps(to: gradients + offsets.weight)
    }
  }

  /// The backward of all convolutions for the pictures in `range`.
  private func convolveBackward(
    _ range: Range<Int>, _ activations: Activations, _ scratch: Scratch,
    sums: [WinogradConvolution.Gradient], gradients: UnsafeMutablePointer<Float>
  ) {
    let features = scratch.gradients[layers.count - 1]
    let row = width &* features.channels
    for picture in range {
      let from = scratch.featureGradient.start + picture &* featureCount
      for line in 0..<height {
        (features.pixels(of: picture &- range.lowerBound) + line &* features.rowStride)
          .update(from: from + line &* row, count: row)
      }
    }
    for (index, convolution) in activations.convolutions.enumerated().reversed() {
      // `index` counts from the second layer, as the inputs do from the first.
      convolution.backward(
        outputGradient: scratch.gradients[index + 1], output: activations.outputs[index + 1],
        input: activations.outputs[index], inputGradient: scratch.gradients[index],
        skipped: begins(index + 1) ? scratch.gradients[index + 2] : nil, pictures: range,
        gradient: sums[index], biasGradient: gradients + offsets[index + 1].bias,
        scratch: scratch.scratch)
    }
    for picture in range {
      let (gradient, output) = (scratch.gradients[0], activations.outputs[0])
      layers[0].backward(
        outputGradient: gradient.pixels(of: picture &- range.lowerBound),
        outputGradientRow: gradient.rowStride, output: output.pixels(of: picture),
        outputRow: output.rowStride,
        input: activations.pictures.start + picture &* paddedPictureCount,
        weightGradient: gradients + offsets[0].weight, biasGradient: gradients + offsets[0].bias)
    }
  }
}
