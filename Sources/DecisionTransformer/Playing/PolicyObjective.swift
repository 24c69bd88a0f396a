public import Numerics
public import LaserOps
public import Sokoban

/// The search's task on a policy: solve levels; ties go to the higher mean return.
public struct PolicyObjective: Objective {
  /// The levels, in data order.
  public let levels: [Level]
  /// How the policy plays.
  public let options: RolloutOptions
  let workers: Workers

  /// Scores policies on `levels`.
  public init(
    levels: [Level], options: RolloutOptions = RolloutOptions(), workers: Workers = .allCores
  ) {
    self.levels = levels
    self.options = options
    self.workers = workers
  }

  /// The number of levels.
  public var exampleCount: Int { levels.count }

  /// The return decides among equal solve rates.
  public var secondaryMeasure: SecondaryMeasure { .meanReturn }

  /// Makes sure that `policy` can play every level, whichever of them are played later.
  ///
  /// - Throws: `RolloutError`, which names a level by its number in ``levels``.
  public func check(_ policy: Policy) throws { try policy.check(levels, options) }

  /// Plays the levels with every candidate.
  ///
  /// - Throws: `RolloutError`.
  public func outcomes(
    of candidates: [Candidate<Policy>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try session().outcomes(of: candidates, on: examples)
  }

  /// Keeps what the policy's encoder makes of the pictures of the games.
  public func session(asking parts: [[Int]] = []) -> any ScoringSession<Policy> {
    PolicySession(self)
  }
}

/// Levels played with one candidate after the other.
private final class PolicySession: ScoringSession {
  private let objective: PolicyObjective
  /// The pictures of the games so far, by the policy whose edits were scored last.
  private var embeddings: EmbeddingCache?

  init(_ objective: PolicyObjective) { self.objective = objective }

  /// Groups of levels of all candidates are spread over the threads together.
  func outcomes(
    of candidates: [Candidate<Policy>], on examples: [Int]
  ) throws -> [[Outcome]] {
    for candidate in candidates { try objective.check(candidate.model) }
    guard !examples.isEmpty else { return candidates.map { _ in [] } }
    let chosen = examples.map { objective.levels[$0] }
    let starts = Array(stride(from: 0, to: chosen.count, by: Policy.levelsTogether))
    let options = objective.options
    let caches = candidates.map { embeddings(for: $0.model) }
    let groups = try objective.workers.map(candidates.count * starts.count) { piece in
      let start = starts[piece % starts.count]
      let group = start..<min(start + Policy.levelsTogether, chosen.count)
      let candidate = piece / starts.count
      let rollouts = try candidates[candidate].model.playTogether(
        Array(chosen[group]), numbers: Array(examples[group]), options,
        embeddings: caches[candidate])
      return rollouts.map {
        Outcome(isSuccess: $0.isSolved, measure: $0.totalReturn)
      }
    }
    return candidates.indices.map { candidate in
      groups[candidate * starts.count..<(candidate + 1) * starts.count].flatMap { $0 }
    }
  }

  /// Those that edits of the same policy share; those of another are forgotten.
  private func embeddings(for policy: Policy) -> EmbeddingCache {
    let cache =
      embeddings.flatMap { $0.serves(policy) ? $0 : nil }
      ?? EmbeddingCache(by: InferenceEncoder(of: policy))
    embeddings = cache
    return cache
  }
}
