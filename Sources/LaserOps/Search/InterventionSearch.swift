/// The search of the paper (§3): every (kind, layer, fraction) on validation, the winner and the base on test.
///
/// The same code searches for a policy's solve rate and for a language model's accuracy.
public struct InterventionSearch<Task: Objective>: Sendable {
  /// The unedited model.
  public let model: Task.Model
  /// What scores it.
  public let objective: Task
  /// Which examples pick and which report.
  public let split: DataSplit
  /// The grid.
  public let space: SearchSpace
  /// What else is asked for.
  public let options: Options

  /// What a search does beside trying its grid.
  public struct Options: Sendable {
    /// Whether edits are also composed greedily.
    public var composes: Bool
    /// Which share of the sites this process tries.
    public var shard: Shard
    /// Seeds the bootstrap.
    public var seed: UInt64

    /// By default a whole grid without composition.
    public init(composes: Bool = false, shard: Shard = .whole, seed: UInt64 = 0) {
      self.composes = composes
      self.shard = shard
      self.seed = seed
    }
  }

  /// A search of `space` for the edit of `model` that scores best.
  public init(
    model: Task.Model, objective: Task, split: DataSplit, space: SearchSpace,
    options: Options = Options()
  ) {
    self.model = model
    self.objective = objective
    self.split = split
    self.space = space
    self.options = options
  }

  /// Tries what `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where finished trials are, and go.
  ///   - progress: Called before the first edit and after every group of edits.
  /// - Returns: The result, or nil for a shard: its journal is then one of several to be concatenated.
  /// - Throws: ``InterventionError`` and ``SearchError``, and the objective's errors.
  public func run(
    journal: Journal<Trial>, progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SearchResult? {
    let runner = TrialRunner(model: model, objective: objective, split: split, journal: journal)
    let steps = try space.steps(for: model)
    let sweep = Sweep(
      steps: steps.enumerated().filter { options.shard.contains($0.offset) }.map(\.element),
      on: .validation)
    let tried = try sweep.run(runner, progress: progress)
    guard options.shard == .whole else { return nil }

    // All of validation before any of test: an objective may keep something of the examples it was asked last.
    let composed =
      options.composes
      ? try GreedyComposition(steps: steps).run(runner, base: tried.base, progress: progress).last
      : nil
    let baseTest = try runner.trial(of: [], on: .test)
    let facts = SearchResult.Facts(of: split, scoredBy: objective)
    func winner(_ validation: Trial) throws -> SearchResult.Winner {
      SearchResult.Winner(
        validation: validation,
        test: try runner.trial(of: validation.interventions(), on: .test),
        base: baseTest, facts: facts, seed: options.seed)
    }
    return SearchResult(
      base: .init(validation: tried.base, test: baseTest, facts: facts),
      best: try winner(tried.best), composition: try composed.map(winner), method: space.method,
      rankRule: space.rankRule,
      trialCount: steps.reduce(0) { $0 + $1.interventions.count },
      trials: "journal.jsonl")
  }
}
