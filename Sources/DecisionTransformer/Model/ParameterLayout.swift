internal import Numerics

/// Where every tensor of a model lies in one flat buffer, so that gradients, optimiser and clipping are plain loops.
struct ParameterLayout: Sendable {
  /// How a tensor starts before training.
  enum Start: Sendable {
    case zero, one
    case normal(deviation: Double)
  }

  /// One tensor.
  struct Tensor: Sendable {
    /// The name in a checkpoint.
    let name: String
    /// The dimensions in memory, outermost first.
    let shape: [Int]
    /// Whether a checkpoint holds the transpose.
    let isStoredTransposed: Bool
    /// The first element in the buffer: a multiple of 16.
    let offset: Int
    let start: Start
    /// How many hidden matrices of equal width lie side by side in the tensor: none in an embedding, a bias, a norm or
    /// the head, three in the projection to queries, keys and values.
    let hiddenMatrices: Int

    var count: Int { shape.reduce(1, *) }
    /// Weight decay is for matrices; biases and normalisation gains are free (Loshchilov & Hutter 2019, as GPT-2 does).
    var decays: Bool { shape.count > 1 }
  }

  /// A matrix between two hidden layers, `[rows × columns]`, its rows `stride` elements apart.
  struct HiddenMatrix: Sendable {
    let offset: Int
    let stride: Int
    let rows: Int
    let columns: Int
  }

  /// Offsets of one affine map or normalisation.
  struct Pair: Sendable {
    let weight: Int
    let bias: Int
  }

  /// Offsets of ``FocusPooling``.
  struct Focus: Sendable {
    let heads: Int
    let scores: Int
    let readout: Int
  }

  /// Offsets of one block.
  struct Block: Sendable {
    let attentionNorm: Pair
    let attention: Pair
    let attentionOutput: Pair
    let mlpNorm: Pair
    let mlpInput: Pair
    let mlpOutput: Pair
  }

  let tensors: [Tensor]
  /// Elements of the buffer, gaps for alignment included.
  let count: Int
  let time: Int
  let returns: Pair
  let action: Int
  /// All of the encoder's convolutions, two of each residual block included.
  let convolutions: [Pair]
  let readout: Pair
  let focus: Focus?
  let plan: Pair?
  let blocks: [Block]
  let finalNorm: Pair
  let head: Pair

