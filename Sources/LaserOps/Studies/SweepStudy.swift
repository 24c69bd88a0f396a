internal import Numerics

/// Every edit of a grid scored on the same examples, without picking one: score by layer, score by depth.
package struct SweepStudy<SomeObjective: Objective>: Sendable {
  /// Which study it is.
  package let name: StudyName
  /// The unedited model.
  package let model: SomeObjective.Model
  /// What scores it.
  package let objective: SomeObjective
  /// The parts of the examples.
  package let split: DataSplit
  /// The part that is scored.
  package let part: DataSplit.Part
  /// The grid.
  package let space: SearchSpace
  /// Which share of the sites this process tries.
  package let shard: Shard

  /// A study of the edits of `space`.
  package init(
    _ name: StudyName, of model: SomeObjective.Model, objective: SomeObjective, split: DataSplit,
    part: DataSplit.Part, space: SearchSpace, shard: Shard = .whole
  ) {
    self.name = name
    self.model = model
    self.objective = objective
    self.split = split
    self.part = part
    self.space = space
    self.shard = shard
  }

  /// Tries what `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where finished trials are, and go.
  ///   - progress: Called after every group of edits.
  /// - Returns: The result, or nil for a shard: its journal is then one of several to be concatenated.
  /// - Throws: ``InterventionError``, ``SearchError`` and ``RunError``, and the objective's errors.
  package func run(
    journal: Journal<Trial>, progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SweepResult? {
    let steps = try space.steps(for: model, of: shard)
    let runner = TrialRunner(model: model, objective: objective, split: split, journal: journal)
    let tried = try Sweep(steps: steps, on: part, asksBase: shard.index == 0)
      .run(runner, progress: progress)
    guard shard == .whole, let base = tried.base else { return nil }
    let facts = PartFacts(of: part, in: split, scoredBy: objective)
    return SweepResult(
      study: name, part: part, method: space.method, rankRule: space.rankRule,
      base: .init(of: base, facts),
      points: try zip(steps, tried.trials).flatMap { step, trials in
        // The experts of a layer have one shape.
        let sites = try model.sites(of: Intervention(at: step.site, method: .zero))
        return zip(step.interventions, trials).map { edit, trial in
          let weight = model.weight(at: sites[0])
          return SweepResult.Point(
            edit, at: step.site, fullRank: min(weight.rows, weight.columns),
            score: .init(of: trial, facts))
        }
      },
      trials: RunFolder.journalFile)
  }
}

/// What a sweep found, derived from its journal; the same bytes however often it was interrupted.
package struct SweepResult: Codable, Equatable, Sendable {
  /// One edited model.
  package struct Point: Codable, Equatable, Sendable {
    /// The edit as written on the command line.
    package let edit: String
    /// The kind of the edited matrix.
    package let kind: WeightKind
    /// Its layer, counted from 0.
    package let layer: Int
    /// The share removed, in [0, 1]: of the components, or of the elements where pruned.
    package let removed: Double
    /// The components that are kept; nil where elements were pruned.
    package let rank: Int?
    /// The score.
    package let score: SearchResult.Summary

    init(_ edit: Intervention, at site: WeightSite, fullRank: Int, score: SearchResult.Summary) {
      self.edit = edit.description
      kind = site.kind
      layer = site.layer
      removed = edit.method.removedShare
      rank = edit.method.rank(of: fullRank)
      self.score = score
    }
  }

  /// Which study it is.
  package let study: StudyName
  /// The part of the examples that was scored.
  package let part: DataSplit.Part
  /// What was done with each fraction.
  package let method: SearchSpace.Method
  /// How the ranks were chosen; nil for a grid of fractions.
  package let rankRule: SearchSpace.RankRule?
  /// The unedited model.
  package let base: SearchResult.Summary
  /// The edited models, layer by layer.
  package let points: [Point]
  /// The file that has every trial.
  package let trials: String

  enum CodingKeys: String, CodingKey {
    case study, part, method, base, points, trials
    case rankRule = "rank_rule"
  }

  /// The edited models, the best on these examples first; equally good ones in their order.
  package var sorted: [Point] {
    points.enumerated().sorted { left, right in
      let (first, second) = (left.element.score, right.element.score)
      return (first.score, first.measure.merit, -left.offset)
        > (second.score, second.measure.merit, -right.offset)
    }.map(\.element)
  }
}

extension Intervention.Method {
  /// The share that is removed: of the components, or of the elements where pruned; decimal shares stay decimal.
  var removedShare: Double {
    switch self {
    case .rank(let share), .tail(let share): ((1 - share.value) * 1e12).rounded() / 1e12
    case .prune(let share): share.value
    case .zero: 1
    case .keep(let mask): Double(mask.removedCount) / Double(max(1, mask.isKept.count))
    }
  }

  /// The components that are kept of `fullRank`; nil where elements are pruned.
  func rank(of fullRank: Int) -> Int? {
    switch self {
    case .rank(let share), .tail(let share): share.count(of: fullRank)
    case .prune: nil
    case .zero: 0
    case .keep(let mask): mask.isKept.count - mask.removedCount
    }
  }
}
