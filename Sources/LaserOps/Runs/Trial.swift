/// One model scored on one part of the data: a line of the journal.
public struct Trial: JournalLine, Equatable {
  /// The edits as written on the command line; `base` for the unedited model.
  public let edit: String
  /// Which part of the data.
  public let split: DataSplit.Part
  /// The number of examples.
  public let examples: Int
  /// The share of successes: accuracy or solve rate.
  public let score: Double
  /// The mean loss in nats, for objectives that have one.
  public let loss: Double?
  /// The mean return, for objectives that have one.
  public let meanReturn: Double?
  /// The mean similarity of what is said and what is right, for objectives that have one.
  public let similarity: Double?
  /// How long scoring took.
  public let seconds: Double
  /// A character an example: 1 for a success, 0 for none.
  public let successes: String
  /// Every example's loss, return or similarity.
  public let values: [Float]
  /// How often the model gave each of its commonest answers, for objectives that have answers.
  public let predicted: AnswerCounts?
  /// How often each of the commonest words was said, for objectives whose answers are types of words.
  public let words: AnswerCounts?

  /// How many different answers are counted.
  static let countedAnswers = 20

  /// The name of the unedited model in journals and results.
  public static let baseName = "base"

  enum CodingKeys: String, CodingKey {
    case edit, split, examples, score, loss, meanReturn = "mean_return", similarity, seconds,
      successes, values, predicted, words
  }

  /// The trial of `interventions` with these outcomes.
  public init(
    _ interventions: [Intervention], split: DataSplit.Part, outcomes: [Outcome],
    measure: SecondaryMeasure, seconds: Double
  ) {
    edit = Self.name(of: interventions)
    self.split = split
    examples = outcomes.count
    score = Estimate(of: outcomes.map { $0.isSuccess ? 1 : 0 }).mean
    let mean = Estimate(of: outcomes.map { Double($0.measure) }).mean
    loss = measure == .loss ? mean : nil
    meanReturn = measure == .meanReturn ? mean : nil
    similarity = measure == .similarity ? mean : nil
    self.seconds = seconds
    successes = String(outcomes.map { $0.isSuccess ? "1" : "0" })
    values = outcomes.map(\.measure)
    predicted = Self.counts(of: outcomes.compactMap(\.answer))
    words = Self.counts(of: outcomes.compactMap(\.word))
  }

  private static func counts(of answers: [String]) -> AnswerCounts? {
    answers.isEmpty ? nil : AnswerCounts(of: answers, keeping: countedAnswers)
  }

  /// A model and the part of the data that it was scored on.
  public struct Key: Hashable, Sendable {
    /// The edits as written on the command line, or `base`.
    public let edit: String
    /// The part.
    public let split: DataSplit.Part
  }

  /// The model and the part of the data.
  public var key: Key { Key(edit: edit, split: split) }

  /// What journals call it.
  public static let noun = "trial"

  /// The edits' text, or `base`.
  public static func name(of interventions: [Intervention]) -> String {
    interventions.isEmpty ? baseName : interventions.text
  }

  /// The edits themselves; none for the base model.
  ///
  /// - Throws: ``InterventionError`` if the text was changed by hand.
  public func interventions() throws -> [Intervention] {
    edit == Self.baseName ? [] : try Intervention.list(parsing: edit)
  }

  /// Every example's success.
  public var successFlags: [Bool] { successes.utf8.map { $0 == UInt8(ascii: "1") } }

  /// The mean loss with its sign turned, the mean return or similarity: higher is better.
  package var merit: Double { meanReturn ?? similarity ?? -(loss ?? 0) }
}
