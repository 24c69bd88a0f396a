public import Numerics
public import Foundation

extension PolicyConfiguration {
  /// Reads the sizes of the policy in `folder` from its `config.json`; weights are not looked at.
  ///
  /// - Throws: `PolicyCheckpointError`, `StorageError`.
  public init(contentsOf folder: URL) throws {
    self = try CheckpointFolder(url: folder).readConfiguration()
  }
}

extension Policy {
  /// Reads the policy in `folder`: `config.json` and `model.safetensors`.
  ///
  /// - Throws: `PolicyCheckpointError`, `StorageError`: everything is checked, every number too.
  public init(contentsOf folder: URL) throws {
    let (network, parameters) = try CheckpointFolder(url: folder).readPolicy()
    self.init(network, parameters: parameters)
  }

  /// Writes the policy to `folder`, edited matrices multiplied out in their places.
  ///
  /// - Throws: `StorageError`; each file is then the old one or the new one.
  public func save(to folder: URL) throws {
    try CheckpointFolder(url: folder).writePolicy(network, parameters: mergedParameters)
  }
}

extension TrainingOptions {
  /// Reads the options of the training in `folder`, which may not be finished; nil where none has begun.
  ///
  /// - Throws: `PolicyCheckpointError` for options that are damaged.
  public init?(ofTrainingIn folder: URL) throws {
    let checkpoint = CheckpointFolder(url: folder)
    guard checkpoint.hasTraining else { return nil }
    self = try checkpoint.readTrainingState(for: checkpoint.readConfiguration()).options
  }
}

extension PolicyTrainer {
  /// The policy as it is now; later updates do not change it.
  public var policy: Policy { Policy(network, parameters: FloatBuffer(parameters.values)) }

  /// Writes the policy, and what is needed to go on training it, to `folder`.
  ///
  /// - Throws: `TrainingError.diverged` before anything is written where a parameter is not
  ///   finite, `StorageError`; what was saved before is then still there.
  public func save(to folder: URL) throws {
    try requireFinite()
    let folder = CheckpointFolder(url: folder)
    let state = CheckpointFolder.TrainingState(
      options: options, completedSteps: completedSteps, episodes: episodes.count,
      timeSteps: episodes.stepCount, fingerprint: "\(episodes.fingerprint)",
      growth: growth.isEmpty ? nil : growth)
    try folder.writeConfiguration(configuration)
    try folder.writeTraining(
      state, layout: network.layout, parameters: parameters, optimizer: optimizer)
    try folder.writeModel(network, parameters: parameters)
  }

  /// Goes on where ``save(to:)`` left off; the result is the same to the byte as without the interruption.
  ///
  /// Where the very first ``save(to:)`` was interrupted, training begins anew with the same options.
  ///
  /// - Parameters:
  ///   - folder: The run's.
  ///   - episodes: The same as before, and perhaps more behind them, which are drawn from now on.
  ///   - updates: After how many more updates to end, the rate falling on the way; nil: where the run was to end.
  ///   - workers: The threads.
  ///   - ranks: The processes that share the training; each reads the folder.
  /// - Throws: `PolicyCheckpointError`, `StorageError`, `TrainingError`, `RanksError.tooMany`.
  public convenience init(
    resuming folder: URL, episodes: EpisodeDataset, finishingIn updates: Int? = nil,
    workers: Workers = .allCores, ranks: Ranks = .alone
  ) throws {
    let checkpoint = CheckpointFolder(url: folder)
    let network = Network(try checkpoint.readConfiguration())
    // The episodes first: the numbers take longer to read.
    let state = try checkpoint.readTrainingState(for: network.configuration)
    guard try state.fingerprint == "\(episodes.fingerprint(ofFirst: state.episodes))" else {
      throw PolicyCheckpointError.otherEpisodes(
        folder: folder.path,
        expected:
          "\(state.episodes) episodes of \(state.timeSteps) steps, fingerprint \(state.fingerprint)",
        found: "\(episodes.count) of \(episodes.stepCount), fingerprint \(episodes.fingerprint)")
    }
    let (steps, parameters, optimizer) =
      checkpoint.wasInterruptedAtFirst
      ? (
        0, network.layout.initialized(seed: state.options.seed),
        Optimizer(network.layout, options: state.options)
      )
      : try checkpoint.readOptimizer(network.layout, options: state.options)
    let options =
      try updates.map { try state.options.finishing(in: $0, after: steps) } ?? state.options
    let growth =
      (state.growth ?? [])
      + (episodes.count > state.episodes ? [Growth(episodes: state.episodes, updates: steps)] : [])
    try self.init(
      network, options: options, episodes: episodes, growth: growth, workers: workers, ranks: ranks,
      parameters: parameters, optimizer: optimizer, completedSteps: steps)
  }
}
