/// Validation and test as edits are added greedily, from the last layer to the first (Fig. 4).
package struct CompositionStudy<SomeObjective: Objective>: Sendable {
  /// The unedited model.
  package let model: SomeObjective.Model
  /// What scores it.
  package let objective: SomeObjective
  /// Which examples pick and which report.
  package let split: DataSplit
  /// The grid.
  package let space: SearchSpace
  /// Seeds the bootstrap.
  package let seed: UInt64

  /// A study of compositions of the edits of `space`.
  package init(
    of model: SomeObjective.Model, objective: SomeObjective, split: DataSplit, space: SearchSpace,
    seed: UInt64 = 0
  ) {
    self.model = model
    self.objective = objective
    self.split = split
    self.space = space
    self.seed = seed
  }

  /// Tries what `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where finished trials are, and go.
  ///   - progress: Called after every matrix.
  /// - Returns: The path of the composition.
  /// - Throws: ``InterventionError``, ``SearchError`` and ``RunError``, and the objective's errors.
  package func run(
    journal: Journal<Trial>, progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> CompositionResult {
    let runner = TrialRunner(model: model, objective: objective, split: split, journal: journal)
    let steps = try space.steps(for: model)
    // All of validation before any of test: an objective may keep something of the examples it was asked last.
    let base = try runner.trial(of: [], on: .validation)
    let path = try GreedyComposition(steps: steps, team: MergeTeam(.whole)).run(
      runner, base: base, progress: progress)
    let tests = try path.map { try runner.trial(of: $0.interventions(), on: .test) }
    let facts = SearchResult.Facts(of: split, scoredBy: objective)
    return CompositionResult(
      study: .compose,
      steps: try zip(path, tests).map { validation, test in
        CompositionResult.Step(
          added: try validation.interventions().last?.description,
          edit: validation.edit,
          validation: .init(of: validation, facts.validation),
          test: .init(of: test, facts.test))
      },
      composition: SearchResult.Winner(
        validation: path[path.count - 1], test: tests[tests.count - 1], base: tests[0],
        facts: facts, seed: seed),
      method: space.method, rankRule: space.rankRule, trials: RunFolder.journalFile)
  }
}

/// What a composition kept, edit by edit; the same bytes however often it was interrupted.
package struct CompositionResult: Codable, Equatable, Sendable {
  /// The model after an edit was kept.
  package struct Step: Codable, Equatable, Sendable {
    /// The edit that was kept; nil for the unedited model.
    package let added: String?
    /// All edits so far, or `base`.
    package let edit: String
    /// On the examples that pick.
    package let validation: SearchResult.Summary
    /// On the examples that report.
    package let test: SearchResult.Summary
  }

  /// Which study it is.
  package let study: StudyName
  /// The unedited model, then one more edit a step.
  package let steps: [Step]
  /// All kept edits against the unedited model.
  package let composition: SearchResult.Winner
  /// What was done with each fraction.
  package let method: SearchSpace.Method
  /// How the ranks were chosen; nil for a grid of fractions.
  package let rankRule: SearchSpace.RankRule?
  /// The file that has every trial.
  package let trials: String

  enum CodingKeys: String, CodingKey {
    case study, steps, composition, method, trials
    case rankRule = "rank_rule"
  }
}
