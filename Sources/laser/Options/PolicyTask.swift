import Numerics
import DecisionTransformer
import LaserOps
import Sokoban

/// Levels that a policy is searched on: the objective, and what a journal of the search says of itself.
struct PolicyTask {
  let policy: Policy
  let levels: [Level]
  let rollout: RolloutOptions
  let split: DataSplit

  func scored(
    workers: Workers, remarks: [String: String] = [:]
  ) -> ScoredTask<PolicyObjective> {
    ScoredTask(
      model: policy,
      objective: PolicyObjective(levels: levels, options: rollout, workers: workers), split: split,
      identity: identity, remarks: remarks,
      games: { edit in
        try ComparedGames(
          policy: policy, edit: edit, levels: split.test.map { levels[$0] }, numbers: split.test,
          options: rollout, workers: workers)
      })
  }

  /// Fingerprints, not paths: the same search elsewhere on the disk is the same search.
  private var identity: [String: String] {
    var data = Fingerprint()
    for level in levels { data.combine(level.description) }
    let choice =
      switch rollout.choice {
      case .greedy: "greedy"
      case .sampled(let seed): "sampled with seed \(seed)"
      }
    return [
      "task": "sokoban", "model": "\(policy.fingerprint)",
      "data": "\(levels.count) levels, \(data)",
      "options": "target return \(rollout.targetReturn), \(rollout.maximumSteps) steps, \(choice)",
      "split": split.identity,
    ]
  }
}
