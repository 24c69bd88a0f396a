/// Greedy composition (Fig. 4): from the last layer to the first, the best edit of each site on top of those kept so
/// far; what does not help on validation is rolled back.
struct GreedyComposition {
  /// The sites, lowest layer first, with the edits of each.
  let steps: [SearchSpace.Step]
  /// Who tries the edits of a step.
  let team: MergeTeam

  /// Tries what the journal does not have yet.
  ///
  /// - Parameters:
  ///   - runner: The model and what scores it.
  ///   - base: The unedited model on validation.
  ///   - progress: Called after every site.
  /// - Returns: The trials on validation of the unedited model and after each edit that was kept.
  /// - Throws: `InterventionError`, `SearchError` and `RunError`, and the objective's errors.
  func run<SomeObjective: Objective>(
    _ runner: TrialRunner<SomeObjective>, base: Trial, progress: @escaping (SearchProgress) -> Void
  ) throws -> [Trial] {
    var tracker = SearchProgress.Tracker(
      total: steps.reduce(0) { $0 + $1.interventions.count }, report: progress)
    var kept: [Intervention] = []
    var model = runner.model
    var current = Standing(trial: base, removed: 0)
    var path = [base]
    for step in steps.reversed() {
      let edited = runner.variants(of: model, at: step.site)
      var tried = 0
      let trials = try team.trials(
        of: step.interventions.map { kept + [$0] }, by: runner
      ) { edits in
        try edits.last.map(edited) ?? model
      } progress: { _, made in
        tried += made
      }
      // Strictly better than before: an edit that changes nothing is not worth keeping.
      if let best = try trials.map(runner.standing).max(), best.isBetter(than: current) {
        current = best
        kept = try best.trial.interventions()
        path.append(best.trial)
        if let added = kept.last { model = try edited(added) }
      }
      tracker.advance(
        past: step.interventions.count, made: tried, of: "composition, \(step.site)", base: base,
        best: current.trial)
    }
    return path
  }
}
