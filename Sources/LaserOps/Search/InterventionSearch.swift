internal import Numerics

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
    /// How trials are stopped that will not win; nil tries everything.
    public var race: Race?
    /// Seeds the bootstrap, and shuffles the examples of a race.
    public var seed: UInt64

    /// By default a whole grid without composition.
    public init(
      composes: Bool = false, shard: Shard = .whole, race: Race? = nil, seed: UInt64 = 0
    ) {
      self.composes = composes
      self.shard = shard
      self.race = race
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
  ///   - parts: Where the parts of a race's trials are, and go.
  ///   - progress: Called before the first edit and after every group of edits.
  /// - Returns: The result, or nil for a shard: its journal is then one of several to be concatenated.
  /// - Throws: ``InterventionError``, ``SearchError`` and ``RunError``, and the objective's errors.
  public func run(
    journal: Journal<Trial>, parts: Journal<PartialTrial> = Journal(identity: [:]),
    progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SearchResult? {
    guard options.race == nil || options.shard == .whole else { throw SearchError.shardedRace }
    let runner = TrialRunner(model: model, objective: objective, split: split, journal: journal)
    let steps = try space.steps(for: model)
    let (base, race) = try tried(steps, runner, parts: parts, progress: progress)
    guard options.shard == .whole else { return nil }

    // All of validation before any of test: an objective may keep something of the examples it was asked last.
    let composed =
      options.composes
      ? try GreedyComposition(steps: steps).run(runner, base: base, progress: progress).last
      : nil
    // After the composition, which, now or in an earlier run, asks single edits everything that a race had stopped.
    let best = try bestOfFinished(steps, runner, base: base)
    let baseTest = try runner.trial(of: [], on: .test)
    let facts = SearchResult.Facts(of: split, scoredBy: objective)
    func winner(_ validation: Trial) throws -> SearchResult.Winner {
      SearchResult.Winner(
        validation: validation,
        test: try runner.trial(of: validation.interventions(), on: .test),
        base: baseTest, facts: facts, seed: options.seed)
    }
    return SearchResult(
      base: .init(validation: base, test: baseTest, facts: facts),
      best: try winner(best), composition: try composed.map(winner), race: race,
      method: space.method,
      rankRule: space.rankRule,
      trialCount: steps.reduce(0) { $0 + $1.interventions.count },
      trials: "journal.jsonl")
  }

  /// The best of the unedited model and all edits that were asked everything on validation; of full ties the first.
  private func bestOfFinished(
    _ steps: [SearchSpace.Step], _ runner: TrialRunner<Task>, base: Trial
  ) throws -> Trial {
    var best = Standing(trial: base, removed: 0)
    for edit in steps.flatMap(\.interventions) {
      guard
        let trial = try runner.journal.trial(
          of: [edit], on: .validation, examples: split.validation.count)
      else { continue }
      let standing = try runner.standing(of: trial)
      if best < standing { best = standing }
    }
    return best.trial
  }

  /// What the trials of a race belong to beside model and data: its options and the edits in it; nil without a race.
  ///
  /// - Throws: ``InterventionError`` and ``SearchError`` for a space that cannot be tried.
  var raceIdentity: String? {
    get throws {
      guard let race = options.race else { return nil }
      var edits = Fingerprint()
      let names = try space.steps(for: model).flatMap(\.interventions).map { Trial.name(of: [$0]) }
      for name in names { edits.combine(name) }
      return
        "risk \(race.risk), seed \(options.seed), \(names.count) edits, \(edits), "
        + RaceOrder.name(for: race)
    }
  }

  /// Tries all edits on validation, raced or each asked everything, beside the unedited model.
  private func tried(
    _ steps: [SearchSpace.Step], _ runner: TrialRunner<Task>, parts: Journal<PartialTrial>,
    progress: @escaping (SearchProgress) -> Void
  ) throws -> (base: Trial, race: Race.Summary?) {
    if let race = options.race {
      return try RacingSweep(
        steps: steps, race: race, seed: options.seed, runner: runner, journal: parts
      ).run(progress: progress)
    }
    let tried = try Sweep(
      steps: steps.enumerated().filter { options.shard.contains($0.offset) }.map(\.element),
      on: .validation
    ).run(runner, progress: progress)
    return (tried.base, nil)
  }
}
