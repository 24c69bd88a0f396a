public import Numerics
internal import Sokoban

/// Trains a Decision Transformer on episodes, one update at a time.
///
/// ```swift
/// let trainer = try PolicyTrainer(configuration, options: options, episodes: dataset)
/// while !trainer.isFinished { let report = try trainer.step() }
/// ```
/// The same options and episodes give the same bytes whatever the number of threads: each batch is cut into
/// ``TrainingOptions/shards`` pieces with gradients of their own, which are added up in order. Processes that share a
/// training divide these pieces among themselves; see ``Ranks``.
public final class PolicyTrainer {
  /// The model's sizes.
  public let configuration: PolicyConfiguration
  /// The hyperparameters.
  public let options: TrainingOptions
  /// The number of updates that have been made.
  public private(set) var completedSteps: Int
  let network: Network
  let parameters: FloatBuffer
  let optimizer: Optimizer
  let episodes: EpisodeDataset
  /// The episodes that the updates until now were drawn from, where they were fewer.
  let growth: [Growth]
  /// What the weights began as; nil where an older version did not say.
  let origin: String?
  /// The number of updates that the run was given as another end.
  let finishIn: Int?
  /// The processes that share this training.
  public let ranks: Ranks
  private let workers: Workers
  /// This process's pieces of a batch.
  private let shards: [ShardPass]
  /// What the processes before this one in the chain have added up; nil where it begins.
  private let received: FloatBuffer?

  /// That a run went on with more episodes behind those it had.
  struct Growth: Codable, Equatable, Sendable {
    /// How many episodes there were, the first of those that are there now.
    var episodes: Int
    /// The number of updates after which others came to them.
    var updates: Int
  }

  /// A model at its start.
  ///
  /// - Throws: `ConfigurationError`, `TrainingError.badOption`,
  ///   `RanksError.tooMany`.
  public convenience init(
    _ configuration: PolicyConfiguration, options: TrainingOptions, episodes: EpisodeDataset,
    workers: Workers = .allCores, ranks: Ranks = .alone
  ) throws {
    try configuration.validate()
    try options.validate(for: configuration)
    let network = Network(configuration)
    try self.init(
      network, options: options, episodes: episodes, origin: Self.originName(of: nil),
      workers: workers, ranks: ranks,
      parameters: network.layout.initialized(seed: options.seed),
      optimizer: Optimizer(network.layout, options: options), completedSteps: 0)
  }

  /// A model that begins with a policy's weights, edits multiplied out, and the optimiser's moments at zero.
  ///
  /// - Throws: `TrainingError.badOption`, `RanksError.tooMany`.
  public convenience init(
    from policy: Policy, options: TrainingOptions, episodes: EpisodeDataset,
    workers: Workers = .allCores, ranks: Ranks = .alone
  ) throws {
    try options.validate(for: policy.configuration)
    let network = Network(policy.configuration)
    try self.init(
      network, options: options, episodes: episodes, origin: Self.originName(of: policy),
      workers: workers, ranks: ranks,
      parameters: FloatBuffer(policy.mergedParameters.values),
      optimizer: Optimizer(network.layout, options: options), completedSteps: 0)
  }

  /// A model in the middle of its training.
  ///
  /// - Throws: `RanksError.tooMany`.
  init(
    _ network: Network, options: TrainingOptions, episodes: EpisodeDataset,
    growth: [Growth] = [], origin: String?, finishIn: Int? = nil, workers: Workers, ranks: Ranks,
    parameters: FloatBuffer, optimizer: Optimizer, completedSteps: Int
  ) throws {
    guard ranks.count <= options.shards else {
      throw RanksError.tooMany(processes: ranks.count, pieces: options.shards)
    }
    configuration = network.configuration
    self.options = options
    self.completedSteps = completedSteps
    self.network = network
    self.parameters = parameters
    self.optimizer = optimizer
    self.episodes = episodes
    self.growth = growth
    self.origin = origin
    self.finishIn = finishIn
    self.workers = workers
    self.ranks = ranks
    shards = ranks.pieces(of: options.shards).map { _ in ShardPass(network) }
    received = ranks.isChainStart ? nil : FloatBuffer(count: network.layout.count)
  }

