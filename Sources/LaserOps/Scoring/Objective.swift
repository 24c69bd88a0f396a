/// What the intervention search optimises: a policy's solve rate, or a language model's accuracy.
///
/// Scores are per example, so that runs can be compared pair by pair, resumed and stopped early.
public protocol Objective: Sendable {
  /// The models that can be scored.
  associatedtype Model: EditableModel

  /// The quantity beside success that breaks ties.
  var secondaryMeasure: SecondaryMeasure { get }

  /// The number of examples (levels, questions); they are numbered from 0 in data order.
  var exampleCount: Int { get }

  /// Scores several models, usually several ranks at one site, on the same examples.
  ///
  /// An objective may use that a candidate equals the unedited model below ``Candidate/lowestEditedLayer``.
  /// - Parameters:
  ///   - candidates: The models.
  ///   - examples: Which examples, by number.
  /// - Returns: For every candidate the outcomes in the order of `examples`.
  /// - Throws: Whatever keeps the objective from scoring, such as a value that is not a number.
  func outcomes(of candidates: [Candidate<Model>], on examples: [Int]) throws -> [[Outcome]]

  /// The score of the best model that gives the same answer to all of `examples`; nil where that has no meaning.
  func majorityScore(on examples: [Int]) -> Double?

  /// What scores the candidates of one run and may keep what they have in common from one call to the next.
  ///
  /// - Parameter parts: Lists of examples that will be asked again and again, in any order; without them a session keeps
  ///   what serves the list that was asked last.
  /// - Returns: A session that has asked nothing yet; what it keeps goes with it.
  func session(asking parts: [[Int]]) -> any ScoringSession<Model>

  /// One pass up and one down over some examples: what every example measures, and what removing each component of each
  /// matrix would change of it.
  ///
  /// - Parameters:
  ///   - candidate: The model whose gradient is taken.
  ///   - sites: Whose scores are wanted.
  ///   - examples: Which examples, by number.
  ///   - receive: Is given the scores of every site once, of the last layer first.
  /// - Throws: `GradientError`; what keeps the objective from scoring;
  ///   `LinearAlgebraError`; what `receive` throws.
  func componentScores(
    of candidate: Candidate<Model>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws
}

extension Objective {
  /// Nil: most tasks have no answer that could be given every time.
  public func majorityScore(on examples: [Int]) -> Double? { nil }

  /// A session that keeps nothing, as most objectives do.
  public func session(asking parts: [[Int]] = []) -> any ScoringSession<Model> {
    PlainSession(objective: self)
  }

  /// An error: most measures have no gradient.
  public func componentScores(
    of candidate: Candidate<Model>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws {
    throw GradientError.noGradient(of: secondaryMeasure)
  }
}

/// Scores candidates, call by call, on one thread; see ``Objective/session(asking:)``.
public protocol ScoringSession<Model>: AnyObject {
  /// The models that can be scored.
  associatedtype Model: EditableModel

  /// Scores several models on the same examples, as ``Objective/outcomes(of:on:)`` does.
  ///
  /// - Throws: Whatever keeps the objective from scoring.
  func outcomes(of candidates: [Candidate<Model>], on examples: [Int]) throws -> [[Outcome]]
}

private final class PlainSession<Scoring: Objective>: ScoringSession {
  private let objective: Scoring

  init(objective: Scoring) { self.objective = objective }

  func outcomes(
    of candidates: [Candidate<Scoring.Model>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try objective.outcomes(of: candidates, on: examples)
  }
}

/// A model to be scored, with what distinguishes it from the unedited one.
public struct Candidate<Model: EditableModel>: Sendable {
  /// The edited model.
  public let model: Model
  /// The edits that made it; none for the base model.
  public let interventions: [Intervention]
  /// The lowest layer that was edited; everything below equals the base model. Nil for the base model.
  public let lowestEditedLayer: Int?

  /// The model that `interventions` make of `base`.
  ///
  /// - Throws: `InterventionError`, `LinearAlgebraError`.
  public init(_ interventions: [Intervention], of base: Model) throws {
    self.init(
      model: try base.applying(interventions), interventions: interventions,
      lowestEditedLayer: try interventions.flatMap(base.sites(of:)).map(\.layer).min())
  }

  init(model: Model, interventions: [Intervention], lowestEditedLayer: Int?) {
    self.model = model
    self.interventions = interventions
    self.lowestEditedLayer = lowestEditedLayer
  }
}

/// What became of one example.
public struct Outcome: Equatable, Sendable {
  /// Solved, or answered correctly.
  public let isSuccess: Bool
  /// The example's loss in nats, its return or its similarity: ``Objective/secondaryMeasure`` says which.
  ///
  /// Rounded to the seven significant digits that a single-precision result has, which is what a journal keeps.
  public let measure: Double
  /// What the model answered, in a word; nil where there is no such thing.
  public let answer: String?
  /// The word that the answer began with, where ``answer`` only says of what type it is.
  public let word: String?
  /// How far the example is from the other outcome, in nats: positive for a success. Nil where there is no such thing.
  ///
  /// A race expects of an example that was not asked what this says.
  public let margin: Float?

  /// The outcome of one example.
  public init(
    isSuccess: Bool, measure: Double, answer: String? = nil, word: String? = nil,
    margin: Float? = nil
  ) {
    self.isSuccess = isSuccess
    self.measure = Double(Float(measure).description) ?? measure
    self.answer = answer
    self.word = word
    self.margin = margin
  }
}
