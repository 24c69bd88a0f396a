/// Every edit of some sites scored on one part of the data: the first half of a search, and most of a study.
///
/// Trials of one matrix are made together, for one decomposition serves them all, and the sites go up the layers, so
/// that what enters a layer is computed once.
struct Sweep {
  /// The sites, lowest layer first, with the edits of each.
  let steps: [SearchSpace.Step]
  /// The part of the data.
  let part: DataSplit.Part
  /// Whether the unedited model is asked where no process has done it yet.
  let asksBase: Bool

  init(steps: [SearchSpace.Step], on part: DataSplit.Part, asksBase: Bool = true) {
    self.steps = steps
    self.part = part
    self.asksBase = asksBase
  }

  /// What a sweep found.
  struct Tried {
    /// The unedited model; nil where another process asks it.
    let base: Trial?
    /// The trials of every site.
    let trials: [[Trial]]
  }

  /// How many edits are scored, and journaled, at once. Where there is but one site, few: all of them may take hours.
  private var groupSize: Int { steps.count == 1 ? 4 : .max }

  /// Tries what the journal does not have yet.
  ///
  /// - Throws: `InterventionError`, `SearchError` and `RunError`, and the objective's errors.
  func run(
    _ runner: TrialRunner<some Objective>, progress: @escaping (SearchProgress) -> Void
  ) throws -> Tried {
    let base =
      try asksBase ? runner.trial(of: [], on: part) : runner.journal.trial(of: [], on: part)
    var best = base.map { Standing(trial: $0, removed: 0) }
    let edits = steps.flatMap(\.interventions)
    var tracker = SearchProgress.Tracker(
      total: edits.count, known: edits.count - runner.missing(edits, on: part), report: progress)
    tracker.begin(base: base)
    var found: [[Trial]] = []
    for step in steps {
      let edited = runner.variants(of: runner.model, at: step.site)
      var trials: [Trial] = []
      for group in step.groups(of: groupSize) {
        let missing = runner.missing(group, on: part)
        let scored = try runner.trials(of: group, on: part, making: edited)
        for trial in scored {
          let standing = try runner.standing(of: trial)
          // Among full ties the first stays, and the unedited model is the first of all.
          if best.map({ $0 < standing }) ?? true { best = standing }
        }
        trials += scored
        tracker.advance(
          past: group.count, made: missing, of: step.site.description, base: base, best: best?.trial
        )
      }
      found.append(trials)
    }
    return Tried(base: base, trials: found)
  }
}

extension SearchSpace.Step {
  /// The edits, so many at once.
  fileprivate func groups(of size: Int) -> [[Intervention]] {
    guard size < interventions.count else { return [interventions] }
    return stride(from: 0, to: interventions.count, by: size).map {
      Array(interventions[$0..<min($0 + size, interventions.count)])
    }
  }
}
