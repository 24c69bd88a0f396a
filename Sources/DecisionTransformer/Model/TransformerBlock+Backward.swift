internal import Numerics

extension TransformerBlock {
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
}
