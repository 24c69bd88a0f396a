/// Ranks beside the best ones: a prediction is a first order, and the rank that measures best is often the next one.
///
/// Of twelve guided trials of Gemma 3 270M on FEVER the lowest loss was one of these, `Uup:16:0.4` (docs/results.md).
struct GuidedConfirmation<SomeObjective: Objective> {
  let steps: GuidedSteps<SomeObjective>
  /// What has been tried.
  let shortlist: GuidedSteps<SomeObjective>.Shortlist
  /// The race that has tried it, which tries these ranks too; nil where all are asked everything. Of a race the winners are
  /// known, and what else was asked everything depends on who asked what, and in which order.
  let sweep: RacingSweep<SomeObjective>?

  /// Tries ranks next to those of the lowest loss and the best score until there are as many trials as the guide allows.
  ///
  /// - Parameters:
  ///   - base: The unedited model on validation.
  ///   - progress: Called after every matrix.
  /// - Returns: The shortlist with what was tried, the edits of the shortlist before.
  /// - Throws: As `TrialRunner.trial`.
  func run(
    base: Trial, progress: @escaping (SearchProgress) -> Void
  ) throws -> GuidedSteps<SomeObjective>.Shortlist {
    var tried = shortlist.tried
    let tryAll =
      try sweep.map { sweep in { try sweep.run($0, progress: progress) } }
      ?? unraced(base: base, progress: progress)
    while tried.count < steps.guide.trials, let next = try next(after: tried, base: base) {
      let edits = Array(next.prefix(steps.guide.trials - tried.count))
      try tryAll(shortlist.trying(edits).steps)
      tried += edits
    }
    return try shortlist.trying(tried)
  }

  /// What asks edits everything.
  private func unraced(
    base: Trial, progress: @escaping (SearchProgress) -> Void
  ) throws -> ([SearchSpace.Step]) throws -> Void {
    let runner = steps.runner
    var best = try standings(of: shortlist.tried).map(\.standing).max { $0 < $1 }?.trial ?? base
    var tracker = SearchProgress.Tracker(
      total: min(steps.guide.trials, shortlist.predicted) - shortlist.tried.count,
      report: progress)
    return { added in
      for step in added {
        let missing = runner.missing(step.interventions, on: .validation)
        let trials = try runner.trials(
          of: step.interventions, on: .validation,
          making: runner.variants(of: runner.model, at: step.site))
        best = try ([best] + trials).map(runner.standing).max { $0 < $1 }?.trial ?? best
        tracker.advance(
          past: step.interventions.count, made: missing, of: "ranks beside the best, \(step.site)",
          base: base, best: best)
      }
    }
  }

  /// The edits to try next: the neighbours of the edit of the lowest loss and of that of the best score, or of the first
  /// edits after these that have any; where none has, those of the most promising edit; where that has none either, the
  /// next promising edit. Nil when all have been tried.
  private func next(after tried: [PredictedEdit], base: Trial) throws -> [PredictedEdit]? {
    let standings = try standings(of: tried)
    var byMerit = standings.sorted {
      $0.standing.trial.measure.merit > $1.standing.trial.measure.merit
    }
    var byScore = standings.sorted { $1.standing < $0.standing }
    if let sweep {
      let unedited = Standing(trial: base, removed: 0)
      byMerit = byMerit.prefix(sweep.race.findsLowestLoss ? 1 : 0)
        .filter { $0.standing.trial.measure.merit > base.measure.merit }
      byScore = byScore.prefix(1).filter { $0.standing.isBetter(than: unedited) }
    }
    var found: [PredictedEdit] = []
    for order in [byMerit, byScore] {
      let beside = order.lazy.map { neighbours(of: $0.edit, except: tried + found) }
      found += beside.first { !$0.isEmpty } ?? []
    }
    if found.isEmpty {
      found = tried.lazy.map { neighbours(of: $0, except: tried) }.first { !$0.isEmpty } ?? []
    }
    if found.isEmpty, let edit = shortlist.all.first(where: { !tried.contains($0) }) {
      found = [edit]
    }
    return found.isEmpty ? nil : found
  }

  /// The edits that were asked everything, with how they stand.
  private func standings(
    of edits: [PredictedEdit]
  ) throws -> [(edit: PredictedEdit, standing: Standing)] {
    let runner = steps.runner
    return try edits.compactMap { edit in
      // A composition may have asked one everything that the race had stopped.
      guard sweep?.finished.contains(edit.edit) ?? true else { return nil }
      return try runner.journal.trial(
        of: Intervention.list(parsing: edit.edit), on: .validation,
        examples: runner.split.validation.count
      ).map { (edit, try runner.standing(of: $0)) }
    }
  }

  /// The edits of the same matrix that keep next more and next less, those of `known` left out.
  private func neighbours(
    of edit: PredictedEdit, except known: [PredictedEdit]
  ) -> [PredictedEdit] {
    for site in shortlist.sites {
      guard let place = site.edits.firstIndex(of: edit) else { continue }
      return [place - 1, place + 1].filter(site.edits.indices.contains).map { site.edits[$0] }
        .filter { !known.contains($0) }
    }
    return []
  }
}
