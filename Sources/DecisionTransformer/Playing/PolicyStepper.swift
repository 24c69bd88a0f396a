internal import Numerics
import LaserOps

// Dimension key — N: sequences that still play · Q: new tokens of each (2 in the first step, then 3) · C: width
// · I: width of the MLP · A: actions.

/// Steps many episodes through a policy together, keeping the keys and values of what they have seen.
///
/// In step t a sequence gains the tokens action (t − 1), return-to-go (t) and state (t). A token sees those of the
/// last K time steps, its own included, as in training, where windows have at most K steps; what is older stays out
/// of sight by the mask and is overwritten in time. Beyond K steps a key may carry something of steps before the
/// window, as it does in any attention with a band.
final class PolicyStepper {
  private let policy: Policy
  private let embeddings: EmbeddingCache
  private let attention: CachedAttention
  private let keys: [FloatBuffer]
  private let values: [FloatBuffer]
  private let encoderMemory: InferenceEncoder.Memory
  /// Pictures shown that nobody has seen before, and whose they are.
  private var unseen: [(index: Int, picture: [UInt8])] = []
  private let states: FloatBuffer  // [N × C]
  private let stream: FloatBuffer  // [N·Q × C]
  private let normalized: FloatBuffer  // [N·Q × C]
  private let projected: FloatBuffer  // [N·Q × 3C]
  private let attended: FloatBuffer  // [N·Q × C]
  private let hidden: FloatBuffer  // [N·Q × I]
  private let factorScratch: FloatBuffer
  private let attentionScratch: FloatBuffer
  private let masks: FloatBuffer
  /// The logits of the sequences of the last step, `[N × A]`.
  let logits: FloatBuffer

  /// What a sequence adds in one step.
  struct Input {
    /// Which sequence, counted from 0.
    var slot: Int
    var returnToGo: Double
    /// The action of the step before; not read in the first step.
    var previousAction: Int
  }

  /// Nothing seen yet of any sequence.
  ///
  /// - Parameters:
  ///   - policy: Who plays.
  ///   - sequences: How many episodes at most.
  ///   - embeddings: Those that the policy's encoder, or that of another edit of it, has made.
  init(_ policy: Policy, sequences: Int, embeddings: EmbeddingCache) {
    precondition(embeddings.serves(policy), "the pictures were seen by another policy's encoder")
    let configuration = policy.configuration
    let width = configuration.width
    let tokens = 3 * sequences
    self.policy = policy
    self.embeddings = embeddings
    let attention = CachedAttention(
      heads: configuration.heads, headWidth: configuration.headWidth,
      tokens: 3 * min(configuration.contextSteps, configuration.maximumSteps) + 2)
    self.attention = attention
    keys = (0..<configuration.layers).map { _ in FloatBuffer(count: sequences * attention.keyCount)
    }
    values = (0..<configuration.layers).map { _ in
      FloatBuffer(count: sequences * attention.valueCount)
    }
    encoderMemory = InferenceEncoder.Memory(embeddings.encoder)
    states = FloatBuffer(count: sequences * width)
    stream = FloatBuffer(count: tokens * width)
    normalized = FloatBuffer(count: tokens * width)
    projected = FloatBuffer(count: tokens * 3 * width)
    attended = FloatBuffer(count: tokens * width)
    hidden = FloatBuffer(count: tokens * configuration.mlpWidth)
    factorScratch = FloatBuffer(count: tokens * max(width, configuration.mlpWidth))
    attentionScratch = FloatBuffer(count: attention.scratchCount(queries: 3))
    masks = FloatBuffer(count: 3 * attention.places)
    logits = FloatBuffer(count: sequences * configuration.actions)
  }

  /// Shows a sequence's picture, `[height × width × 3]`, once before each step; `index` is its place in the next call of
  /// ``step(_:time:)``, which encodes what nobody has seen yet.
  func show(_ picture: UnsafeBufferPointer<UInt8>, at index: Int) {
    let bytes = Array(picture)
    guard !embeddings.read(bytes, into: states.start + index * policy.configuration.width) else {
      return
    }
    unseen.append((index, bytes))
    if unseen.count == embeddings.encoder.picturesTogether { encodeUnseen() }
  }

  private func encodeUnseen() {
    guard !unseen.isEmpty else { return }
    embeddings.encoder.encode(unseen.lazy.map(\.picture), memory: encoderMemory)
    let width = policy.configuration.width
    for (row, (index, picture)) in unseen.enumerated() {
      let embedding = encoderMemory.embeddings.start + row * width
      (states.start + index * width).update(from: embedding, count: width)
      embeddings.keep(embedding, of: picture)
    }
    unseen.removeAll(keepingCapacity: true)
  }

  /// Leaves in ``logits`` what the policy thinks of each sequence's next action.
  ///
  /// - Parameters:
  ///   - inputs: The sequences that still play, in the order of their pictures.
  ///   - time: The time step, the same for all; steps come in order from 0.
  func step(_ inputs: [Input], time: Int) {
    let weights = UnsafePointer(policy.parameters.start)
    let perSequence = time == 0 ? 2 : 3
    encodeUnseen()
    embed(inputs, time: time, perSequence: perSequence)
    setMasks(time: time, perSequence: perSequence)
    for layer in 0..<policy.configuration.layers {
      runBlock(layer, inputs, time: time, perSequence: perSequence)
    }
    let configuration = policy.configuration
    let layout = policy.network.layout
    let width = configuration.width
    // The last block leaves only the state tokens, one a sequence.
    LayerNorm.forward(
      input: stream.start, scale: weights + layout.finalNorm.weight,
      shift: weights + layout.finalNorm.bias, epsilon: configuration.layerNormEpsilon,
      output: normalized.start, rows: inputs.count, width: width)
    for index in inputs.indices {
      (logits.start + index * configuration.actions).update(
        from: weights + layout.head.bias, count: configuration.actions)
    }
    BLAS.multiply(
      normalized.start, weights + layout.head.weight, into: logits.start, rows: inputs.count,
      columns: configuration.actions, inner: width, transposingRight: true, keep: 1)
  }

