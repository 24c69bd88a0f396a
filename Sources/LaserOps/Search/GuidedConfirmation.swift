/// Ranks beside the best ones: a prediction is a first order, and the rank that measures best is often the next one.
///
/// Of twelve guided trials of Gemma 3 270M on FEVER the lowest loss was one of these, `Uup:16:0.4` (docs/results.md).
struct GuidedConfirmation<Task: Objective> {
  let steps: GuidedSteps<Task>
  /// What has been tried.
  let shortlist: GuidedSteps<Task>.Shortlist

  /// Tries ranks next to those of the lowest loss and the best score until there are as many trials as the guide allows.
  ///
  /// - Parameters:
  ///   - base: The unedited model on validation.
  ///   - progress: Called after every matrix.
  /// - Returns: The shortlist with what was tried, the edits of the shortlist before.
  /// - Throws: As ``TrialRunner/trial(of:on:)``.
  func run(
    base: Trial, progress: @escaping (SearchProgress) -> Void
  ) throws -> GuidedSteps<Task>.Shortlist {
    let runner = steps.runner
    var tried = shortlist.tried
    var best = try standings(of: tried).max { $0 < $1 }?.trial ?? base
    var tracker = SearchProgress.Tracker(
      total: min(steps.guide.trials, shortlist.predicted) - tried.count, report: progress)
    while tried.count < steps.guide.trials, let next = try next(after: tried) {
      let edits = Array(next.prefix(steps.guide.trials - tried.count))
      let added = try shortlist.trying(edits).steps
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
      tried += edits
    }
    return try shortlist.trying(tried)
  }

  /// The edits to try next: the neighbours of the edit of the lowest loss and of that of the best score, or of the first
  /// edits after these that have any; where none has, the next promising one. Nil when all have been tried.
  private func next(after tried: [PredictedEdit]) throws -> [PredictedEdit]? {
    let standings = try standings(of: tried)
    let byMerit = standings.indices.sorted {
      standings[$0].trial.measure.merit > standings[$1].trial.measure.merit
    }
    let byScore = standings.indices.sorted { standings[$1] < standings[$0] }
    var found: [PredictedEdit] = []
    for order in [byMerit, byScore] {
      let beside = order.lazy.map { neighbours(of: tried[$0], except: tried + found) }
      found += beside.first { !$0.isEmpty } ?? []
    }
    if found.isEmpty, let edit = shortlist.all.first(where: { !tried.contains($0) }) {
      found = [edit]
    }
    return found.isEmpty ? nil : found
  }

  private func standings(of edits: [PredictedEdit]) throws -> [Standing] {
    try edits.map { edit in
      let edits = try Intervention.list(parsing: edit.edit)
      return try steps.runner.standing(of: steps.runner.trial(of: edits, on: .validation))
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
