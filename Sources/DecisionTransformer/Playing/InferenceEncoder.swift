internal import Numerics

// Dimension key — S: pictures · F: features of the last convolution (height · width · channels) · C: width.

/// A policy's ``PictureEncoder`` as it plays: forward only, several pictures at a time, every convolution but the first
/// by tiles (``WinogradConvolution``), with weights that are transformed once.
///
/// Only roundings lie between its embeddings and those of training. An embedding has the same bits whatever pictures it
/// is made with. No edit changes the encoder, so that one serves all edits of a policy.
final class InferenceEncoder: Sendable {
  /// The parameters of the policy, which its edits share.
  let parameters: FloatBuffer
  /// C.
  let embeddingWidth: Int
  /// Bytes of a picture.
  let pictureCount: Int
  private let encoder: PictureEncoder
  /// All convolutions but the first, whose inputs are too few for tiles.
  private let convolutions: [WinogradConvolution]

  /// How many pictures are encoded together at most. From 2 to 16 are equally fast; with 8 × 8 pictures of 32 channels
  /// what lies between two convolutions of 8 stays in a core's second cache (1 MB) beside the weights. Larger ones may be
  /// fewer, so that a thread needs no more than ``threadMemory`` where that is possible.
  let picturesTogether: Int

  /// About how many bytes a thread may need.
  private static let threadMemory = 1 << 26

  /// The encoder of `policy`, edited or not.
  init(of policy: Policy) {
    parameters = policy.parameters
    embeddingWidth = policy.configuration.width
    pictureCount = policy.configuration.pictureCount
    encoder = policy.network.encoder
    let weights = UnsafePointer(policy.parameters.start)
    convolutions = encoder.convolutions(weights: weights)
    let elements =
      (convolutions.map { WinogradConvolution.scratchCount($0.shape, pictures: 1) }.max() ?? 0)
      + 3 * (encoder.layers.map(\.paddedOutputCount).max() ?? 0)
    picturesTogether = min(
      PictureEncoder.picturesTogether, max(1, Self.threadMemory / (4 * max(1, elements))))
  }

  /// A thread's memory for ``picturesTogether`` pictures.
  final class Memory {
    /// One picture with its border.
    fileprivate let picture: FloatBuffer
    /// The output of every convolution; the blocks share theirs.
    fileprivate let outputs: [PictureBuffer]
    fileprivate let scratch: FloatBuffer
    fileprivate let focus: FocusPooling.Activations?
    /// `[S × C]`.
    let embeddings: FloatBuffer

    init(_ network: InferenceEncoder) {
      let capacity = network.picturesTogether
      let encoder = network.encoder
      picture = FloatBuffer(count: encoder.paddedPictureCount)
      var outputs: [PictureBuffer] = []
      for (index, layer) in encoder.layers.enumerated() {
        if index == encoder.layers.count - 1 {
          outputs.append(
            PictureBuffer(
              dense: capacity, height: layer.height, width: layer.width, channels: layer.outputs))
        } else if index >= encoder.stemCount + 1 {
          // A block's second output takes the place of its input, which is the residual and no longer needed; the
          // first outputs of all blocks share one place.
          outputs.append(outputs[index - 2])
        } else {
          outputs.append(
            PictureBuffer(
              bordered: capacity, height: layer.height, width: layer.width,
              channels: layer.outputs))
        }
      }
      self.outputs = outputs
      scratch = FloatBuffer(
        count: network.convolutions.map {
          WinogradConvolution.scratchCount($0.shape, pictures: capacity)
        }.max() ?? 0)
      focus = encoder.focus.map { FocusPooling.Activations($0, capacity: 1) }
      embeddings = FloatBuffer(count: capacity * network.embeddingWidth)
    }
  }

  /// Leaves the embeddings of `pictures`, `[rows × columns × channels]` each, in `memory.embeddings`.
  ///
  /// - Precondition: There are at most ``picturesTogether``, and each has as many bytes as the policy's pictures.
  func encode(_ pictures: some Sequence<[UInt8]>, memory: Memory) {
    let weights = UnsafePointer(parameters.start)
    var count = 0
    for picture in pictures {
      precondition(count < picturesTogether, "more than \(picturesTogether) pictures at a time")
      precondition(
        picture.count == pictureCount, "a picture of \(picture.count) bytes, not \(pictureCount)")
      picture.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        encoder.place(start, into: memory.picture.start)
      }
      encoder.convolveFirst(
        memory.picture.start, weights: weights, output: memory.outputs[0], at: count)
      count += 1
    }
    encoder.convolve(
      0..<count, by: convolutions, outputs: memory.outputs, scratch: memory.scratch)
    let features = memory.outputs[memory.outputs.count - 1]
    for index in 0..<count {
      // One by one: in a product of several rows BLAS may round a row's last bit differently.
      encoder.readOut(
        features: features.pixels(of: index), weights: weights, focus: memory.focus,
        output: memory.embeddings.start + index * embeddingWidth, count: 1)
    }
  }
}
