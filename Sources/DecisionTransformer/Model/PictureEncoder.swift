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

  init(_ configuration: Configuration, _ layout: ParameterLayout) {
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

  /// What the forward leaves for the backward, for up to `capacity` pictures.
  final class Activations {
    /// Pictures with a border of zeros, `[S × (height + 2) × (width + 2) × channels]`.
    let pictures: FloatBuffer
    /// Outputs of every convolution but the last, with borders.
    let hidden: [FloatBuffer]
    /// Outputs of the last convolution, `[S × F]`.
    let features: FloatBuffer
    let focus: FocusPooling.Activations?

    init(_ encoder: PictureEncoder, capacity: Int) {
      pictures = FloatBuffer(count: capacity * encoder.paddedPictureCount)
      hidden = encoder.layers.dropLast().map {
        FloatBuffer(count: capacity * $0.paddedOutputCount)
      }
      features = FloatBuffer(count: capacity * encoder.featureCount)
      focus = encoder.focus.map { FocusPooling.Activations($0, capacity: capacity) }
    }
  }

  /// Memory of the backward, for up to `capacity` pictures.
  final class Scratch {
    let featureGradient: FloatBuffer
    /// Gradients of ``PlanHead``'s logits, `[S × P × O]`; none where there is no such head.
    let planGradient: FloatBuffer
    /// One picture's gradient before each layer's rectifier, with a border that stays zero.
    let masked: [FloatBuffer]
    /// One picture's gradient of each layer's input but the first's.
    let inputGradients: [FloatBuffer]
    let flipped: [FloatBuffer]

    init(_ encoder: PictureEncoder, capacity: Int) {
      featureGradient = FloatBuffer(count: capacity * encoder.featureCount)
      planGradient = FloatBuffer(
        count: encoder.plan.map { capacity * $0.squares * PlanHead.outputs } ?? 0)
      masked = encoder.layers.map { FloatBuffer(count: $0.paddedOutputCount) }
      inputGradients = encoder.layers.map { FloatBuffer(count: $0.height * $0.width * $0.inputs) }
      flipped = encoder.layers.map { FloatBuffer(count: 9 * $0.inputs * $0.outputs) }
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
    for picture in 0..<count {
      for (index, layer) in layers.enumerated() {
        let input =
          index == 0
          ? activations.pictures.start + picture &* layer.paddedInputCount
          : activations.hidden[index - 1].start + picture &* layer.paddedInputCount
        let place = outputPlace(of: index, picture: picture, activations)
        let skipped = ends(index) ? outputPlace(of: index - 2, picture: picture, activations) : nil
        layer.forward(
          input: input, weight: weights + offsets[index].weight,
          bias: weights + offsets[index].bias,
          residual: skipped.map { UnsafePointer($0.start) }, output: place.start,
          outputRow: place.row)
      }
    }
    readOut(
      features: activations.features.start, weights: weights, focus: activations.focus,
      output: output, count: count)
  }

  /// `output ← readout(features)`, `[S × F]` to `[S × C]`, with what ``FocusPooling`` adds.
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
    for (index, layer) in layers.enumerated() where index > 0 {
      layer.flip(weight: weights + offsets[index].weight, into: scratch.flipped[index].start)
    }
    for picture in 0..<count {
      var gradient = UnsafePointer(scratch.featureGradient.start) + picture &* featureCount
      for (index, layer) in layers.enumerated().reversed() {
        let input =
          index == 0
          ? activations.pictures.start + picture &* layer.paddedInputCount
          : activations.hidden[index - 1].start + picture &* layer.paddedInputCount
        let place = outputPlace(of: index, picture: picture, activations)
        layer.backward(
          outputGradient: gradient, outputGradientRow: width &* layer.outputs,
          output: place.start, outputRow: place.row, input: input,
          masked: scratch.masked[index].start, flippedWeight: scratch.flipped[index].start,
          inputGradient: index == 0 ? nil : scratch.inputGradients[index].start,
          inputGradientRow: width &* layer.inputs,
          weightGradient: gradients + offsets[index].weight,
          biasGradient: gradients + offsets[index].bias)
        gradient = UnsafePointer(scratch.inputGradients[index].start)
        if begins(index) {
          layers[index + 1].addInside(
            of: scratch.masked[index + 1].start, to: scratch.inputGradients[index].start)
        }
      }
    }
  }

  /// Where a layer's output of one picture lies: its first pixel, and the elements from row to row.
  private func outputPlace(
    of index: Int, picture: Int, _ activations: Activations
  ) -> (start: UnsafeMutablePointer<Float>, row: Int) {
    let layer = layers[index]
    guard index < layers.count - 1 else {
      return (activations.features.start + picture &* featureCount, width &* layer.outputs)
    }
    let start = activations.hidden[index].start + picture &* layer.paddedOutputCount
    return (start + layer.firstOutputPixel, layer.paddedOutputRow)
  }
}
