public import Numerics
internal import Sokoban

/// Trains a Decision Transformer on episodes, one update at a time.
///
/// ```swift
/// let trainer = try Trainer(configuration, options: options, episodes: dataset)
/// while !trainer.isFinished { let report = try trainer.step() }
/// ```
/// The same options and episodes give the same bytes whatever the number of threads: each batch is cut into
/// ``TrainingOptions/shards`` pieces with gradients of their own, which are added up in order.
public final class Trainer {
  /// The model's sizes.
  public let configuration: Configuration
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
  private let workers: Workers
  private let shards: [ShardPass]

  /// That a run went on with more episodes behind those it had.
  struct Growth: Codable, Equatable, Sendable {
    /// How many episodes there were, the first of those that are there now.
    var episodes: Int
    /// The number of updates after which others came to them.
    var updates: Int
  }

  /// A model at its start.
  ///
  /// - Throws: ``ConfigurationError``, ``TrainingError/badOption(_:value:expected:)``.
  public convenience init(
    _ configuration: Configuration, options: TrainingOptions, episodes: EpisodeDataset,
    workers: Workers = .allCores
  ) throws {
    try configuration.validate()
    try options.validate(for: configuration)
    let network = Network(configuration)
    self.init(
      network, options: options, episodes: episodes, workers: workers,
      parameters: network.layout.initialized(seed: options.seed),
      optimizer: Optimizer(network.layout, options: options), completedSteps: 0)
  }

  /// A model that begins with a policy's weights, edits multiplied out, and the optimiser's moments at zero.
  ///
  /// - Throws: ``TrainingError/badOption(_:value:expected:)``.
  public convenience init(
    from policy: Policy, options: TrainingOptions, episodes: EpisodeDataset,
    workers: Workers = .allCores
  ) throws {
    try options.validate(for: policy.configuration)
    let network = Network(policy.configuration)
    self.init(
      network, options: options, episodes: episodes, workers: workers,
      parameters: FloatBuffer(policy.mergedParameters.values),
      optimizer: Optimizer(network.layout, options: options), completedSteps: 0)
  }

  /// A model in the middle of its training.
  init(
    _ network: Network, options: TrainingOptions, episodes: EpisodeDataset,
    growth: [Growth] = [], workers: Workers, parameters: FloatBuffer, optimizer: Optimizer,
    completedSteps: Int
  ) {
    configuration = network.configuration
    self.options = options
    self.completedSteps = completedSteps
    self.network = network
    self.parameters = parameters
    self.optimizer = optimizer
    self.episodes = episodes
    self.growth = growth
    self.workers = workers
    shards = (0..<options.shards).map { _ in ShardPass(network) }
  }

  /// How many episodes have come to those that the last update was drawn from; zero but right after resuming.
  public var addedEpisodes: Int {
    growth.last.map { $0.updates == completedSteps ? episodes.count - $0.episodes : 0 } ?? 0
  }

  /// Whether all updates have been made.
  public var isFinished: Bool { completedSteps >= options.steps }