  /// Lays out the tensors of a model with these sizes.
  ///
  /// - Precondition: The configuration is valid.
  init(_ configuration: PolicyConfiguration) {
    var tensors: [Tensor] = []
    var count = 0
    func add(
      _ name: String, _ shape: [Int], _ start: Start, isStoredTransposed: Bool = false,
      hiddenMatrices: Int = 0
    ) -> Int {
      let tensor = Tensor(
        name: name, shape: shape, isStoredTransposed: isStoredTransposed, offset: count,
        start: start, hiddenMatrices: hiddenMatrices)
      tensors.append(tensor)
      count += (tensor.count + 15) & ~15
      return tensor.offset
    }
    func pair(
      _ name: String, _ shape: [Int], bias: Int, _ start: Start, hiddenMatrices: Int = 0
    ) -> Pair {
      Pair(
        weight: add("\(name).weight", shape, start, hiddenMatrices: hiddenMatrices),
        bias: add("\(name).bias", [bias], .zero))
    }
    func norm(_ name: String, _ width: Int) -> Pair { pair(name, [width], bias: width, .one) }
    func hidden(
      _ name: String, _ shape: [Int], bias: Int, _ start: Start, matrices: Int = 1
    ) -> Pair {
      pair(name, shape, bias: bias, start, hiddenMatrices: matrices)
    }

    let width = configuration.width
    // GPT-2's deviations: 0.02, and less for what is added to the residual stream 2 · layers times.
    let plain = Start.normal(deviation: 0.02)
    let residual = Start.normal(deviation: 0.02 / Double(2 * configuration.layers).squareRoot())
    time = add("embed_timestep.weight", [configuration.maximumSteps, width], plain)
    returns = pair("embed_return", [width, 1], bias: width, plain)
    action = add(
      "embed_action.weight", [configuration.actions, width], plain, isStoredTransposed: true)
    var inputs = configuration.pictureChannels
    var convolutions: [Pair] = []
    for (index, outputs) in configuration.encoder.channels.enumerated() {
      // He's deviation for rectifiers (arXiv:1502.01852).
      let start = Start.normal(deviation: (2 / Double(9 * inputs)).squareRoot())
      convolutions.append(
        hidden("embed_state.convolutions.\(index)", [3, 3, inputs, outputs], bias: outputs, start))
      inputs = outputs
    }
    for block in 0..<configuration.encoder.residualBlocks {
      let name = "embed_state.blocks.\(block)"
      let start = Start.normal(deviation: (2 / Double(9 * inputs)).squareRoot())
      convolutions.append(hidden("\(name).0", [3, 3, inputs, inputs], bias: inputs, start))
      // A block begins as the identity (Fixup, arXiv:1901.09321), so that depth needs no normalisation.
      convolutions.append(hidden("\(name).1", [3, 3, inputs, inputs], bias: inputs, .zero))
    }
    self.convolutions = convolutions
    let encoder = configuration.encoder
    let ring = encoder.trimsRing ? 2 : 0
    let features =
      (configuration.pictureHeight - ring) * (configuration.pictureWidth - ring) * inputs
    readout = hidden(
      "embed_state.readout", [features, width], bias: width,
      .normal(deviation: (1 / Double(features)).squareRoot()))
    focus =
      encoder.focusHeads == 0
      ? nil
      : Focus(
        heads: encoder.focusHeads,
        scores: add(
          "embed_state.focus.scores.weight", [encoder.focusHeads, inputs],
          .normal(deviation: (1 / Double(inputs)).squareRoot())),
        readout: add(
          "embed_state.focus.readout.weight", [encoder.focusHeads * inputs, width],
          .normal(deviation: (1 / Double(encoder.focusHeads * inputs)).squareRoot()),
          hiddenMatrices: 1))
    plan =
      encoder.readsPlan
      ? pair("predict_plan", [inputs, PlanHead.outputs], bias: PlanHead.outputs, plain) : nil
    blocks = (0..<configuration.layers).map { layer in
      let prefix = "encoder.h.\(layer)"
      return Block(
        attentionNorm: norm("\(prefix).ln_1", width),
        attention: hidden(
          "\(prefix).attn.c_attn", [width, 3 * width], bias: 3 * width, plain, matrices: 3),
        attentionOutput: hidden("\(prefix).attn.c_proj", [width, width], bias: width, residual),
        mlpNorm: norm("\(prefix).ln_2", width),
        mlpInput: hidden(
          "\(prefix).mlp.c_fc", [width, configuration.mlpWidth], bias: configuration.mlpWidth,
          plain),
        mlpOutput: hidden(
          "\(prefix).mlp.c_proj", [configuration.mlpWidth, width], bias: width, residual))
    }
    finalNorm = norm("encoder.ln_f", width)
    head = pair(
      "predict_action.0", [configuration.actions, width], bias: configuration.actions, plain)
    self.tensors = tensors
    self.count = count
  }

  /// The number of trainable numbers.
  var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }

  /// All hidden matrices; a convolution's is `[3 · 3 · inputs × outputs]`.
  var hiddenMatrices: [HiddenMatrix] {
    tensors.flatMap { tensor in
      let stride = tensor.shape.last ?? 0
      return (0..<tensor.hiddenMatrices).map { part in
        let columns = stride / tensor.hiddenMatrices
        return HiddenMatrix(
          offset: tensor.offset + part * columns, stride: stride, rows: tensor.count / stride,
          columns: columns)
      }
    }
  }

  /// A buffer with every tensor at its start; the same seed gives the same numbers.
  func initialized(seed: UInt64) -> FloatBuffer {
    let buffer = FloatBuffer(count: count)
    for (index, tensor) in tensors.enumerated() {
      let values = buffer.start + tensor.offset
      switch tensor.start {
      case .zero: break
      case .one: values.update(repeating: 1, count: tensor.count)
      case .normal(let deviation):
        var generator = SplitMix64(seed: seed, stream: index)
        for place in 0..<tensor.count {
          values[place] = Float(deviation * generator.nextGaussian())
        }
      }
    }
    return buffer
  }
}