  /// How many episodes have come to those that the last update was drawn from; zero but right after resuming.
  public var addedEpisodes: Int {
    growth.last.map { $0.updates == completedSteps ? episodes.count - $0.episodes : 0 } ?? 0
  }

  /// Whether all updates have been made.
  public var isFinished: Bool { completedSteps >= options.steps }

  /// Makes sure that all processes begin at the same place: what they compute is only added up.
  ///
  /// - Throws: `RanksError`.
  func requireSameStart() throws {
    guard ranks.count > 1 else { return }
    // The fingerprint's text has sixteen digits, too many for one double: each becomes one.
    let digits = "\(episodes.fingerprint)".utf8.map { Double($0) }
    let own = [Double(completedSteps), Double(options.steps)] + digits
    var first = own
    try ranks.share(&first)
    guard first == own else {
      throw RanksError.otherState(
        process: ranks.index, updates: completedSteps, expected: Int(first[0]))
    }
  }

  /// Makes sure that every parameter and moment is a number, so that nothing else is ever saved.
  ///
  /// - Throws: `TrainingError.diverged`.
  func requireFinite() throws {
    let buffers: [(TrainingError.Quantity, FloatBuffer)] = [
      (.parameter, parameters), (.moment, optimizer.firstMoment),
      (.moment, optimizer.secondMoment),
    ]
    for (quantity, buffer) in buffers {
      if let value = buffer.values.first(where: { !$0.isFinite }) {
        throw TrainingError.diverged(
          step: completedSteps, quantity: quantity, value: Double(value))
      }
    }
  }

  /// The number of trainable numbers.
  public var parameterCount: Int { network.layout.parameterCount }

  /// Makes one update.
  ///
  /// - Throws: `TrainingError.diverged`; the parameters are then those of the step before.
  ///   `RanksError`.
  @discardableResult
  public func step() throws -> StepReport {
    let windows = (0..<options.batch).map { index in
      // A stream for every window: nothing but the number of the update has to be kept to go on later.
      var generator = SplitMix64(
        seed: options.seed ^ 0x5A11_77ED, stream: completedSteps * options.batch + index)
      return episodes.window(
        augmented: options.augments, even: options.drawsEvenly ?? false, using: &generator)
    }
    let steps = windows.reduce(0) { $0 + $1.learned }
    let squares = network.encoder.plan?.squares ?? 1
    let own = Array(pieces(of: windows)[ranks.pieces(of: options.shards)])
    // All processes compute at the same time; only the sum waits for the one before.
    let computed = try run(
      own, of: episodes, scale: 1 / Float(steps),
      planScale: options.planWeight.map { Float($0) / Float(steps * squares) })
    var sums = Sums()
    if let received { try ranks.receive(received, &sums.values) }
    for piece in computed { sums.add(piece) }
    let gradients = (received.map { [$0] } ?? []) + shards.map(\.gradients)
    var norm = [optimizer.addUp(gradients, workers: workers)]
    if !ranks.isFirst { try ranks.send(gradients[0], sums.values) }
    // Those of the first process are of the whole batch.
    try ranks.share(&sums.values)
    try ranks.share(&norm)
    let loss = sums.loss / Double(steps)
    guard loss.isFinite else {
      throw TrainingError.diverged(step: completedSteps, quantity: .loss, value: loss)
    }
    guard norm[0].isFinite else {
      throw TrainingError.diverged(step: completedSteps, quantity: .gradientNorm, value: norm[0])
    }
    if ranks.isFirst {
      optimizer.update(
        parameters, gradient: gradients[0], clip: options.clip(norm: norm[0]),
        step: completedSteps, options: options, workers: workers)
    }
    try ranks.share(parameters)
    completedSteps += 1
    return StepReport(
      step: completedSteps, loss: loss, accuracy: sums.correct / Double(steps),
      planLoss: options.planWeight.map { _ in sums.planLoss / Double(steps * squares) },
      timeSteps: windows.reduce(0) { $0 + $1.steps.count }, learnedSteps: steps,
      gradientNorm: norm[0], learningRate: options.rate(at: completedSteps - 1))
  }

