internal import Foundation
internal import Numerics

/// A search that asks a gradient where to cut, and tries only what it names.
///
/// One pass up and one down over the validation examples say, to first order, what every rank of every matrix would change
/// (``PredictedEdit``). The most promising edits are tried like those of any search; the others are not.
public struct Guide: Equatable, Sendable {
  /// How many edits are tried.
  public let trials: Int

  /// How many of them are the most promising ones. The others are ranks beside the best of these.
  var promising: Int { trials - trials / 4 }

  /// The edits that are tried unless said otherwise.
  public static let defaultTrials = 24

  /// - Throws: `SearchError.noTrials` unless there is a trial.
  public init(trials: Int = Guide.defaultTrials) throws {
    guard trials > 0 else { throw SearchError.noTrials(trials) }
    self.trials = trials
  }

  /// What a guide said and spared: a part of a search's result.
  public struct Summary: Codable, Equatable, Sendable {
    /// The edits that were tried, with what was predicted of them: the most promising ones, best first, then those beside the
    /// best of them.
    public let tried: [PredictedEdit]
    /// How many edits had a prediction.
    public let predicted: Int
    /// The share of these that was never tried.
    public let untried: Double
    /// How many examples the gradient was taken on.
    public let examples: Int
    /// The file that has all predictions.
    public let predictions: String
  }
}

/// Takes the gradient, unless the journal has what it says, and picks what is worth trying.
struct GuidedSteps<SomeObjective: Objective> {
  let guide: Guide
  let space: SearchSpace
  let runner: TrialRunner<SomeObjective>
  let journal: Journal<SitePrediction>

  /// What a gradient says.
  struct Shortlist {
    /// The predictions of every site.
    let sites: [SitePrediction]
    /// All edits that have a prediction, the most promising first.
    let all: [PredictedEdit]
    /// The edits to try.
    let tried: [PredictedEdit]
    /// The same by their sites, lowest layer first.
    let steps: [SearchSpace.Step]

    /// - Throws: `InterventionError`.
    init(_ sites: [SitePrediction], all: [PredictedEdit], trying tried: [PredictedEdit]) throws {
      self.sites = sites
      self.all = all
      self.tried = tried
      let chosen = Set(tried.map(\.edit))
      steps = try sites.compactMap { prediction in
        let edits = try prediction.edits.filter { chosen.contains($0.edit) }
          .map { try Intervention(parsing: $0.edit) }
        return edits.isEmpty
          ? nil : SearchSpace.Step(site: prediction.site, interventions: edits)
      }
    }

    /// How many edits had a prediction.
    var predicted: Int { all.count }

    /// The same predictions with other edits to try.
    ///
    /// - Throws: `InterventionError`.
    func trying(_ edits: [PredictedEdit]) throws -> Shortlist {
      try Shortlist(sites, all: all, trying: edits)
    }

    /// The part of the result.
    var summary: Guide.Summary {
      Guide.Summary(
        tried: tried, predicted: predicted,
        untried: Double(predicted - tried.count) / Double(max(1, predicted)),
        examples: sites.first?.examples ?? 0,
        predictions: RunFolder.guideFile)
    }
  }

  /// What a gradient says of every site of the model with `kept` edits.
  ///
  /// - Parameters:
  ///   - kept: The edits that the model has already; their matrices are left alone.
  ///   - progress: Called with the number of matrices so far and of all.
  ///   - reading: Called with the scores of every matrix whose prediction the journal lacked.
  /// - Returns: The predictions in the order of the sites.
  /// - Throws: `InterventionError`, `SearchError`, `GradientError`, `RunError`, and the objective's errors.
  func predictions(
    after kept: [Intervention], progress: (Int, Int) -> Void,
    reading: (ComponentScores) -> Void = { _ in }
  ) throws -> [SitePrediction] {
    guard case .fractions(let fractions) = space.choice,
      [.rank, .select].contains(space.method)
    else {
      throw SearchError.guidedMethod(space.method)
    }
    let sites = try openSites(after: kept)
    let examples = runner.split.validation
    let name = Trial.name(of: kept)
    func known(_ site: WeightSite) -> SitePrediction? {
      journal[SitePrediction.Key(after: name, site: site)]
    }
    let missing = sites.filter { known($0) == nil }
    var done = sites.count - missing.count
    progress(done, sites.count)
    if !missing.isEmpty {
      // A site may stand for all experts of its layer.
      let matrices = try missing.map { ($0, try runner.model.matrices(of: $0)) }
      var homes: [WeightSite: WeightSite] = [:]
      for (site, matrices) in matrices { for matrix in matrices { homes[matrix] = site } }
      let counts = Dictionary(uniqueKeysWithValues: matrices.map { ($0, $1.count) })
      var pending: [WeightSite: [ComponentScores]] = [:]
      try runner.objective.componentScores(
        of: Candidate(kept, of: runner.model), at: matrices.flatMap(\.1), on: examples
      ) { scores in
        guard let site = homes[scores.site] else { return }
        reading(scores)
        pending[site, default: []].append(scores)
        guard let all = pending[site], all.count == counts[site] else { return }
        pending[site] = nil
        try journal.record(
          space.method == .select
            ? SitePrediction(
              selecting: all[0],
              of: ComponentMask.fingerprint(of: runner.model.weight(at: all[0].site).matrix),
              after: kept)
            : SitePrediction(all, at: site, fractions: fractions, after: kept))
        done += 1
        progress(done, sites.count)
      }
    }
    return sites.compactMap(known)
  }

