internal import Numerics

/// What one gradient predicts of every rank of every matrix, and of each component of one.
package struct GradientStudy<SomeObjective: Objective>: Sendable {
  /// The unedited model.
  package let model: SomeObjective.Model
  /// What has a loss.
  package let objective: SomeObjective
  /// The examples whose gradient is taken are those that pick.
  package let split: DataSplit
  /// The matrices and the ranks.
  package let space: SearchSpace
  /// Whether every component of the only matrix of ``space`` is told of.
  package let tellsComponents: Bool

  /// A study of what a gradient says.
  package init(
    of model: SomeObjective.Model, objective: SomeObjective, split: DataSplit, space: SearchSpace,
    tellsComponents: Bool = false
  ) {
    self.model = model
    self.objective = objective
    self.split = split
    self.space = space
    self.tellsComponents = tellsComponents
  }

  /// Takes the gradient at the matrices that `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where predictions are, and go.
  ///   - measured: Trials of a search of the same model and questions, to stand beside the predictions.
  ///   - progress: Called with the number of matrices so far and of all.
  /// - Returns: The predictions.
  /// - Throws: ``InterventionError``, ``SearchError``, ``GradientError``, ``RunError``, and the objective's errors.
  package func run(
    journal: Journal<SitePrediction>, measured: [Trial] = [],
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> GradientResult {
    let site = tellsComponents ? try onlyMatrix() : nil
    let steps = GuidedSteps(
      guide: try Guide(), space: space,
      runner: TrialRunner(
        model: model, objective: objective, split: split, journal: Journal()),
      journal: journal)
    var scores: ComponentScores?
    let sites = try steps.predictions(after: [], progress: progress) { scores = $0 }
    return GradientResult(
      sites: sites, components: try site.map { try components(of: $0, scores: scores) },
      measured: measured)
  }

  /// - Throws: `GradientError.severalMatrices` unless the space has one matrix, `InterventionError`.
  private func onlyMatrix() throws -> WeightSite {
    let matrices = try space.sites(of: model).flatMap {
      try model.sites(of: Intervention(at: $0, method: .zero))
    }
    guard matrices.count == 1, let site = matrices.first else {
      throw GradientError.severalMatrices(count: matrices.count)
    }
    return site
  }

  /// The components of the matrix at `site`.
  ///
  /// - Parameters:
  ///   - site: The matrix.
  ///   - scores: What the pass that predicted said of it; nil where the journal had the prediction, which does not keep them.
  /// - Returns: The components.
  /// - Throws: `LinearAlgebraError`, and the objective's errors.
  private func components(
    of site: WeightSite, scores: ComponentScores?
  ) throws -> GradientResult.Components {
    var scores = scores
    if scores == nil {
      try objective.componentScores(
        of: Candidate([], of: model), at: [site], on: split.validation
      ) { scores = $0 }
    }
    guard let scores else { throw GradientError.severalMatrices(count: 0) }
    return GradientResult.Components(
      scores,
      singularValues: try SingularValueDecomposition.singularValues(
        of: model.weight(at: site).matrix))
  }
}

/// What a gradient predicts.
package struct GradientResult: Codable, Equatable, Sendable {
  /// One component of a matrix.
  package struct Component: Codable, Equatable, Sendable {
    /// Which component, from 0: that of the largest singular value first.
    package let number: Int
    /// Its singular value.
    package let singularValue: Double
    /// The mean change of the loss by removing it, in nats.
    package let loss: Double
    /// ``loss`` divided by its standard error over the examples; nil where that is zero or unknown.
    package let tValue: Double?
    /// The mean change of the margin; nil for tasks without one.
    package let margin: Double?

    enum CodingKeys: String, CodingKey {
      case number, loss, margin
      case singularValue = "singular_value"
      case tValue = "t"
    }
  }

  /// The components of one matrix.
  package struct Components: Codable, Equatable, Sendable {
    /// The matrix.
    package let site: WeightSite
    /// How many examples the gradient was taken on.
    package let examples: Int
    /// The component whose removal lowers the loss most first.
    package let list: [Component]

    init(_ scores: ComponentScores, singularValues: [Double]) {
      site = scores.site
      examples = scores.examples.count
      let components = (0..<scores.count).map { number in
        let changes = (0..<scores.loss.rows).map { Double(scores.loss[$0, number]) }
        let estimate = Estimate(of: changes)
        return Component(
          number: number, singularValue: singularValues[number], loss: estimate.mean,
          tValue: estimate.standardError > 0 ? estimate.mean / estimate.standardError : nil,
          margin: scores.margin.map { margin in
            Estimate(of: (0..<margin.rows).map { Double(margin[$0, number]) }).mean
          })
      }
      list = components.sorted { ($0.loss, $0.number) < ($1.loss, $1.number) }
    }
  }

  /// What a search measured of an edit.
  package struct Measured: Codable, Equatable, Sendable {
    /// The edit.
    package let edit: String
    /// The mean change of the loss, in nats.
    package let loss: Double
    /// The change of the score.
    package let score: Double
  }

  /// Which study it is.
  package let study: StudyName
  /// What is predicted, matrix by matrix.
  package let sites: [SitePrediction]
  /// The components of one matrix, where they were asked for.
  package let components: Components?
  /// What a search measured of the same edits, where one was named.
  package let measured: [Measured]
  /// How measured and predicted changes of the loss correlate by their ranks (Spearman); nil for fewer than three edits.
  package let rankCorrelation: Double?
  /// The file that has every prediction.
  package let trials: String

  enum CodingKeys: String, CodingKey {
    case study, sites, components, measured, trials
    case rankCorrelation = "rank_correlation"
  }

  init(sites: [SitePrediction], components: Components?, measured trials: [Trial]) {
    study = .gradient
    self.sites = sites
    self.components = components
    let validation = trials.filter { $0.split == .validation }
    let base = validation.first { $0.edit == Trial.baseName }
    let predictions = Dictionary(
      sites.flatMap(\.edits).map { ($0.edit, $0) }
    ) { first, _ in first }
    measured = validation.compactMap { trial in
      guard predictions[trial.edit] != nil, let base, trial.measure.kind == .loss else {
        return nil
      }
      return Measured(
        edit: trial.edit, loss: trial.measure.mean - base.measure.mean,
        score: trial.score - base.score)
    }
    rankCorrelation = Self.rankCorrelation(
      measured.compactMap { edit in
        predictions[edit.edit].map { ($0.cautiousLoss, edit.loss) }
      })
    self.trials = RunFolder.journalFile
  }

  /// The predictions, the most promising edit first.
  package var byPromise: [PredictedEdit] { sites.byPromise(isSpread: true) }

  /// Pearson's correlation of the ranks; ties have the mean of their ranks.
  static func rankCorrelation(_ pairs: [(Double, Double)]) -> Double? {
    guard pairs.count > 2 else { return nil }
    func ranks(_ values: [Double]) -> [Double] {
      values.map { value in
        Double(values.count { $0 < value }) + Double(values.count { $0 == value } - 1) / 2
      }
    }
    let (one, other) = (ranks(pairs.map(\.0)), ranks(pairs.map(\.1)))
    let mean = Double(pairs.count - 1) / 2
    let products = zip(one, other).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    let squares =
      one.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      * other.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return squares > 0 ? products / squares.squareRoot() : nil
  }
}
