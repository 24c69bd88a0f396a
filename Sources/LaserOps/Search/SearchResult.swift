/// What a search found, derived from its journal; the same bytes however often the search was interrupted.
public struct SearchResult: Codable, Equatable, Sendable {
  /// Score and secondary measure on one part of the data.
  public struct Summary: Codable, Equatable, Sendable {
    /// The number of examples.
    public let examples: Int
    /// How many more were left out, for the score has no meaning for them; nil where it has one for all.
    public let leftOut: Int?
    /// The share of successes.
    public let score: Double
    /// Its standard error.
    public let scoreStandardError: Double
    /// The mean loss, return or similarity.
    public let measure: Measure
    /// The score of always giving the commonest right answer, where the objective has answers.
    public let majorityAccuracy: Double?
    /// How often the model gave each of its commonest answers, where the objective has answers.
    public let predicted: AnswerCounts?
    /// How often it said each of its commonest words, where the answers are types of words.
    public let words: AnswerCounts?

    init(of trial: Trial, _ facts: PartFacts) {
      examples = trial.examples
      leftOut = facts.leftOut
      score = trial.score
      scoreStandardError = Estimate(of: trial.successFlags.map { $0 ? 1 : 0 }).standardError
      measure = trial.measure
      majorityAccuracy = facts.majority
      predicted = trial.predicted
      words = trial.words
    }

    /// The number of examples under their name, and of those that were left out: `97 questions (left out: 3)`.
    package func counted(_ name: String? = nil) -> String {
      "\(examples)" + (name.map { " \($0)" } ?? "") + (leftOut.map { " (left out: \($0))" } ?? "")
    }
  }

  /// A model on both parts.
  public struct Base: Codable, Equatable, Sendable {
    /// On the examples that pick.
    public let validation: Summary
    /// On the examples that report.
    public let test: Summary

    init(validation: Trial, test: Trial, facts: Facts) {
      self.validation = Summary(of: validation, facts.validation)
      self.test = Summary(of: test, facts.test)
    }
  }

  /// What holds for the examples of both parts.
  struct Facts {
    let validation: PartFacts
    let test: PartFacts

    init(of split: DataSplit, scoredBy objective: some Objective) {
      validation = PartFacts(of: .validation, in: split, scoredBy: objective)
      test = PartFacts(of: .test, in: split, scoredBy: objective)
    }
  }

  /// An edited model on both parts, and against the base model on the test part.
  public struct Winner: Codable, Equatable, Sendable {
    /// The edits; `base` if nothing beat the unedited model.
    public let edit: String
    /// On the examples that picked it.
    public let validation: Summary
    /// On the examples that report.
    public let test: Summary
    /// Test score minus the base model's.
    public let difference: Double
    /// The 95 % bootstrap interval of the difference, paired by example.
    public let interval: [Double]
    /// The exact McNemar p-value of the difference on the test part.
    public let pValue: Double
    /// Test loss or return minus the base model's.
    public let secondaryDifference: Double
    /// Its 95 % bootstrap interval, paired by example.
    public let secondaryInterval: [Double]

    /// The edits themselves; none for the base model.
    ///
    /// - Throws: `InterventionError` if the text was changed by hand.
    public func interventions() throws -> [Intervention] { try Trial.interventions(named: edit) }

    enum CodingKeys: String, CodingKey {
      case edit, validation, test, difference, interval
      case pValue = "p_value"
      case secondaryDifference = "secondary_difference"
      case secondaryInterval = "secondary_interval"
    }

    init(validation: Trial, test: Trial, base: Trial, facts: Facts, seed: UInt64) {
      edit = test.edit
      self.validation = Summary(of: validation, facts.validation)
      self.test = Summary(of: test, facts.test)
      let score = PairedStatistics(
        base: base.successFlags.map { $0 ? 1 : 0 }, edited: test.successFlags.map { $0 ? 1 : 0 },
        seed: seed)
      difference = score.difference
      interval = [score.interval.lowerBound, score.interval.upperBound]
      pValue = PairedStatistics.exactMcNemar(base: base.successFlags, edited: test.successFlags)
      let measure = PairedStatistics(
        base: base.values, edited: test.values, seed: seed)
      secondaryDifference = measure.difference
      secondaryInterval = [measure.interval.lowerBound, measure.interval.upperBound]
    }
  }

  /// The unedited model.
  public let base: Base
  /// The best single edit on validation, or the unedited model.
  public let best: Winner
  /// The single edit with the lowest loss or the highest return on validation, or the unedited model, where a gradient picked
  /// what was tried; nil too where a race stopped only what could not win for certain.
  public let lowestLoss: Winner?
  /// The edits that greedy composition kept, where it was asked for.
  public let composition: Winner?
  /// What a race asked and spared, where trials were raced.
  public let race: Race.Summary?
  /// What was predicted and never tried, where a gradient picked what was tried.
  public let guide: Guide.Summary?
  /// What the edits do to other tasks and texts, where it was asked for.
  package var sideEffects: SideEffects?
  /// What the search did with each fraction.
  public let method: SearchSpace.Method
  /// How the ranks were chosen; nil for a grid of fractions.
  public let rankRule: SearchSpace.RankRule?
  /// The number of edited models that were tried on validation, those that a race stopped among them.
  public let trialCount: Int
  /// The file that has every trial that was asked everything.
  public let trials: String

  enum CodingKeys: String, CodingKey {
    case base, best, composition, race, guide, method
    case lowestLoss = "lowest_loss"
    case sideEffects = "side_effects"
    case rankRule = "rank_rule"
    case trialCount = "trial_count"
    case trials
  }
}

extension SearchResult.Summary {
  private enum CodingKeys: String, CodingKey {
    case examples, score, predicted, words
    case leftOut = "left_out"
    case scoreStandardError = "score_se"
    case majorityAccuracy = "majority_accuracy"
  }

  /// Reads a summary; its measure stands under the name of its kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    examples = try container.decode(Int.self, forKey: .examples)
    leftOut = try container.decodeIfPresent(Int.self, forKey: .leftOut)
    score = try container.decode(Double.self, forKey: .score)
    scoreStandardError = try container.decode(Double.self, forKey: .scoreStandardError)
    measure = try Measure(from: decoder)
    majorityAccuracy = try container.decodeIfPresent(Double.self, forKey: .majorityAccuracy)
    predicted = try container.decodeIfPresent(AnswerCounts.self, forKey: .predicted)
    words = try container.decodeIfPresent(AnswerCounts.self, forKey: .words)
  }

  /// Writes a summary.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(examples, forKey: .examples)
    try container.encodeIfPresent(leftOut, forKey: .leftOut)
    try container.encode(score, forKey: .score)
    try container.encode(scoreStandardError, forKey: .scoreStandardError)
    try measure.encode(to: encoder)
    try container.encodeIfPresent(majorityAccuracy, forKey: .majorityAccuracy)
    try container.encodeIfPresent(predicted, forKey: .predicted)
    try container.encodeIfPresent(words, forKey: .words)
  }
}