  /// Makes sure that every parameter and moment is a number, so that nothing else is ever saved.
  ///
  /// - Throws: ``TrainingError/diverged(step:quantity:value:)``.
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
  /// - Throws: ``TrainingError/diverged(step:quantity:value:)``; the parameters are then those of the step before.
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
    let sums = try run(
      windows, of: episodes, scale: 1 / Float(steps),
      planScale: options.planWeight.map { Float($0) / Float(steps * squares) })
    let loss = sums.loss / Double(steps)
    guard loss.isFinite else {
      throw TrainingError.diverged(step: completedSteps, quantity: .loss, value: loss)
    }
    let norm = optimizer.addUp(shards.map(\.gradients), workers: workers)
    guard norm.isFinite else {
      throw TrainingError.diverged(step: completedSteps, quantity: .gradientNorm, value: norm)
    }
    optimizer.update(
      parameters, gradient: shards[0].gradients, clip: options.clip(norm: norm),
      step: completedSteps, options: options, workers: workers)
    completedSteps += 1
    return StepReport(
      step: completedSteps, loss: loss, accuracy: Double(sums.correct) / Double(steps),
      planLoss: options.planWeight.map { _ in sums.planLoss / Double(steps * squares) },
      timeSteps: windows.reduce(0) { $0 + $1.steps.count }, gradientNorm: norm,
      learningRate: options.rate(at: completedSteps - 1))
  }

  /// The mean loss and the share of right actions on the openings of episodes that training does not see.
  ///
  /// - Parameters:
  ///   - heldOut: The episodes.
  ///   - limit: How many of them, at most.
  /// - Returns: Means over time steps.
  /// - Throws: ``TrainingError``.
  public func score(on heldOut: EpisodeDataset, limit: Int = .max) throws -> HeldOutScore {
    let windows = (0..<min(limit, heldOut.count)).map(heldOut.opening)
    let sums = try run(windows, of: heldOut, scale: nil)
    let steps = windows.reduce(0) { $0 + $1.learned }
    return HeldOutScore(
      loss: sums.loss / Double(steps), accuracy: Double(sums.correct) / Double(steps),
      timeSteps: steps)
  }

  /// The share of rooms that the policy as it is now solves, greedily.
  ///
  /// - Throws: ``RolloutError``.
  func solveRate(on rooms: [Level]) throws -> Double {
    var options = RolloutOptions()
    options.maximumSteps = min(options.maximumSteps, configuration.maximumSteps)
    let games = try policy.play(rooms, options: options, workers: workers)
    return Double(games.count { $0.isSolved }) / Double(max(1, games.count))
  }

  /// Runs `windows` through the shards: the longest first, each to the shard that has least to do.
  private func run(
    _ windows: [EpisodeDataset.Window], of episodes: EpisodeDataset, scale: Float?,
    planScale: Float? = nil
  ) throws -> (loss: Double, planLoss: Double, correct: Int) {
    var loads = [Int](repeating: 0, count: shards.count)
    var assigned = [[EpisodeDataset.Window]](repeating: [], count: shards.count)
    let order = windows.indices.sorted {
      (windows[$1].steps.count, $0) < (windows[$0].steps.count, $1)
    }
    for index in order {
      var shard = 0
      for other in loads.indices where loads[other] < loads[shard] { shard = other }
      loads[shard] += windows[index].steps.count
      assigned[shard].append(windows[index])
    }
    let (shards, parameters, pieces) = (shards, parameters, assigned)
    workers.forEach(shards.count) { index in
      shards[index].run(
        pieces[index], of: episodes, parameters: parameters, scale: scale, planScale: planScale)
    }
    for shard in shards { if let failure = shard.failure { throw failure } }
    return (
      shards.reduce(0) { $0 + $1.lossSum }, shards.reduce(0) { $0 + $1.planLossSum },
      shards.reduce(0) { $0 + $1.correct }
    )
  }
}

/// What one update was worth.
public struct StepReport: Equatable, Sendable {
  /// The number of updates so far, this one included.
  public let step: Int
  /// The mean cross-entropy of the actions, in nats.
  public let loss: Double
  /// The share of time steps whose action the model held most likely.
  public let accuracy: Double
  /// The mean over squares of the two cross-entropies of what the encoder reads of the plan, in nats; nil where none
  /// is learned.
  public let planLoss: Double?
  /// The time steps in the batch, three tokens each.
  public let timeSteps: Int
  /// The norm of the gradient before clipping.
  public let gradientNorm: Double
  /// The learning rate of this update.
  public let learningRate: Double

  /// The tokens in the batch.
  public var tokens: Int { 3 * timeSteps }
}

/// What a model is worth on episodes that it was not trained on.
public struct HeldOutScore: Equatable, Sendable {
  /// The mean cross-entropy of the actions, in nats.
  public let loss: Double
  /// The share of time steps whose action the model held most likely.
  public let accuracy: Double
  /// The number of time steps.
  public let timeSteps: Int
}
