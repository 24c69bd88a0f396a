/// Every edit of some sites scored on one part of the data: the first half of a search, and most of a study.
///
/// Trials of one matrix are made together, for one decomposition serves them all, and the sites go up the layers, so
/// that what enters a layer is computed once.
struct Sweep {
  /// The sites, lowest layer first, with the edits of each.
  let steps: [SearchSpace.Step]
  /// The part of the data.
  let part: DataSplit.Part

  init(steps: [SearchSpace.Step], on part: DataSplit.Part) {
    self.steps = steps
    self.part = part
  }

  /// What a sweep found.
  struct Tried {
    /// The unedited model.
    let base: Trial
    /// The trials of every site.
    let trials: [[Trial]]
    /// The best of all, the unedited model among them.
    let best: Trial
  }

  /// Tries what the journal does not have yet.
  ///
  /// - Throws: ``InterventionError`` and ``SearchError``, and the objective's errors.
  func run(
    _ runner: TrialRunner<some Objective>, progress: @escaping (SearchProgress) -> Void
  ) throws -> Tried {
    var tracker = SearchProgress.Tracker(total: steps.count, report: progress)
    let base = try runner.trial(of: [], on: part)
    var best = Standing(trial: base, removed: 0)
    tracker.begin(base: base)
    var found: [[Trial]] = []
    for step in steps {
      let trials = try runner.trials(of: step, on: part)
      for trial in trials {
        let standing = try runner.standing(of: trial)
        // Among full ties the first stays, and the unedited model is the first of all.
        if best < standing { best = standing }
      }
      found.append(trials)
      tracker.advance(past: step.site.description, base: base, best: best.trial)
    }
    return Tried(base: base, trials: found, best: best.trial)
  }
}