  /// The edits of the model with `kept` edits that are worth trying.
  ///
  /// - Parameters:
  ///   - count: How many of them.
  ///   - kept: The edits that the model has already; their matrices are left alone.
  ///   - isSpread: Whether the fractions next to the best edits are tried afterwards.
  ///   - progress: Called with the number of matrices so far and of all.
  /// - Returns: The shortlist; empty where the gradient of an edited model names nothing more.
  /// - Throws: As ``predictions(after:progress:)``; `SearchError.nothingPredicted` where that of the unedited model names
  ///   nothing.
  func shortlist(
    of count: Int, after kept: [Intervention] = [], isSpread: Bool,
    progress: (Int, Int) -> Void
  ) throws -> Shortlist {
    let predictions = try predictions(after: kept, progress: progress)
    let all = predictions.byPromise(isSpread: isSpread)
    guard !all.isEmpty || !kept.isEmpty else {
      throw SearchError.nothingPredicted(sites: predictions.count)
    }
    return try Shortlist(predictions, all: all, trying: Array(all.prefix(count)))
  }
}

extension GuidedSteps {
  /// The sites of the grid of which no matrix is edited yet.
  ///
  /// - Throws: `InterventionError`, `SearchError.emptySpace`.
  func openSites(after kept: [Intervention]) throws -> [WeightSite] {
    let edited = Set(try kept.flatMap(runner.model.sites(of:)))
    return try space.sites(of: runner.model).filter {
      try runner.model.matrices(of: $0).allSatisfy { !edited.contains($0) }
    }
  }
}

extension EditableModel {
  /// The matrix at `site`, or all experts' where it names none of them.
  fileprivate func matrices(of site: WeightSite) throws -> [WeightSite] {
    try sites(of: Intervention(at: site, method: .zero))
  }
}

/// Composition by a gradient: the best edit of the shortlist is kept, the gradient of the edited model taken anew, until no
/// edit helps. One gradient says nothing of two edits at once.
struct GuidedComposition<SomeObjective: Objective> {
  let steps: GuidedSteps<SomeObjective>
  /// Who tries the edits of a shortlist.
  let team: MergeTeam

  /// Tries what the journals do not have yet.
  ///
  /// - Parameters:
  ///   - base: The unedited model on validation.
  ///   - gradient: Called with the number of matrices of a pass so far and of all.
  ///   - progress: Called after every site.
  /// - Returns: The trials on validation of the unedited model and after each edit that was kept.
  /// - Throws: As `GuidedSteps.shortlist`.
  func run(
    base: Trial, gradient: (Int, Int) -> Void, progress: @escaping (SearchProgress) -> Void
  ) throws -> [Trial] {
    let runner = steps.runner
    var path = [base]
    var current = Standing(trial: base, removed: 0)
    while true {
      let kept = try current.trial.interventions()
      guard try !steps.openSites(after: kept).isEmpty else { return path }
      let shortlist = try steps.shortlist(
        of: steps.guide.trials, after: kept, isSpread: false, progress: gradient)
      guard !shortlist.tried.isEmpty else { return path }
      let model = try runner.model.applying(kept)
      var tracker = SearchProgress.Tracker(total: shortlist.tried.count, report: progress)
      var best = current
      func site(of edit: Intervention) -> WeightSite? {
        shortlist.steps.first { $0.interventions.contains(edit) }?.site
      }
      // A decomposition serves the edits of one site, one site at a time: that of a large matrix takes room.
      var making: (site: WeightSite, edited: (Intervention) throws -> SomeObjective.Model)?
      let trials = try team.trials(
        of: shortlist.steps.flatMap(\.interventions).map { kept + [$0] }, by: runner
      ) { edits in
        guard let edit = edits.last, let site = site(of: edit) else { return model }
        let edited =
          making.flatMap { $0.site == site ? $0.edited : nil }
          ?? runner.variants(of: model, at: site)
        making = (site, edited)
        return try edited(edit)
      } progress: { edits, made in
        for trial in edits.compactMap({ runner.journal.trial(of: $0, on: .validation) }) {
          if let standing = try? runner.standing(of: trial), standing.isBetter(than: best) {
            best = standing
          }
        }
        let site = edits.last?.last.flatMap(site)
        tracker.advance(
          past: edits.count, made: made, of: "composition, \(site?.description ?? "")", base: base,
          best: best.trial)
      }
      // Strictly better than before: an edit that changes nothing is not worth keeping.
      guard let found = try trials.map(runner.standing).max(), found.isBetter(than: current) else {
        return path
      }
      current = found
      path.append(found.trial)
    }
  }
}
