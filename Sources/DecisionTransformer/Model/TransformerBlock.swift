internal import Numerics
import LaserOps

// Dimension key — T: tokens, three a time step · Q: tokens that ask (all, or the state tokens) · C: width
// · I: width of the MLP · H: heads.

/// One pre-norm block of GPT-2 over sequences laid end to end: attention and MLP read normalised copies of the
/// residual stream and add to it in turn.
///
/// The last block computes what the state tokens need and no more: keys and values of every token, but queries,
/// output projection and MLP of every third.
struct TransformerBlock: Sendable {
  let offsets: ParameterLayout.Block
  let width: Int
  let mlpWidth: Int
  let epsilon: Float
  /// Whether only state tokens (rows 1, 4, 7 …) are wanted.
  let asksStatesOnly: Bool
  let attention: CausalAttention

  init(_ configuration: PolicyConfiguration, _ layout: ParameterLayout, layer: Int) {
    offsets = layout.blocks[layer]
    width = configuration.width
    mlpWidth = configuration.mlpWidth
    epsilon = configuration.layerNormEpsilon
    asksStatesOnly = layer == configuration.layers - 1
    attention = CausalAttention(
      heads: configuration.heads, headWidth: configuration.headWidth,
      firstVisible: asksStatesOnly ? 2 : 1, visibleStep: asksStatesOnly ? 3 : 1)
  }

  /// What the forward leaves for the backward.
  final class Activations {
    let normalized: FloatBuffer  // [T × C]
    let attentionStatistics: FloatBuffer  // [2 × T]: means, inverse deviations
    let projected: FloatBuffer  // [T × 3C]: queries, keys, values
    let logarithms: FloatBuffer  // [H × Q]
    let attended: FloatBuffer  // [Q × C]
    let middle: FloatBuffer  // [Q × C]: the stream after attention
    let middleNormalized: FloatBuffer  // [Q × C]
    let mlpStatistics: FloatBuffer  // [2 × Q]
    let hidden: FloatBuffer  // [Q × I], before the activation
    let activated: FloatBuffer  // [Q × I]

    init(_ block: TransformerBlock, tokens: Int) {
      let queries = block.asksStatesOnly ? tokens / 3 : tokens
      normalized = FloatBuffer(count: tokens * block.width)
      attentionStatistics = FloatBuffer(count: 2 * tokens)
      projected = FloatBuffer(count: tokens * 3 * block.width)
      logarithms = FloatBuffer(count: queries * block.attention.heads)
      attended = FloatBuffer(count: queries * block.width)
      middle = FloatBuffer(count: queries * block.width)
      middleNormalized = FloatBuffer(count: queries * block.width)
      mlpStatistics = FloatBuffer(count: 2 * queries)
      hidden = FloatBuffer(count: queries * block.mlpWidth)
      activated = FloatBuffer(count: queries * block.mlpWidth)
    }
  }

  /// Memory that blocks share, one after the other.
  final class Scratch {
    let wide: FloatBuffer  // [T × max(I, 3C)]
    let narrow: FloatBuffer  // [T × C]
    let attention: CausalAttention.Scratch

    init(_ configuration: PolicyConfiguration, tokens: Int) {
      wide = FloatBuffer(count: tokens * max(configuration.mlpWidth, 3 * configuration.width))
      narrow = FloatBuffer(count: tokens * configuration.width)
      attention = CausalAttention.Scratch(
        tokens: 3 * configuration.contextSteps, headWidth: configuration.headWidth)
    }
  }

  /// The tokens that ask, as rows of the stream: the first one and the distance to the next.
  var asking: (first: Int, step: Int) { asksStatesOnly ? (1, 3) : (0, 1) }

  /// What a pass reads and writes. Training keeps everything apart for the backward; playing lets buffers share memory.
  struct Operands {
    /// The stream, `[T × C]`, and its rows that ask, `[Q × C]`.
    let stream: UnsafePointer<Float>
    let asking: UnsafePointer<Float>
    let askingStride: Int
    let normalized: UnsafeMutablePointer<Float>  // [T × C]
    let attended: UnsafeMutablePointer<Float>  // [Q × C]
    let middle: UnsafeMutablePointer<Float>  // [Q × C]: the stream after attention
    let middleNormalized: UnsafeMutablePointer<Float>  // [Q × C]
    let hidden: UnsafeMutablePointer<Float>  // [Q × I], before the activation
    let activated: UnsafeMutablePointer<Float>  // [Q × I]
    let output: UnsafeMutablePointer<Float>  // [Q × C]
    /// Means, then inverse deviations, of the two norms; nil where there is no backward.
    var attentionStatistics: UnsafeMutablePointer<Float>?  // [2 × T]
    var mlpStatistics: UnsafeMutablePointer<Float>?  // [2 × Q]
    let tokens: Int
    let queries: Int
  }

