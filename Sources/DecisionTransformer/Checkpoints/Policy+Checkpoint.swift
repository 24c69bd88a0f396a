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
  /// Reads the options of the training in `folder`, which may not be finished; nil where none has begun. The numbers
  /// that it would go on with are not looked at.
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
  public func save(to folder: URL) throws { try save(to: folder, with: nil) }

  /// As ``save(to:)``, with the curve of the run.
  func save(to url: URL, with curve: TrainingCurve?) throws {
    try requireFinite()
    let folder = CheckpointFolder(url: url)
    let state = CheckpointFolder.TrainingState(
      options: options, completedSteps: completedSteps, episodes: episodes.count,
      timeSteps: episodes.stepCount, fingerprint: "\(episodes.fingerprint)",
      growth: growth.isEmpty ? nil : growth, origin: origin, finishIn: finishIn)
    try folder.writeConfiguration(configuration)
    // Before the number of updates: a run that goes on leaves out points beyond it, but makes none anew that are missing.
    try curve?.save(to: url)
    try folder.writeTraining(
      state, layout: network.layout, parameters: parameters, optimizer: optimizer)
    try folder.writeModel(network, parameters: parameters)
  }

  /// Writes the policy to `folder`, which has the rest of the checkpoint, unless it is there: a ``save(to:)`` that was cut
  /// off has not come so far, or left the one of a checkpoint before. A finished run that is whole may be read-only.
  ///
  /// - Throws: `StorageError`.
  func completeSave(to folder: URL) throws {
    let folder = CheckpointFolder(url: folder)
    guard !folder.holds(network, parameters: parameters) else { return }
    try folder.writePolicy(network, parameters: parameters)
  }

  /// Goes on where ``save(to:)`` left off; the result is the same to the byte as without the interruption.
  ///
  /// Where the very first ``save(to:)`` was interrupted, training begins anew with the same options. An end that is given
  /// once more is the one that the run has already.
  ///
  /// - Parameters:
  ///   - folder: The run's.
  ///   - episodes: The same as before, and perhaps more behind them, which are drawn from now on.
  ///   - origin: The policy that training began with; only where it begins anew is it looked at.
  ///   - updates: After how many more updates to end, the rate falling on the way; nil: where the run was to end.
  ///   - workers: The threads.
  ///   - ranks: The processes that share the training; each reads the folder.
  /// - Throws: `PolicyCheckpointError`, `StorageError`, `TrainingError`, `RanksError.tooMany`.
  /// - Precondition: The origin has the run's sizes.
  public convenience init(
    resuming folder: URL, episodes: EpisodeDataset, from origin: Policy? = nil,
    finishingIn updates: Int? = nil, workers: Workers = .allCores, ranks: Ranks = .alone
  ) throws {
    let checkpoint = CheckpointFolder(url: folder)
    let network = Network(try checkpoint.readConfiguration())
    try checkpoint.requireResumable()
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
        0, try Self.firstParameters(of: network, state, from: origin, in: folder),
        Optimizer(network.layout, options: state.options)
      )
      : try checkpoint.readOptimizer(network.layout, options: state.options)
    // What was interrupted is asked for once more by the same command.
    let newEnd = updates == state.finishIn ? nil : updates
    let options =
      try newEnd.map { try state.options.finishing(in: $0, after: steps) } ?? state.options
    let growth =
      (state.growth ?? [])
      + (episodes.count > state.episodes ? [Growth(episodes: state.episodes, updates: steps)] : [])
    try self.init(
      network, options: options, episodes: episodes, growth: growth, origin: state.origin,
      finishIn: newEnd ?? state.finishIn, workers: workers, ranks: ranks, parameters: parameters,
      optimizer: optimizer, completedSteps: steps)
  }

  /// The weights that a run begins with once more: its origin's, or those of its seed.
  private static func firstParameters(
    of network: Network, _ state: CheckpointFolder.TrainingState, from origin: Policy?,
    in folder: URL
  ) throws -> FloatBuffer {
    guard state.origin == nil || state.origin == originName(of: origin) else {
      throw PolicyCheckpointError.otherOrigin(folder: folder.path, expected: state.origin ?? "")
    }
    precondition(
      origin.map { $0.configuration == network.configuration } ?? true, "an origin of other sizes")
    return origin.map { FloatBuffer($0.mergedParameters.values) }
      ?? network.layout.initialized(seed: state.options.seed)
  }

  /// What `training.json` calls weights that a run begins with.
  ///
  /// - Parameter policy: Whose weights they are; nil for those of a seed.
  /// - Returns: The policy's fingerprint.
  package static func originName(of policy: Policy?) -> String {
    policy.map { "\($0.fingerprint)" } ?? CheckpointFolder.TrainingState.untrained
  }

  /// What the training in `folder` began with, as ``originName(of:)`` has it; nil where none has begun, and where an older
  /// version began it, which did not say.
  ///
  /// - Throws: `PolicyCheckpointError`, `StorageError`.
  package static func originName(ofTrainingIn folder: URL) throws -> String? {
    let checkpoint = CheckpointFolder(url: folder)
    guard checkpoint.hasTraining else { return nil }
    return try checkpoint.readTrainingState(for: checkpoint.readConfiguration()).origin
  }
}