  private func embed(_ inputs: [Input], time: Int, perSequence: Int) {
    let configuration = policy.configuration
    let layout = policy.network.layout
    let weights = policy.parameters.start
    let width = configuration.width
    let now = weights + layout.time + time * width
    let before = weights + layout.time + max(0, time - 1) * width
    let returnWeight = weights + layout.returns.weight
    let returnBias = weights + layout.returns.bias
    for (index, input) in inputs.enumerated() {
      var to = stream.start + index * perSequence * width
      if perSequence == 3 {
        let action = weights + layout.action + input.previousAction * width
        for column in 0..<width { to[column] = action[column] + before[column] }
        to += width
      }
      let value = Float(input.returnToGo) * configuration.returnScale
      let state = states.start + index * width
      for column in 0..<width {
        to[column] = value * returnWeight[column] + returnBias[column] + now[column]
        to[width + column] = state[column] + now[column]
      }
    }
  }

  /// The token of the state of step `time`, counted from the episode's first.
  private func stateToken(_ time: Int) -> Int { 3 * time + 1 }

  /// Which places each new token sees; the same for every sequence, because all are at the same step.
  private func setMasks(time: Int, perSequence: Int) {
    let newest = stateToken(time)
    let places = attention.places
    for query in 0..<perSequence {
      let token = newest - (perSequence - 1 - query)
      let oldest = max(0, 3 * (token / 3 - policy.configuration.contextSteps + 1))
      let mask = masks.start + query * places
      for place in 0..<places {
        // The newest token that has been written to this place.
        let held = newest - ((newest - place) % places + places) % places
        mask[place] = held >= oldest && held <= token ? 1 : 0
      }
    }
  }

  private func runBlock(_ layer: Int, _ inputs: [Input], time: Int, perSequence: Int) {
    let block = policy.network.blocks[layer]
    // In the last block only the state token asks: the last of each sequence.
    let asking = block.asksStatesOnly ? 1 : perSequence
    let rows = inputs.count * perSequence
    block.run(
      .init(
        stream: stream.start, asking: stream.start, askingStride: block.width,
        normalized: normalized.start, attended: attended.start, middle: stream.start,
        middleNormalized: normalized.start, hidden: hidden.start, activated: hidden.start,
        output: stream.start, tokens: rows, queries: inputs.count * asking),
      weights: policy.parameters.start
    ) {
      project(layer, rows: rows)
      attend(layer, inputs, time: time, perSequence: perSequence, asking: asking)
    } multiply: { kind, bias, product in
      policy.apply(
        WeightSite(kind, layer: layer), bias: bias, product, scratch: factorScratch.start)
    }
  }

  /// Stores the new tokens' keys and values, and leaves what the asking ones attend to.
  private func attend(
    _ layer: Int, _ inputs: [Input], time: Int, perSequence: Int, asking: Int
  ) {
    let width = policy.configuration.width
    let skipped = perSequence - asking
    let used = min(attention.places, stateToken(time) + 1)
    for (index, input) in inputs.enumerated() {
      let sequenceKeys = keys[layer].start + input.slot * attention.keyCount
      let sequenceValues = values[layer].start + input.slot * attention.valueCount
      let first = projected.start + index * perSequence * 3 * width
      for token in 0..<perSequence {
        let row = first + token * 3 * width
        let number = stateToken(time) - (perSequence - 1 - token)
        attention.store(
          key: row + width, value: row + 2 * width, at: number % attention.places,
          keys: sequenceKeys, values: sequenceValues)
      }
      attention.forward(
        queries: first + skipped * 3 * width, queryStride: 3 * width, count: asking,
        keys: sequenceKeys, values: sequenceValues,
        masks: masks.start + skipped * attention.places, used: used,
        output: attended.start + index * asking * width, outputStride: width,
        scratch: attentionScratch.start)
      guard skipped > 0 else { continue }
      // The stream goes on with the rows that ask.
      (stream.start + index * width).update(
        from: stream.start + (index * perSequence + skipped) * width, count: width)
    }
  }

  /// Queries, keys and values of all new tokens: one product, or three where one of them is edited.
  private func project(_ layer: Int, rows: Int) {
    let width = policy.configuration.width
    let offsets = policy.network.layout.blocks[layer].attention
    let kinds: [WeightKind] = [.query, .key, .value]
    guard kinds.contains(where: { policy.edits[WeightSite($0, layer: layer)] != nil }) else {
      Linear.forward(
        input: normalized.start, weight: policy.parameters.start + offsets.weight,
        bias: policy.parameters.start + offsets.bias, output: projected.start, rows: rows,
        inputs: width, outputs: 3 * width)
      return
    }
    for (part, kind) in kinds.enumerated() {
      policy.apply(
        WeightSite(kind, layer: layer), bias: offsets.bias + part * width,
        .init(
          input: normalized.start, inputStride: width, output: projected.start + part * width,
          outputStride: 3 * width, rows: rows),
        scratch: factorScratch.start)
    }
  }
}