  /// `output ← stream + attention + MLP`: the block, said once for training and for playing.
  ///
  /// - Parameters:
  ///   - operands: What is read and overwritten.
  ///   - weights: All parameters of the model.
  ///   - attend: Leaves in `attended` what the tokens attend to, from `normalized`.
  ///   - multiply: Multiplies by the matrix of a kind, whose bias starts at that place among the parameters.
  func run(
    _ operands: Operands, weights: UnsafePointer<Float>, attend: () -> Void,
    multiply: (WeightKind, _ bias: Int, Policy.Product) -> Void
  ) {
    let (tokens, queries) = (operands.tokens, operands.queries)
    LayerNorm.forward(
      input: operands.stream, scale: weights + offsets.attentionNorm.weight,
      shift: weights + offsets.attentionNorm.bias, epsilon: epsilon,
      output: operands.normalized, means: operands.attentionStatistics,
      inverseDeviations: operands.attentionStatistics.map { $0 + tokens }, rows: tokens,
      width: width)
    attend()
    multiply(
      .attentionOutput, offsets.attentionOutput.bias,
      .init(
        input: operands.attended, inputStride: width, output: operands.middle, outputStride: width,
        rows: queries, residual: operands.asking, residualStride: operands.askingStride))
    LayerNorm.forward(
      input: operands.middle, scale: weights + offsets.mlpNorm.weight,
      shift: weights + offsets.mlpNorm.bias, epsilon: epsilon,
      output: operands.middleNormalized, means: operands.mlpStatistics,
      inverseDeviations: operands.mlpStatistics.map { $0 + queries }, rows: queries, width: width)
    multiply(
      .mlpInput, offsets.mlpInput.bias,
      .init(
        input: operands.middleNormalized, inputStride: width, output: operands.hidden,
        outputStride: mlpWidth, rows: queries))
    GELU.forward(input: operands.hidden, output: operands.activated, count: queries * mlpWidth)
    multiply(
      .mlpOutput, offsets.mlpOutput.bias,
      .init(
        input: operands.activated, inputStride: mlpWidth, output: operands.output,
        outputStride: width, rows: queries, residual: operands.middle, residualStride: width))
  }

  /// The block over whole windows, with what the backward needs left in `activations`.
  ///
  /// - Parameters:
  ///   - input: The stream, `[T × C]`.
  ///   - weights: All parameters of the model.
  ///   - windows: The time steps of each sequence.
  ///   - activations: Overwritten.
  ///   - scratch: Overwritten.
  ///   - output: `[Q × C]`.
  func forward(
    input: UnsafeMutablePointer<Float>, weights: UnsafePointer<Float>, windows: [Range<Int>],
    activations: Activations, scratch: Scratch, output: UnsafeMutablePointer<Float>
  ) {
    let tokens = 3 * (windows.last?.upperBound ?? 0)
    let (first, step) = asking
    let saved = activations
    run(
      .init(
        stream: input, asking: input + first * width, askingStride: step * width,
        normalized: saved.normalized.start, attended: saved.attended.start,
        middle: saved.middle.start, middleNormalized: saved.middleNormalized.start,
        hidden: saved.hidden.start, activated: saved.activated.start, output: output,
        attentionStatistics: saved.attentionStatistics.start,
        mlpStatistics: saved.mlpStatistics.start, tokens: tokens, queries: tokens / step),
      weights: weights
    ) {
      attend(windows, weights: weights, saved, scratch)
    } multiply: { kind, bias, product in
      let (weight, inputs, outputs) =
        switch kind {
        case .mlpInput: (offsets.mlpInput.weight, width, mlpWidth)
        case .mlpOutput: (offsets.mlpOutput.weight, mlpWidth, width)
        default: (offsets.attentionOutput.weight, width, width)
        }
      Linear.forward(
        input: product.input, weight: weights + weight, bias: weights + bias,
        residual: product.residual, residualStride: product.residualStride,
        output: product.output, rows: product.rows, inputs: inputs, outputs: outputs)
    }
  }

  /// Queries, keys and values of whole windows, and what each token that asks attends to.
  private func attend(
    _ windows: [Range<Int>], weights: UnsafePointer<Float>, _ saved: Activations,
    _ scratch: Scratch
  ) {
    let tokens = 3 * (windows.last?.upperBound ?? 0)
    let (first, step) = asking
    let weight = weights + offsets.attention.weight
    let bias = weights + offsets.attention.bias
    if asksStatesOnly {
      Linear.forward(
        input: saved.normalized.start, weight: weight + width, weightStride: 3 * width,
        bias: bias + width, output: saved.projected.start + width, outputStride: 3 * width,
        rows: tokens, inputs: width, outputs: 2 * width)
      Linear.forward(
        input: saved.normalized.start + first * width, inputStride: step * width,
        weight: weight, weightStride: 3 * width, bias: bias,
        output: saved.projected.start + first * 3 * width, outputStride: step * 3 * width,
        rows: tokens / step, inputs: width, outputs: width)
    } else {
      Linear.forward(
        input: saved.normalized.start, weight: weight, bias: bias, output: saved.projected.start,
        rows: tokens, inputs: width, outputs: 3 * width)
    }
    for window in windows {
      let count = 3 * window.count
      let start = 3 * window.lowerBound / step
      attention.forward(
        queries: rows(saved.projected, window, part: 0),
        keys: rows(saved.projected, window, part: 1),
        values: rows(saved.projected, window, part: 2),
        output: .init(saved.attended.start + start * width, stride: width),
        logarithms: saved.logarithms.start + start * attention.heads, queryCount: count / step,
        keyCount: count, scratch: scratch.attention)
    }
  }

  /// Queries (part 0), keys (1) or values (2) of one window, in a `[T × 3C]` buffer.
  func rows(
    _ buffer: FloatBuffer, _ window: Range<Int>, part: Int
  ) -> CausalAttention.Rows {
    let (first, step) = part == 0 ? asking : (0, 1)
    return .init(
      buffer.start + ((3 * window.lowerBound + first) * 3 + part) * width, stride: step * 3 * width)
  }
}
