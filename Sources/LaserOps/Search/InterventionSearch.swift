internal import Foundation

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
    /// Seeds the bootstrap.
    public var seed: UInt64

    /// By default a whole grid without composition.
    public init(composes: Bool = false, shard: Shard = .whole, seed: UInt64 = 0) {
      self.composes = composes
      self.shard = shard
      self.seed = seed
    }
  }

  /// One of several processes that divide the sites of a grid among them.
  public struct Shard: Equatable, Sendable {
    /// The process, from 0.
    public let index: Int
    /// How many there are.
    public let count: Int

    /// All sites in one process.
    public static var whole: Shard { Shard(unchecked: 0, of: 1) }

    private init(unchecked index: Int, of count: Int) {
      self.index = index
      self.count = count
    }

    /// - Throws: ``SearchError/invalidShard(index:count:)`` unless `0 <= index < count`.
    public init(index: Int, of count: Int) throws {
      guard count > 0, (0..<count).contains(index) else {
        throw SearchError.invalidShard(index: index, count: count)
      }
      self.init(unchecked: index, of: count)
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
  ///   - progress: Called after every step of the search.
  /// - Returns: The result, or nil for a shard: its journal is then one of several to be concatenated.
  /// - Throws: ``InterventionError`` and ``SearchError``, and the objective's errors.
  public func run(
    journal: Journal, progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SearchResult? {
    let steps = try space.steps(for: model)
    let mine = steps.indices.filter { $0 % options.shard.count == options.shard.index }
    var tracker = SearchProgress.Tracker(total: mine.count, report: progress)

    let base = try trial(of: [], on: .validation, journal: journal)
    var best = Standing(trial: base, removed: 0)
    tracker.begin(base: base)
    for index in mine {
      let step = steps[index]
      let candidates = step.interventions.map { [$0] }
      let trials = try self.trials(
        of: candidates, on: .validation, journal: journal,
        making: variants(of: model, at: step.site))
      for (edits, trial) in zip(candidates, trials) {
        let standing = Standing(trial: trial, removed: try removed(by: edits))
        // Among full ties the first stays, and the unedited model is the first of all.
        if best < standing { best = standing }
      }
      tracker.advance(past: step.site.description, base: base, best: best.trial)
    }
    guard options.shard == .whole else { return nil }

    // All of validation before any of test: an objective may keep something of the examples it was asked last.
    let composed =
      options.composes
      ? try compose(steps, base: base, journal: journal, progress: progress) : nil
    let baseTest = try trial(of: [], on: .test, journal: journal)
    let winner = try winner(best.trial, base: baseTest, journal: journal)
    let composition = try composed.map { try self.winner($0, base: baseTest, journal: journal) }
    return SearchResult(
      base: .init(validation: base, test: baseTest, majority: majority), best: winner,
      composition: composition, method: space.method,
      trialCount: steps.reduce(0) { $0 + $1.interventions.count },
      trials: "journal.jsonl")
  }

  /// Greedy composition (Fig. 4): from the last layer to the first, the best edit of each site on top of those
  /// kept so far; what does not help on validation is rolled back.
  private func compose(
    _ steps: [SearchSpace.Step], base: Trial, journal: Journal,
    progress: @escaping (SearchProgress) -> Void
  ) throws -> Trial {
    var tracker = SearchProgress.Tracker(total: steps.count, report: progress)
    var kept: [Intervention] = []
    var keptModel = model
    var current = Standing(trial: base, removed: 0)
    for step in steps.reversed() {
      let candidates = step.interventions.map { kept + [$0] }
      let edited = variants(of: keptModel, at: step.site)
      let trials = try self.trials(
        of: candidates, on: .validation, journal: journal, making: edited)
      let standings = try zip(candidates, trials).map { edits, trial in
        (edits: edits, standing: Standing(trial: trial, removed: try removed(by: edits)))
      }
      // Strictly better than before: an edit that changes nothing is not worth keeping.
      if let best = standings.max(by: { $0.standing < $1.standing }),
        best.standing.isBetter(than: current)
      {
        current = best.standing
        kept = best.edits
        keptModel = try edited(kept)
      }
      tracker.advance(past: "composition, \(step.site)", base: base, best: current.trial)
    }
    return current.trial
  }

  /// Makes a model of edits whose last is at `site` and whose others `model` has undergone already.
  ///
  /// One decomposition, made when the first edit asks for it, serves every fraction.
  private func variants(
    of model: Task.Model, at site: WeightSite
  ) -> ([Intervention]) throws -> Task.Model {
    var reduction: MatrixReduction?
    return { edits in
      guard let edit = edits.last else { return model }
      let matrix = reduction ?? MatrixReduction(of: model.weight(at: site).matrix)
      reduction = matrix
      return model.replacing(site, with: try matrix.weight(after: edit.method))
    }
  }

  private func winner(_ validation: Trial, base: Trial, journal: Journal) throws
    -> SearchResult.Winner
  {
    let test = try trial(of: validation.interventions(), on: .test, journal: journal)
    return SearchResult.Winner(
      validation: validation, test: test, base: base, majority: majority, seed: options.seed)
  }

  private var majority: SearchResult.Majority {
    .init(
      validation: objective.majorityScore(on: split.validation),
      test: objective.majorityScore(on: split.test))
  }

  private func trial(
    of interventions: [Intervention], on part: DataSplit.Part, journal: Journal
  ) throws -> Trial {
    try trials(of: [interventions], on: part, journal: journal, making: model.applying)[0]
  }

  /// The trials of several models, from the journal where it has them.
  private func trials(
    of candidates: [[Intervention]], on part: DataSplit.Part, journal: Journal,
    making edited: ([Intervention]) throws -> Task.Model
  ) throws -> [Trial] {
    let examples = split[part]
    var trials = try candidates.map {
      try journal.trial(of: $0, on: part, examples: examples.count)
    }
    let missing = trials.indices.filter { trials[$0] == nil }
    if !missing.isEmpty {
      let start = Date()
      let models = try missing.map { index in
        let edits = candidates[index]
        return Candidate(
          model: try edited(edits), interventions: edits,
          lowestEditedLayer: try edits.flatMap(model.sites(of:)).map(\.layer).min())
      }
      let outcomes = try objective.outcomes(of: models, on: examples)
      let seconds = Date().timeIntervalSince(start) / Double(missing.count)
      for (index, outcomes) in zip(missing, outcomes) {
        if let place = outcomes.firstIndex(where: { !$0.measure.isFinite }) {
          throw SearchError.notFinite(
            edit: Trial.name(of: candidates[index]), example: examples[place])
        }
        let trial = Trial(
          candidates[index], split: part, outcomes: outcomes,
          measure: objective.secondaryMeasure, seconds: seconds)
        try journal.record(trial)
        trials[index] = trial
      }
    }
    return trials.compactMap(\.self)
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
        }
      }
    }
  }
}

/// A trial among others: higher score first, then lower loss or higher return, then the smaller rank.
private struct Standing: Comparable {
  let trial: Trial
  let removed: Int

  func isBetter(than other: Standing) -> Bool {
    (trial.score, trial.merit) > (other.trial.score, other.trial.merit)
  }

  static func < (left: Standing, right: Standing) -> Bool {
    (left.trial.score, left.trial.merit, left.removed)
      < (right.trial.score, right.trial.merit, right.removed)
  }

  static func == (left: Standing, right: Standing) -> Bool {
    (left.trial.score, left.trial.merit, left.removed)
      == (right.trial.score, right.trial.merit, right.removed)
  }
}
