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
  /// The place of the first level of the file that those that report are in.
  private let testFileStart: Int
  private let workers: Workers

  /// Edits of `policy` are scored on `levels`.
  ///
  /// - Parameters:
  ///   - policy: The unedited policy.
  ///   - levels: The levels, those that pick first where others report that are in a file of their own.
  ///   - rollout: How they are played.
  ///   - split: Which levels pick and which report.
  ///   - testFileStart: Where the file begins that those that report are in: games are shown with numbers from there.
  ///   - workers: The threads.
  public init(
    policy: Policy, levels: [Level], rollout: RolloutOptions = RolloutOptions(), split: DataSplit,
    testFileStart: Int = 0, workers: Workers = .allCores
  ) {
    self.policy = policy
    self.levels = levels
    self.rollout = rollout
    self.split = split
    self.testFileStart = testFileStart
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
      countedFrom: testFileStart, options: rollout, workers: workers)
  }
}
