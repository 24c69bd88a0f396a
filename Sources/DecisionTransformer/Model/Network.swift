#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Numerics

// Dimension key — S: time steps · T = 3 S: tokens · C: width · A: actions.

/// The Decision Transformer in training: forward, loss and backward over packed windows.
///
/// Tokens 3 s, 3 s + 1 and 3 s + 2 are return-to-go, state and action of step s; the learned embedding of the
/// step's time is added to all three. The action's logits are read at the state token.
struct Network: Sendable {
  let configuration: PolicyConfiguration
  let layout: ParameterLayout
  let encoder: PictureEncoder
  let blocks: [TransformerBlock]

  init(_ configuration: PolicyConfiguration) {
    let layout = ParameterLayout(configuration)
    self.configuration = configuration
    self.layout = layout
    encoder = PictureEncoder(configuration, layout)
    blocks = (0..<configuration.layers).map {
      TransformerBlock(configuration, layout, layer: $0)
    }
  }

  /// Memory of one pass over up to `capacity` time steps; one per thread.
  final class Workspace {
    let capacity: Int
    let pictures: PictureEncoder.Activations
    let pictureScratch: PictureEncoder.Scratch
    let states: FloatBuffer  // [S × C]
    let streams: [FloatBuffer]  // [T × C]: the input of each block
    let blocks: [TransformerBlock.Activations]
    let blockScratch: TransformerBlock.Scratch
    let output: FloatBuffer  // [S × C]
    let normalized: FloatBuffer  // [S × C]
    let statistics: FloatBuffer  // [2 × S]
    let logits: FloatBuffer  // [S × A]; their gradients after the loss
    let outputGradient: FloatBuffer  // [S × C]
    let streamGradient: FloatBuffer  // [T × C]

    init(_ network: Network, capacity: Int) {
      let configuration = network.configuration
      let width = configuration.width
      self.capacity = capacity
      pictures = PictureEncoder.Activations(network.encoder, capacity: capacity)
      pictureScratch = PictureEncoder.Scratch(network.encoder, capacity: capacity)
      states = FloatBuffer(count: capacity * width)
      streams = network.blocks.map { _ in FloatBuffer(count: 3 * capacity * width) }
      blocks = network.blocks.map { TransformerBlock.Activations($0, tokens: 3 * capacity) }
      blockScratch = TransformerBlock.Scratch(configuration, tokens: 3 * capacity)
      output = FloatBuffer(count: capacity * width)
      normalized = FloatBuffer(count: capacity * width)
      statistics = FloatBuffer(count: 2 * capacity)
      logits = FloatBuffer(count: capacity * configuration.actions)
      outputGradient = FloatBuffer(count: capacity * width)
      streamGradient = FloatBuffer(count: 3 * capacity * width)
    }
  }

