internal import Numerics
internal import Foundation

/// Scores edited models on parts of the data, once: what the journal has already is read from it.
package struct TrialRunner<SomeObjective: Objective> {
  /// The unedited model.
  package let model: SomeObjective.Model
  /// What scores it.
  package let objective: SomeObjective
  /// The parts of the data.
  package let split: DataSplit
  /// Where finished trials are, and go.
  package let journal: Journal<Trial>
  /// What scores the models of this run, one list of examples after the other.
  private let session: any ScoringSession<SomeObjective.Model>
  private let pace = Pace()

  /// How long this process took last for one answer of one model, in seconds; nil before its first.
  ///
  /// What other processes took says little: a journal that ends with a quick site would have a slow one asked all at once,
  /// again and again where a time limit ends it on the way.
  private final class Pace {
    var seconds: Double?
  }

  /// Trials of edits of `model`.
  package init(
    model: SomeObjective.Model, objective: SomeObjective, split: DataSplit, journal: Journal<Trial>
  ) {
    self.model = model
    self.objective = objective
    self.split = split
    self.journal = journal
    session = objective.session(asking: [])
  }

  /// The trial of one edited model.
  ///
  /// - Throws: ``InterventionError``, ``SearchError``, ``RunError``, and the objective's errors.
  package func trial(of interventions: [Intervention], on part: DataSplit.Part) throws -> Trial {
    try trials(of: [interventions], on: part, making: model.applying)[0]
  }

  /// Makes the edited models of one site of a model: the unedited one, or one that has undergone other edits.
  ///
  /// One decomposition of each matrix, made when the first edit asks for it, serves every fraction.
  /// - Parameters:
  ///   - model: What is edited.
  ///   - site: Where, without an expert for all that its layer has; the method of an edit is read, its site is not.
  /// - Returns: What makes a model of an edit.
  package func variants(
    of model: SomeObjective.Model, at site: WeightSite
  ) -> (Intervention) throws -> SomeObjective.Model {
    var reductions: [WeightSite: MatrixReduction] = [:]
    return { edit in
      var edited = model
      for site in try model.sites(of: Intervention(at: site, method: edit.method)) {
        let reduction = reductions[site] ?? MatrixReduction(of: model.weight(at: site).matrix)
        reductions[site] = reduction
        edited = edited.replacing(site, with: try reduction.weight(after: edit.method))
      }
      return edited
    }
  }

  /// The trials of edits of one site.
  ///
  /// - Parameters:
  ///   - edits: The edits.
  ///   - part: The part of the data.
  ///   - edited: Makes the models, ``variants(of:at:)`` of the unedited one.
  /// - Returns: The trials in the order of the edits.
  /// - Throws: As ``trial(of:on:)``.
  func trials(
    of edits: [Intervention], on part: DataSplit.Part,
    making edited: (Intervention) throws -> SomeObjective.Model
  ) throws -> [Trial] {
    try trials(of: edits.map { [$0] }, on: part) { edits in
      try edits.last.map(edited) ?? model
    }
  }

  /// How many of these edits are not in the journal.
  func missing(_ edits: [Intervention], on part: DataSplit.Part) -> Int {
    edits.count { journal.trial(of: [$0], on: part) == nil }
  }

  /// The trials of several models, from the journal where it has them.
  ///
  /// - Parameters:
  ///   - candidates: The edits of each.
  ///   - part: The part of the data.
  ///   - edited: Makes a model of its edits.
  /// - Returns: The trials in the order of `candidates`.
  /// - Throws: As ``trial(of:on:)``, and what `edited` throws.
  package func trials(
    of candidates: [[Intervention]], on part: DataSplit.Part,
    making edited: ([Intervention]) throws -> SomeObjective.Model
  ) throws -> [Trial] {
    let examples = split[part]
    var trials = try candidates.map {
      try journal.trial(of: $0, on: part, examples: examples.count)
    }
    let missing = trials.indices.filter { trials[$0] == nil }
    try ask(missing.map { candidates[$0] }, on: examples, making: edited) { place, asked in
      trials[missing[place]] = try record(
        candidates[missing[place]], split: part, outcomes: asked.outcomes, seconds: asked.seconds)
    }
    return trials.compactMap(\.self)
  }

  /// Asks several models some examples, so many at once as take a minute at the pace of the last ones, for what is not
  /// finished is lost when the process ends. The first of a process is asked alone: however little time a process gets,
  /// it comes further if one trial fits in.
  ///
  /// - Parameters:
  ///   - candidates: The edits of each.
  ///   - examples: The examples, by number.
  ///   - own: What scores them; nil for the session of this runner.
  ///   - edited: Makes a model of its edits.
  ///   - receive: Is given what each candidate, by its place in the list, has made of the examples, and how long it took.
  /// - Throws: As ``trial(of:on:)``, and what `edited` and `receive` throw.
  func ask(
    _ candidates: [[Intervention]], on examples: [Int],
    in own: (any ScoringSession<SomeObjective.Model>)? = nil,
    making edited: ([Intervention]) throws -> SomeObjective.Model,
    receive: (Int, (outcomes: [Outcome], seconds: Double)) throws -> Void
  ) throws {
    var next = 0
    while next < candidates.count {
      let group = next..<min(candidates.count, next + groupSize(asking: examples.count))
      let asked = try outcomes(of: Array(candidates[group]), on: examples, in: own, making: edited)
      if !examples.isEmpty { pace.seconds = asked.seconds / Double(examples.count) }
      for (place, outcomes) in zip(group, asked.outcomes) {
        try receive(place, (outcomes, asked.seconds))
      }
      next = group.upperBound
    }
  }

  /// How many models are asked so many examples together.
  private func groupSize(asking examples: Int) -> Int {
    guard let seconds = pace.seconds else { return 1 }
    return max(1, Int(min(1e6, 60 / max(1e-9, seconds * Double(examples)))))
  }

  /// What several models make of some examples.
  ///
  /// - Parameters:
  ///   - candidates: The edits of each.
  ///   - examples: The examples, by number.
  ///   - own: What scores them; nil for the session of this runner.
  ///   - edited: Makes a model of its edits.
  /// - Returns: For every model the outcomes in the order of `examples`, and how long a model took.
  /// - Throws: As ``trial(of:on:)``, and what `edited` throws.
  private func outcomes(
    of candidates: [[Intervention]], on examples: [Int],
    in own: (any ScoringSession<SomeObjective.Model>)?,
    making edited: ([Intervention]) throws -> SomeObjective.Model
  ) throws -> (outcomes: [[Outcome]], seconds: Double) {
    let start = Date()
    let models = try candidates.map { edits in
      Candidate(
        model: try edited(edits), interventions: edits,
        lowestEditedLayer: try edits.flatMap(model.sites(of:)).map(\.layer).min())
    }
    let outcomes = try (own ?? session).outcomes(of: models, on: examples)
    for (edits, outcomes) in zip(candidates, outcomes) {
      if let place = outcomes.firstIndex(where: { !$0.measure.isFinite }) {
        throw SearchError.notFinite(edit: Trial.name(of: edits), example: examples[place])
      }
    }
    return (outcomes, Date().timeIntervalSince(start) / Double(max(1, candidates.count)))
  }

  /// Writes a finished trial into the journal.
  ///
  /// - Throws: `RunError.cannotWrite`.
  func record(
    _ edits: [Intervention], split: DataSplit.Part, outcomes: [Outcome], seconds: Double
  ) throws -> Trial {
    let trial = Trial(
      edits, split: split, outcomes: outcomes, measure: objective.secondaryMeasure,
      seconds: seconds)
    try journal.record(trial)
    return trial
  }

  /// How a trial stands among others.
  func standing(of trial: Trial) throws -> Standing {
    Standing(trial: trial, removed: try removed(by: trial.interventions()))
  }

  /// How many components, or elements where pruned, the edits remove: what breaks a tie.
  private func removed(by interventions: [Intervention]) throws -> Int {
    try interventions.reduce(0) { total, intervention in
      try model.sites(of: intervention).reduce(total) { total, site in
        let weight = model.weight(at: site)
        let fullRank = min(weight.rows, weight.columns)
        return switch intervention.method {
        case .rank(let share), .tail(let share): total + fullRank - share.count(of: fullRank)
        case .prune(let share): total + share.count(of: weight.rows * weight.columns)
        case .zero: total + fullRank
        case .keep(let mask): total + mask.removedCount
        }
      }
    }
  }
}

/// A trial among others: higher score first, then lower loss or higher return, then the smaller rank.
struct Standing: Comparable {
  let trial: Trial
  let removed: Int

  func isBetter(than other: Standing) -> Bool {
    (trial.score, trial.measure.merit) > (other.trial.score, other.trial.measure.merit)
  }

  static func < (left: Standing, right: Standing) -> Bool {
    (left.trial.score, left.trial.measure.merit, left.removed)
      < (right.trial.score, right.trial.measure.merit, right.removed)
  }

  static func == (left: Standing, right: Standing) -> Bool {
    (left.trial.score, left.trial.measure.merit, left.removed)
      == (right.trial.score, right.trial.measure.merit, right.removed)
  }
}
