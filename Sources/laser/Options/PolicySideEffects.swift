import Numerics
import ArgumentParser
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// Side effects of edits of a policy: other levels.
struct PolicySideEffects: SideEffectSource {
  let policy: Policy
  let rollout: RolloutOptions
  let limit: Int?
  let workers: Workers

  func score(_ also: AlsoArgument, number: Int) throws -> PreparedSideEffects.Score {
    guard also.task == "sokoban" else {
      throw ValidationError(
        "'\(also.task)' is not a task of a policy; expected --also sokoban=LEVELS.")
    }
    let levels = try also.files.flatMap { path in
      let file = try LevelFile(contentsOf: path)
      return Array(try file.first(limit ?? file.levels.count))
    }
    let other = PolicyExperiment(
      policy: policy, levels: levels, rollout: rollout,
      split: try DataSplit(undivided: levels.count), workers: workers)
    try other.objective.check(policy)
    let name = also.files.map { URL(userPath: $0).lastPathComponent }.joined(separator: ", ")
    return { edits, folder, seed in
      let journal: Journal<Trial> = try RunFolder(folder).open(
        "also-\(number)-sokoban",
        for: RunHeader(other.identity.of(.sideEffect), from: .current(data: also.files)))
      return try TrialRunner(
        model: policy, objective: other.objective, split: other.split,
        journal: journal
      ).sideEffects(of: edits, named: name, seed: seed)
    }
  }

  func perplexity(_ text: String, number: Int) throws -> PreparedSideEffects.Text {
    throw ValidationError("--also-text goes with --model: a policy reads no text.")
  }
}
