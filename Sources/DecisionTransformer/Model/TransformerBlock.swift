internal import Numerics

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
  private let attention: CausalAttention

  init(_ configuration: Configuration, _ layout: ParameterLayout, layer: Int) {
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

    init(_ configuration: Configuration, tokens: Int) {
      wide = FloatBuffer(count: tokens * max(configuration.mlpWidth, 3 * configuration.width))
      narrow = FloatBuffer(count: tokens * configuration.width)
      attention = CausalAttention.Scratch(
        tokens: 3 * configuration.contextSteps, headWidth: configuration.headWidth)
    }
  }

  /// The tokens that ask, as rows of the stream: the first one and the distance to the next.
  private var asking: (first: Int, step: Int) { asksStatesOnly ? (1, 3) : (0, 1) }

  /// `output ← stream + attention + MLP`.
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
    let queries = tokens / step
    let saved = activations
    LayerNorm.forward(
      input: input, scale: weights + offsets.attentionNorm.weight,
      shift: weights + offsets.attentionNorm.bias, epsilon: epsilon,
      output: saved.normalized.start, means: saved.attentionStatistics.start,
      inverseDeviations: saved.attentionStatistics.start + tokens, rows: tokens, width: width)
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
        rows: queries, inputs: width, outputs: width)
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
    Linear.forward(
      input: saved.attended.start, weight: weights + offsets.attentionOutput.weight,
      bias: weights + offsets.attentionOutput.bias, residual: input + first * width,
      residualStride: step * width, output: saved.middle.start, rows: queries, inputs: width,
      outputs: width)
    LayerNorm.forward(
      input: saved.middle.start, scale: weights + offsets.mlpNorm.weight,
      shift: weights + offsets.mlpNorm.bias, epsilon: epsilon,
      output: saved.middleNormalized.start, means: saved.mlpStatistics.start,
      inverseDeviations: saved.mlpStatistics.start + queries, rows: queries, width: width)
    Linear.forward(
      input: saved.middleNormalized.start, weight: weights + offsets.mlpInput.weight,
      bias: weights + offsets.mlpInput.bias, output: saved.hidden.start, rows: queries,
      inputs: width, outputs: mlpWidth)
    GELU.forward(
      input: saved.hidden.start, output: saved.activated.start, count: queries * mlpWidth)
    Linear.forward(
      input: saved.activated.start, weight: weights + offsets.mlpOutput.weight,
      bias: weights + offsets.mlpOutput.bias, residual: saved.middle.start, output: output,
      rows: queries, inputs: mlpWidth, outputs: width)
  }

  /// The backward of ``forward(input:weights:windows:activations:scratch:output:)``; adds to `gradients`.
  ///
  /// - Parameters:
  ///   - gradient: The gradient of the output, `[Q × C]`; overwritten.
  ///   - input: The stream that the forward read.
  ///   - weights: All parameters of the model.
  ///   - windows: The time steps of each sequence.
  ///   - activations: What the forward left.
  ///   - scratch: Overwritten.
  ///   - inputGradient: `[T × C]`; overwritten. The same as `gradient` unless only states ask.
  ///   - gradients: The gradients of all parameters; added to.
  func backward(
    gradient: UnsafeMutablePointer<Float>, input: UnsafeMutablePointer<Float>,
    weights: UnsafePointer<Float>, windows: [Range<Int>], activations: Activations,
    scratch: Scratch, inputGradient: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>
  ) {
    let tokens = 3 * (windows.last?.upperBound ?? 0)
    let (first, step) = asking
    let queries = tokens / step
    let saved = activations
    let wide = scratch.wide.start
    let narrow = scratch.narrow.start
    // MLP: the stream's gradient passes by, and comes back through the norm as well.
    Linear.backward(
      outputGradient: gradient, input: saved.activated.start,
      weight: weights + offsets.mlpOutput.weight, inputGradient: wide,
      weightGradient: gradients + offsets.mlpOutput.weight,
      biasGradient: gradients + offsets.mlpOutput.bias, rows: queries, inputs: mlpWidth,
      outputs: width)
    GELU.backward(input: saved.hidden.start, gradient: wide, count: queries * mlpWidth)
    Linear.backward(
      outputGradient: wide, input: saved.middleNormalized.start,
      weight: weights + offsets.mlpInput.weight, inputGradient: narrow,
      weightGradient: gradients + offsets.mlpInput.weight,
      biasGradient: gradients + offsets.mlpInput.bias, rows: queries, inputs: width,
      outputs: mlpWidth)
    LayerNorm.backward(
      outputGradient: narrow, input: saved.middle.start, scale: weights + offsets.mlpNorm.weight,
      means: saved.mlpStatistics.start, inverseDeviations: saved.mlpStatistics.start + queries,
      inputGradient: gradient, scaleGradient: gradients + offsets.mlpNorm.weight,
      shiftGradient: gradients + offsets.mlpNorm.bias, rows: queries, width: width)
    // Attention.
    Linear.backward(
      outputGradient: gradient, input: saved.attended.start,
      weight: weights + offsets.attentionOutput.weight, inputGradient: narrow,
      weightGradient: gradients + offsets.attentionOutput.weight,
      biasGradient: gradients + offsets.attentionOutput.bias, rows: queries, inputs: width,
      outputs: width)
    for window in windows {
      let count = 3 * window.count
      let start = 3 * window.lowerBound / step
      attention.backward(
        outputGradient: .init(narrow + start * width, stride: width),
        output: .init(saved.attended.start + start * width, stride: width),
        queries: rows(saved.projected, window, part: 0),
        keys: rows(saved.projected, window, part: 1),
        values: rows(saved.projected, window, part: 2),
        logarithms: saved.logarithms.start + start * attention.heads,
        queryGradient: rows(scratch.wide, window, part: 0),
        keyGradient: rows(scratch.wide, window, part: 1),
        valueGradient: rows(scratch.wide, window, part: 2),
        queryCount: count / step, keyCount: count, scratch: scratch.attention)
    }
    let weight = weights + offsets.attention.weight
    let weightGradient = gradients + offsets.attention.weight
    let biasGradient = gradients + offsets.attention.bias
    if asksStatesOnly {
      Linear.backward(
        outputGradient: wide + width, outputStride: 3 * width, input: saved.normalized.start,
        weight: weight + width, weightStride: 3 * width, inputGradient: narrow,
        weightGradient: weightGradient + width, biasGradient: biasGradient + width, rows: tokens,
        inputs: width, outputs: 2 * width)
      Linear.backward(
        outputGradient: wide + first * 3 * width, outputStride: step * 3 * width,
        input: saved.normalized.start + first * width, inputStride: step * width,
        weight: weight, weightStride: 3 * width, inputGradient: narrow + first * width,
        inputGradientStride: step * width, addingToInput: true, weightGradient: weightGradient,
        biasGradient: biasGradient, rows: queries, inputs: width, outputs: width)
      inputGradient.update(repeating: 0, count: tokens * width)
      for query in 0..<queries {
        (inputGradient + (first &+ query &* step) &* width)
          .update(from: gradient + query &* width, count: width)
      }
    } else {
      Linear.backward(
        outputGradient: wide, input: saved.normalized.start, weight: weight, inputGradient: narrow,
        weightGradient: weightGradient, biasGradient: biasGradient, rows: tokens, inputs: width,
        outputs: 3 * width)
    }
    LayerNorm.backward(
      outputGradient: narrow, input: input, scale: weights + offsets.attentionNorm.weight,
      means: saved.attentionStatistics.start,
      inverseDeviations: saved.attentionStatistics.start + tokens, inputGradient: inputGradient,
      scaleGradient: gradients + offsets.attentionNorm.weight,
      shiftGradient: gradients + offsets.attentionNorm.bias, rows: tokens, width: width)
  }

  /// Queries (part 0), keys (1) or values (2) of one window, in a `[T × 3C]` buffer.
  private func rows(
    _ buffer: FloatBuffer, _ window: Range<Int>, part: Int
  ) -> CausalAttention.Rows {
    let (first, step) = part == 0 ? asking : (0, 1)
    return .init(
      buffer.start + ((3 * window.lowerBound + first) * 3 + part) * width, stride: step * 3 * width)
  }
}