  /// The mean loss and the share of right actions on the openings of episodes that training does not see.
  ///
  /// - Parameters:
  ///   - heldOut: The episodes.
  ///   - limit: How many of them, at most.
  /// - Returns: Means over time steps.
  /// - Throws: ``TrainingError``.
  package func score(on heldOut: EpisodeDataset, limit: Int = .max) throws -> HeldOutScore {
    let windows = (0..<min(limit, heldOut.count)).map(heldOut.opening)
    var sums = Sums()
    for piece in try run(pieces(of: windows), of: heldOut, scale: nil) { sums.add(piece) }
    let steps = windows.reduce(0) { $0 + $1.learned }
    return HeldOutScore(
      loss: sums.loss / Double(steps), accuracy: sums.correct / Double(steps), timeSteps: steps)
  }

  /// The share of rooms that the policy as it is now solves, greedily.
  ///
  /// - Throws: `RolloutError`.
  func solveRate(on rooms: [Level]) throws -> Double {
    var options = RolloutOptions()
    options.maximumSteps = min(options.maximumSteps, configuration.maximumSteps)
    let games = try policy.play(rooms, options: options, workers: workers)
    return Double(games.count { $0.isSolved }) / Double(max(1, games.count))
  }

  /// What the windows of some pieces come to.
  private struct Sums {
    /// The loss, the plan's, and the number of right actions: numbers that processes hand on.
    var values = [0.0, 0, 0]

    var loss: Double { values[0] }
    var planLoss: Double { values[1] }
    var correct: Double { values[2] }

    mutating func add(_ other: Sums) {
      for index in values.indices { values[index] += other.values[index] }
    }
  }

  /// Divides a batch into its pieces: the longest windows first, each to the piece that has least to do.
  private func pieces(of windows: [EpisodeDataset.Window]) -> [[EpisodeDataset.Window]] {
    var loads = [Int](repeating: 0, count: options.shards)
    var pieces = [[EpisodeDataset.Window]](repeating: [], count: options.shards)
    let order = windows.indices.sorted {
      (windows[$1].steps.count, $0) < (windows[$0].steps.count, $1)
    }
    for index in order {
      var piece = 0
      for other in loads.indices where loads[other] < loads[piece] { piece = other }
      loads[piece] += windows[index].steps.count
      pieces[piece].append(windows[index])
    }
    return pieces
  }

  /// Runs pieces through this process's shards, in turn where there are more of them.
  ///
  /// - Returns: The sums of every piece.
  private func run(
    _ pieces: [[EpisodeDataset.Window]], of episodes: EpisodeDataset, scale: Float?,
    planScale: Float? = nil
  ) throws -> [Sums] {
    let (shards, parameters) = (shards, parameters)
    let sums = try workers.map(shards.count) { place in
      try stride(from: place, to: pieces.count, by: shards.count).map { piece in
        let shard = shards[place]
        shard.run(
          pieces[piece], of: episodes, parameters: parameters, scale: scale, planScale: planScale)
        if let failure = shard.failure { throw failure }
        return Sums(values: [shard.lossSum, shard.planLossSum, Double(shard.correct)])
      }
    }
    return pieces.indices.map { sums[$0 % shards.count][$0 / shards.count] }
  }
}

/// What one update was worth.
public struct StepReport: Equatable, Sendable {
  /// The number of updates so far, this one included.
  public let step: Int
  /// The mean cross-entropy of the actions, in nats, over the steps that were learned from.
  public let loss: Double
  /// The share of these steps whose action the model held most likely.
  public let accuracy: Double
  /// The mean over squares of the two cross-entropies of what the encoder reads of the plan, in nats; nil where none
  /// is learned.
  public let planLoss: Double?
  /// The time steps in the batch, three tokens each.
  public let timeSteps: Int
  /// How many of them were learned from: all but those of games before they are corrected.
  public let learnedSteps: Int
  /// The norm of the gradient before clipping.
  public let gradientNorm: Double
  /// The learning rate of this update.
  public let learningRate: Double

  /// The tokens in the batch.
  public var tokens: Int { 3 * timeSteps }
}

/// What a model is worth on episodes that it was not trained on.
package struct HeldOutScore: Equatable, Sendable {
  /// The mean cross-entropy of the actions, in nats.
  package let loss: Double
  /// The share of time steps whose action the model held most likely.
  package let accuracy: Double
  /// The number of time steps.
  package let timeSteps: Int
}