  /// Leaves the logits of every step in `workspace.logits`, `[S × A]`.
  ///
  /// - Precondition: The windows have at most `workspace.capacity` steps.
  func forward(_ packed: PackedWindows, weights: UnsafePointer<Float>, workspace: Workspace) {
    let count = packed.count
    precondition(count <= workspace.capacity, "\(count) steps do not fit \(workspace.capacity)")
    packed.pictures.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      for step in 0..<count {
        encoder.place(start + step * configuration.pictureCount, at: step, in: workspace.pictures)
      }
    }
    encoder.forward(
      weights: weights, activations: workspace.pictures, output: workspace.states.start,
      count: count)
    forwardBehindEncoder(packed, weights: weights, workspace: workspace)
  }

  /// The part of ``forward(_:weights:workspace:)`` that follows the encoder, whose output `workspace.states` holds.
  func forwardBehindEncoder(
    _ packed: PackedWindows, weights: UnsafePointer<Float>, workspace: Workspace
  ) {
    let count = packed.count
    precondition(count <= workspace.capacity, "\(count) steps do not fit \(workspace.capacity)")
    embed(packed, weights: weights, workspace: workspace)
    for (index, block) in blocks.enumerated() {
      let isLast = index == blocks.count - 1
      block.forward(
        input: workspace.streams[index].start, weights: weights, windows: packed.windows,
        activations: workspace.blocks[index], scratch: workspace.blockScratch,
        output: isLast ? workspace.output.start : workspace.streams[index + 1].start)
    }
    let width = configuration.width
    LayerNorm.forward(
      input: workspace.output.start, scale: weights + layout.finalNorm.weight,
      shift: weights + layout.finalNorm.bias, epsilon: configuration.layerNormEpsilon,
      output: workspace.normalized.start, means: workspace.statistics.start,
      inverseDeviations: workspace.statistics.start + count, rows: count, width: width)
    let actions = configuration.actions
    for step in 0..<count {
      (workspace.logits.start + step * actions).update(
        from: weights + layout.head.bias, count: actions)
    }
    BLAS.multiply(
      workspace.normalized.start, weights + layout.head.weight, into: workspace.logits.start,
      rows: count, columns: actions, inner: width, transposingRight: true, keep: 1)
  }

  /// Turns the logits into their gradients and says what they were worth.
  ///
  /// - Parameters:
  ///   - packed: The windows of the last forward.
  ///   - scale: What the sum of the steps' losses is multiplied by: one over the steps of the whole batch.
  ///   - workspace: That of the last forward.
  /// - Returns: The sum of the cross-entropies in nats, and how many steps' actions were the most likely.
  func loss(
    _ packed: PackedWindows, scale: Float, workspace: Workspace
  ) -> (sum: Double, correct: Int) {
    let actions = configuration.actions
    var sum = 0.0
    var correct = 0
    for step in 0..<packed.count {
      let logits = workspace.logits.start + step * actions
      guard packed.isLearned[step] else {
        for action in 0..<actions { logits[action] = 0 }
        continue
      }
      let target = packed.actions[step]
      var best = 0
      for action in 1..<max(1, actions) where logits[action] > logits[best] { best = action }
      let peak = Double(logits[best])
      var total = 0.0
      for action in 0..<actions { total += exp(Double(logits[action]) - peak) }
      sum += log(total) + peak - Double(logits[target])
      correct += best == target ? 1 : 0
      for action in 0..<actions {
        let probability = exp(Double(logits[action]) - peak) / total
        logits[action] = scale * Float(probability - (action == target ? 1 : 0))
      }
    }
    return (sum, correct)
  }

  /// Leaves the gradients of `PlanHead`'s logits for the backward and says what the logits were worth.
  ///
  /// - Parameters:
  ///   - packed: The windows of the last forward, with their plans.
  ///   - scale: What the sum of the squares' losses is multiplied by.
  ///   - weights: The parameters of the last forward.
  ///   - workspace: That of the last forward.
  /// - Returns: The sum of the cross-entropies in nats over all squares of all steps.
  /// - Precondition: The model has such a head.
  func planLoss(
    _ packed: PackedWindows, scale: Float, weights: UnsafePointer<Float>, workspace: Workspace
  ) -> Double {
    guard let plan = encoder.plan else { preconditionFailure("the encoder reads no plan") }
    return plan.loss(
      features: workspace.pictures.features.start, targets: packed.plans, scale: scale,
      weights: weights, gradients: workspace.pictureScratch.planGradient.start,
      count: packed.count)
  }

  /// Adds to `gradients` what the logits' gradients in `workspace` say.
  ///
  /// - Parameters:
  ///   - packed: The windows of the last forward.
  ///   - weights: The parameters of the last forward.
  ///   - gradients: As long as the weights; added to.
  ///   - workspace: After ``loss(_:scale:workspace:)``.
  ///   - learnsPlan: Whether ``planLoss(_:scale:weights:workspace:)`` counts too.
  func backward(
    _ packed: PackedWindows, weights: UnsafePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, workspace: Workspace, learnsPlan: Bool = false
  ) {
    backwardThroughBlocks(packed, weights: weights, gradients: gradients, workspace: workspace)
    embedBackward(packed, gradients: gradients, workspace: workspace)
    let width = configuration.width
    encoder.backward(
      outputGradient: workspace.streamGradient.start + width, outputStride: 3 * width,
      weights: weights, activations: workspace.pictures, scratch: workspace.pictureScratch,
      learnsPlan: learnsPlan, gradients: gradients, count: packed.count)
  }

  /// The part of ``backward(_:weights:gradients:workspace:learnsPlan:)`` that comes before the embeddings and the encoder:
  /// all gradients of the head and the blocks.
  func backwardThroughBlocks(
    _ packed: PackedWindows, weights: UnsafePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let count = packed.count
    let width = configuration.width
    let actions = configuration.actions
    let logitGradients = workspace.logits.start
    // The head's weights are [A × C]: gradientᵀ · normalized.
    BLAS.multiply(
      logitGradients, workspace.normalized.start, into: gradients + layout.head.weight,
      rows: actions, columns: width, inner: count, transposingLeft: true, keep: 1)
    Linear.addColumnSums(
      of: logitGradients, stride: actions, rows: count, columns: actions,
      to: gradients + layout.head.bias)
    let normalizedGradient = workspace.states.start
    BLAS.multiply(
      logitGradients, weights + layout.head.weight, into: normalizedGradient,
      rows: count, columns: width, inner: actions)
    workspace.outputGradient.start.update(repeating: 0, count: count * width)
    LayerNorm.backward(
      outputGradient: normalizedGradient, input: workspace.output.start,
      scale: weights + layout.finalNorm.weight, means: workspace.statistics.start,
      inverseDeviations: workspace.statistics.start + count,
      inputGradient: workspace.outputGradient.start,
      scaleGradient: gradients + layout.finalNorm.weight,
      shiftGradient: gradients + layout.finalNorm.bias, rows: count, width: width)
    for (index, block) in blocks.enumerated().reversed() {
      let isLast = index == blocks.count - 1
      block.backward(
        gradient: isLast ? workspace.outputGradient.start : workspace.streamGradient.start,
        input: workspace.streams[index].start, weights: weights, windows: packed.windows,
        activations: workspace.blocks[index], scratch: workspace.blockScratch,
        inputGradient: workspace.streamGradient.start, gradients: gradients)
    }
  }

  /// Fills the first stream, `[T × C]`.
  private func embed(
    _ packed: PackedWindows, weights: UnsafePointer<Float>, workspace: Workspace
  ) {
    let width = configuration.width
    let returnWeight = weights + layout.returns.weight
    let returnBias = weights + layout.returns.bias
    for step in 0..<packed.count {
      let to = workspace.streams[0].start + 3 * step * width
      let time = weights + layout.time + packed.times[step] * width
      let action = weights + layout.action + packed.actions[step] * width
      let state = workspace.states.start + step * width
      let value = packed.returns[step] * configuration.returnScale
      for column in 0..<width {
        to[column] = value * returnWeight[column] + returnBias[column] + time[column]
        to[width &+ column] = state[column] + time[column]
        to[2 &* width &+ column] = action[column] + time[column]
      }
    }
  }

  /// The backward of ``embed(_:weights:workspace:)``; the state's part is the encoder's.
  private func embedBackward(
    _ packed: PackedWindows, gradients: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let width = configuration.width
    let returnWeight = gradients + layout.returns.weight
    let returnBias = gradients + layout.returns.bias
    for step in 0..<packed.count {
      let from = workspace.streamGradient.start + 3 * step * width
      let time = gradients + layout.time + packed.times[step] * width
      let action = gradients + layout.action + packed.actions[step] * width
      let value = packed.returns[step] * configuration.returnScale
      for column in 0..<width {
        let first = from[column]
        let third = from[2 &* width &+ column]
        returnWeight[column] += value * first
        returnBias[column] += first
        time[column] += (first + from[width &+ column]) + third
        action[column] += third
      }
    }
  }
}
