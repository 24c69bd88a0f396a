internal import Numerics

/// The search of the paper (§3): every (kind, layer, fraction) on validation, the winner and the base on test.
///
/// The same code searches for a policy's solve rate and for a language model's accuracy.
public struct InterventionSearch<SomeObjective: Objective>: Sendable {
  /// The unedited model.
  public let model: SomeObjective.Model
  /// What scores it.
  public let objective: SomeObjective
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
    /// Of how many processes this one puts the trials together; nil for none.
    public var merges: Int?
    /// Whether trials that are missing then are made here.
    public var fills: Bool
    /// Which of several processes that merge at the same time this one is: they share the trials of a composition, and the
    /// first of them makes the result.
    public var merger: Shard
    /// How trials are stopped that will not win; nil tries everything.
    public var race: Race?
    /// How a gradient picks what is tried; nil tries the whole grid.
    public var guide: Guide?
    /// Seeds the bootstrap, and shuffles the examples of a race.
    public var seed: UInt64

    /// By default a whole grid without composition.
    public init(
      composes: Bool = false, shard: Shard = .whole, merges: Int? = nil, fills: Bool = false,
      merger: Shard = .whole, race: Race? = nil, guide: Guide? = nil, seed: UInt64 = 0
    ) {
      self.composes = composes
      self.shard = shard
      self.merges = merges
      self.fills = fills
      self.merger = merger
      self.race = race
      self.guide = guide
      self.seed = seed
    }
  }

  /// A search of `space` for the edit of `model` that scores best.
  public init(
    model: SomeObjective.Model, objective: SomeObjective, split: DataSplit, space: SearchSpace,
    options: Options = Options()
  ) {
    self.model = model
    self.objective = objective
    self.split = split
    self.space = space
    self.options = options
  }

  /// A search for the edit of an experiment's model that scores best on its data.
  public init(
    of experiment: some Experiment<SomeObjective>, space: SearchSpace, options: Options = Options()
  ) {
    self.init(
      model: experiment.model, objective: experiment.objective, split: experiment.split,
      space: space, options: options)
  }

  /// Runs the whole search in memory; ``RunFolder/run(_:of:from:gradient:progress:)`` keeps it on disk and goes on with what
  /// is there.
  ///
  /// - Parameter progress: Called before the first edit and after every group of edits.
  /// - Returns: The result; nil for a shard, and for all mergers but the first.
  /// - Throws: `InterventionError`, `SearchError`, and the objective's errors.
  public func run(progress: @escaping (SearchProgress) -> Void = { _ in }) throws -> SearchResult? {
    try run(journal: Journal(), progress: progress)
  }

  /// Tries what `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where finished trials are, and go.
  ///   - parts: Where the parts of a race's trials are, and go.
  ///   - predictions: Where what a gradient says is, and goes.
  ///   - asksAgain: Whether the unedited model and the winners are asked once more here, because processes whose arithmetic
  ///     rounds differently have made the trials. Called when all trials but those of the test part are made.
  ///   - gradient: Called with the number of matrices of which the gradient is known, and of all.
  ///   - progress: Called before the first edit and after every group of edits.
  /// - Returns: The result; nil for a shard, whose journal is one of several, and for all mergers but the first.
  /// - Throws: ``InterventionError``, ``SearchError`` and ``RunError``, and the objective's errors.
  package func run(
    journal: Journal<Trial>,
    parts: Journal<PartialTrial> = Journal(),
    predictions: Journal<SitePrediction> = Journal(),
    asksAgain: () throws -> Bool = { false },
    gradient: (Int, Int) -> Void = { _, _ in },
    progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SearchResult? {
    try checkOptions()
    let runner = TrialRunner(model: model, objective: objective, split: split, journal: journal)
    let guided = options.guide.map {
      GuidedSteps(guide: $0, space: space, runner: runner, journal: predictions)
    }
    var shortlist = try guided.map {
      try $0.shortlist(of: $0.guide.promising, isSpread: true, progress: gradient)
    }
    var steps =
      try shortlist.map { shortlist in
        shortlist.steps.enumerated().filter { options.shard.contains($0.offset) }.map(\.element)
      } ?? space.steps(for: model, of: options.shard, known: knownRanks(journal, parts))
    if let count = options.merges, !options.fills {
      try checkNothingIsMissing(of: steps, among: count, runner, parts)
    }
    var (found, sweep) = try tried(steps, runner, parts: parts, progress: progress)
    guard options.shard == .whole, let base = found else { return nil }

    if let guided, let promising = shortlist, options.merger.index == 0 {
      let confirmed = try GuidedConfirmation(
        steps: guided, shortlist: promising, sweep: sweep
      ).run(base: base, progress: progress)
      shortlist = confirmed
      steps = confirmed.steps
    }
    let raced = sweep?.summary
    // What it keeps goes before the composition and the test part need the memory.
    sweep = nil
    // All of validation before any of test: an objective may keep something of the examples it was asked last.
    var composed: Trial?
    if options.composes {
      let team = MergeTeam(options.merger)
      let path =
        try guided.map {
          try GuidedComposition(steps: $0, team: team).run(
            base: base, gradient: gradient, progress: progress)
        } ?? GreedyComposition(steps: steps, team: team).run(runner, base: base, progress: progress)
      composed = path.last
    }
    guard options.merger.index == 0 else { return nil }
    // After the composition, which, now or in an earlier run, asks single edits everything that a race had stopped.
    var best = try bestOfFinished(steps, runner, base: base)
    // A race for certainty stops edits that may have the lowest loss.
    var lowest =
      shortlist == nil || race?.findsLowestLoss == false
      ? nil : lowestLoss(steps, runner, base: base)
    let asksAgain = try asksAgain()
    let asker =
      asksAgain
      ? TrialRunner(model: model, objective: objective, split: split, journal: Journal()) : runner
    let finalBase = try asker.trial(of: [], on: .validation)
    if asksAgain {
      let again = Standing(
        trial: try asker.trial(of: best.interventions(), on: .validation), removed: 0)
      if !again.isBetter(than: Standing(trial: finalBase, removed: 0)) { best = finalBase }
      lowest = try lowest.map { found in
        let again = try asker.trial(of: found.interventions(), on: .validation)
        return again.measure.merit > finalBase.measure.merit ? found : finalBase
      }
    }
    let facts = SearchResult.Facts(of: split, scoredBy: objective)
    func winner(_ found: Trial) throws -> SearchResult.Winner {
      let edits = try found.interventions()
      let validation = try asker.trial(of: edits, on: .validation)
      let baseTest = try asker.trial(of: [], on: .test)
      return SearchResult.Winner(
        validation: validation, test: try asker.trial(of: edits, on: .test), base: baseTest,
        facts: facts, seed: options.seed)
    }
    return SearchResult(
      base: .init(
        validation: finalBase, test: try asker.trial(of: [], on: .test), facts: facts),
      best: try winner(best), lowestLoss: try lowest.map(winner),
      composition: try composed.map(winner), race: raced, guide: shortlist?.summary,
      method: space.method,
      rankRule: space.rankRule,
      trialCount: steps.reduce(0) { $0 + $1.interventions.count },
      trials: RunFolder.journalFile)
  }

  /// The edits that a rule has found before, by their sites: of them no matrix has to be decomposed again.
  ///
  /// Only where processes share a grid, for other journals may have edits of another.
  private func knownRanks(
    _ journal: Journal<Trial>, _ parts: Journal<PartialTrial>
  ) throws -> [String: Intervention] {
    guard space.rankRule != nil, options.merges != nil || options.shard != .whole else {
      return [:]
    }
    var known: [String: Intervention] = [:]
    for name in journal.lines.map(\.edit) + parts.lines.map(\.edit) where name != Trial.baseName {
      let edits = try Intervention.list(parsing: name)
      guard edits.count == 1, let colon = name.lastIndex(of: ":") else { continue }
      known[String(name[..<colon])] = edits[0]
    }
    return known
  }

  /// - Throws: ``RunError/missing(_:)`` with the shares that are not finished.
  private func checkNothingIsMissing(
    of steps: [SearchSpace.Step], among count: Int, _ runner: TrialRunner<SomeObjective>,
    _ parts: Journal<PartialTrial>
  ) throws {
    var shares = (0..<count).map { MissingShare(share: $0, total: 0, missing: []) }
    for (place, step) in steps.enumerated() {
      let index = Shard.index(of: place, among: count)
      for edit in step.interventions {
        shares[index].total += 1
        let name = Trial.name(of: [edit])
        let isStopped = parts[.init(edit: name, part: PartialTrial.stopped)] != nil
        guard runner.journal.trial(of: [edit], on: .validation) == nil, !isStopped else { continue }
        shares[index].missing.append(name)
      }
    }
    shares.removeAll { $0.missing.isEmpty }
    guard shares.isEmpty else { throw RunError.missing(shares) }
  }

  /// - Throws: ``SearchError`` for options that exclude each other.
  private func checkOptions() throws {
    guard options.guide != nil else { return }
    guard [.rank, .select].contains(space.method), space.rankRule == nil else {
      throw SearchError.guidedMethod(space.method)
    }
  }

  /// The trial with the lowest loss on validation, or the highest return: a measure of which every example is a part, where
  /// the score of a hundred of them is mostly chance.
  private func lowestLoss(
    _ steps: [SearchSpace.Step], _ runner: TrialRunner<SomeObjective>, base: Trial
  ) -> Trial {
    steps.flatMap(\.interventions).reduce(base) { best, edit in
      let trial = runner.journal.trial(of: [edit], on: .validation)
      return trial.flatMap { $0.measure.merit > best.measure.merit ? $0 : nil } ?? best
    }
  }

  /// The best of the unedited model and all edits that were asked everything on validation; of equally good edits the one
  /// that removes most, of full ties the first. An edit that is only as good as the unedited model is not the best.
  private func bestOfFinished(
    _ steps: [SearchSpace.Step], _ runner: TrialRunner<SomeObjective>, base: Trial
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
    return best.isBetter(than: Standing(trial: base, removed: 0)) ? best.trial : base
  }

  /// How trials are raced: those that a gradient picked for both winners.
  var race: Race? { options.guide == nil ? options.race : options.race?.findingLowestLoss }

  /// Tries all edits on validation, raced or each asked everything, beside the unedited model; with the race.
  private func tried(
    _ steps: [SearchSpace.Step], _ runner: TrialRunner<SomeObjective>, parts: Journal<PartialTrial>,
    progress: @escaping (SearchProgress) -> Void
  ) throws -> (base: Trial?, race: RacingSweep<SomeObjective>?) {
    if let race {
      let sweep = try RacingSweep(
        race: race, seed: options.seed, runner: runner, journal: parts)
      try sweep.run(steps, progress: progress)
      return (sweep.base, sweep)
    }
    let tried = try Sweep(
      steps: steps, on: .validation, asksBase: options.shard.index == 0
    ).run(runner, progress: progress)
    return (tried.base, nil)
  }
}
