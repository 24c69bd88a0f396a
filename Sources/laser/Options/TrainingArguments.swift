import ArgumentParser
import DecisionTransformer

/// The sizes of a new policy; what is not given is as in ``PolicyConfiguration``.
struct ModelSizeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Blocks (default: 6).")
  var layers: Int?
  @Option(parsing: .unconditional, help: "The width of the residual stream (default: 128).")
  var width: Int?
  @Option(parsing: .unconditional, help: "Attention heads; they divide the width (default: 8).")
  var heads: Int?
  @Option(
    parsing: .unconditional, help: "Time steps that a token sees, its own included (default: 40).")
  var context: Int?
  @Option(
    parsing: .upToNextOption,
    help: "Channels of the picture's convolutions, multiples of 16 (default: 32,32).")
  var channels: [CommaList<Int>] = []
  @Option(
    parsing: .unconditional,
    help: "Residual blocks of two convolutions each behind those (default: 0).")
  var residualBlocks: Int?
  @Option(
    parsing: .unconditional,
    help:
      "Attention-pooling heads: each is a weighted mean of the squares' features, beside the layer over all squares (default: 0)."
  )
  var focus: Int?
  @Flag(help: "Leave out the outermost ring of the picture, which is always a wall.")
  var trim = false
  @Option(parsing: .unconditional, help: "Rows and columns of the rooms (default: 10).")
  var size: Int?
  @Option(
    parsing: .unconditional,
    help: "The longest episode that the policy can play, in steps (default: 120).")
  var longest: Int?

  var isEmpty: Bool {
    [layers, width, heads, context, residualBlocks, focus, size, longest].allSatisfy { $0 == nil }
      && channels.isEmpty && !trim
  }

  var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration()
    if let layers { configuration.layers = layers }
    if let width { configuration.setWidth(width) }
    if let heads { configuration.heads = heads }
    if let context { configuration.contextSteps = context }
    if let longest { configuration.maximumSteps = longest }
    if let size {
      configuration.pictureHeight = size
      configuration.pictureWidth = size
    }
    if !channels.isEmpty { configuration.encoder.channels = channels.flatMap(\.elements) }
    if let residualBlocks { configuration.encoder.residualBlocks = residualBlocks }
    if let focus { configuration.encoder.focusHeads = focus }
    configuration.encoder.trimsRing = trim
    return configuration
  }
}

/// How a new policy is trained; what is not given is as in ``TrainingOptions``.
struct TrainingArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: "Windows in a batch (default: 64).")
  var batch: Int?
  @Option(parsing: .unconditional, help: "Updates (default: 2000).")
  var steps: Int?
  @Option(
    parsing: .unconditional,
    help: "The highest learning rate, reached after 100 updates (default: 0.001).")
  var learningRate: Double?
  @Option(
    parsing: .unconditional,
    help: """
      Keep the rate constant until the last so many updates, over which it falls to zero (default: half a cosine over \
      the whole run).
      """)
  var decaySteps: Int?
  @Flag(
    help: "Move hidden matrices by Muon, momentum with equal singular values, instead of AdamW.")
  var muon = false
  @Option(
    parsing: .unconditional,
    help: """
      Let the encoder learn at every square where the player and a box will go from there, and how much that counts \
      beside the actions (default: there is no such head).
      """)
  var planWeight: Double?
  @Flag(
    help: "Draw every step of an episode equally often, by windows cut at its start and end.")
  var evenly = false
  @Option(parsing: .unconditional, help: "Decoupled decay of the matrices (default: 0.1).")
  var weightDecay: Double?
  @Flag(help: "Leave episodes as they stand instead of turning and mirroring them at random.")
  var noAugment = false
  @Option(parsing: .unconditional, help: "The seed of the weights and the batches (default: 0).")
  var seed: UInt64?
  @Flag(help: "Do not tell the policy the return to go: behaviour cloning.")
  var noReturn = false
  @Option(
    parsing: .unconditional,
    help: "Learn only from this share of the episodes, those that earned most, such as 0.1.")
  var best: Double?
  @Flag(
    help: """
      A control: shuffle the actions of all episodes among each other first, so that nothing can be \
      learned from the rooms.
      """)
  var shuffleActions = false

  var isEmpty: Bool {
    [batch, steps, decaySteps].allSatisfy { $0 == nil }
      && [learningRate, weightDecay, planWeight, best].allSatisfy { $0 == nil }
      && seed == nil && !muon && !evenly && !noAugment && !noReturn && !shuffleActions
  }

  var options: TrainingOptions {
    var options = TrainingOptions()
    if let batch { options.batch = batch }
    if let steps { options.steps = steps }
    if let learningRate { options.learningRate = learningRate }
    if let weightDecay { options.weightDecay = weightDecay }
    options.decaySteps = decaySteps
    if muon { options.muonMomentumDecay = 0.95 }
    options.planWeight = planWeight
    if evenly { options.drawsEvenly = true }
    options.bestShare = best
    if shuffleActions { options.shufflesActions = true }
    if let seed { options.seed = seed }
    options.augments = !noAugment
    return options
  }
}
