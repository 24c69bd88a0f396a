public import Numerics
public import LaserOps
public import Sokoban

/// A policy whose edits play levels.
public struct PolicyExperiment: Experiment {
  /// The unedited policy.
  public let policy: Policy
  /// The levels, in data order.
  public let levels: [Level]
  /// How they are played.
  public let rollout: RolloutOptions
  /// Which levels pick and which report.
  public let split: DataSplit
  private let workers: Workers

  /// Edits of `policy` are scored on `levels`.
  public init(
    policy: Policy, levels: [Level], rollout: RolloutOptions = RolloutOptions(), split: DataSplit,
    workers: Workers = .allCores
  ) {
    self.policy = policy
    self.levels = levels
    self.rollout = rollout
    self.split = split
    self.workers = workers
  }

  /// The unedited policy.
  public var model: Policy { policy }

  /// How many levels are solved, and with what return.
  public var objective: PolicyObjective {
    PolicyObjective(levels: levels, options: rollout, workers: workers)
  }

  /// The policy, the levels and how they are played.
  public var identity: RunIdentity {
    var data = Fingerprint()
    for level in levels { data.combine(level.description) }
    var rules: [String: RunValue] = [
      "target_return": .number(rollout.targetReturn),
      "maximum_steps": .integer(rollout.maximumSteps),
    ]
    switch rollout.choice {
    case .greedy: rules["actions"] = .text("greedy")
    case .sampled(let seed):
      rules["actions"] = .text("sampled")
      rules["seed"] = .text("\(seed)")
    }
    return RunIdentity(
      model: "\(policy.fingerprint)",
      data: ["levels": .init(count: levels.count, fingerprint: "\(data)")],
      scoring: .init(task: "sokoban", rules: rules), split: split.identity)
  }

  /// Games of the test levels without and with an edit.
  ///
  /// - Parameter edit: The edit; `base` if nothing beat the unedited policy, which then plays alone.
  /// - Returns: The games.
  /// - Throws: ``RolloutError``, `InterventionError`.
  package func games(_ edit: String) throws -> ComparedGames {
    try ComparedGames(
      policy: policy, edit: edit, levels: split.test.map { levels[$0] }, numbers: split.test,
      options: rollout, workers: workers)
  }
}
