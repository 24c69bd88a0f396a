/// One model scored on one part of the data: a line of the journal.
public struct Trial: JournalLine, Equatable {
  /// The edits as written on the command line; `base` for the unedited model.
  public let edit: String
  /// Which part of the data.
  public let split: DataSplit.Part
  /// The share of successes: accuracy or solve rate.
  public let score: Double
  /// The mean loss, return or similarity.
  public let measure: Measure
  /// How long scoring took.
  public let seconds: Double
  /// A character an example: 1 for a success, 0 for none.
  public let successes: String
  /// Every example's loss, return or similarity.
  public let values: [Double]
  /// How often the model gave each of its commonest answers, for objectives that have answers.
  public let predicted: AnswerCounts?
  /// How often each of the commonest words was said, for objectives whose answers are types of words.
  public let words: AnswerCounts?

  /// How many different answers are counted.
  static let countedAnswers = 20

  /// The name of the unedited model in journals and results.
  public static let baseName = "base"

  /// The trial of `interventions` with these outcomes.
  ///
  /// - Precondition: There is an outcome.
  public init(
    _ interventions: [Intervention], split: DataSplit.Part, outcomes: [Outcome],
    measure: SecondaryMeasure, seconds: Double
  ) {
    edit = Self.name(of: interventions)
    self.split = split
    successes = String(outcomes.map { $0.isSuccess ? "1" : "0" })
    values = outcomes.map(\.measure)
    score = Estimate(of: outcomes.map { $0.isSuccess ? 1 : 0 }).mean
    self.measure = Measure(measure, of: values)
    self.seconds = seconds
    predicted = Self.counts(of: outcomes.compactMap(\.answer))
    words = Self.counts(of: outcomes.compactMap(\.word))
  }

  private static func counts(of answers: [String]) -> AnswerCounts? {
    answers.isEmpty ? nil : AnswerCounts(of: answers, keeping: countedAnswers)
  }

  /// The number of examples.
  public var examples: Int { values.count }

  /// A model and the part of the data that it was scored on.
  package struct Key: Hashable, Sendable {
    /// The edits as written on the command line, or `base`.
    package let edit: String
    /// The part.
    package let split: DataSplit.Part
  }

  /// The model and the part of the data.
  package var key: Key { Key(edit: edit, split: split) }

  /// What journals call it.
  package static let noun = "trial"

  /// The edits' text, or `base`.
  public static func name(of interventions: [Intervention]) -> String {
    interventions.isEmpty ? baseName : interventions.text
  }

  /// The edits themselves; none for the base model.
  ///
  /// - Throws: `InterventionError` if the text was changed by hand.
  public func interventions() throws -> [Intervention] { try Self.interventions(named: edit) }

  /// The edits that ``name(of:)`` gave a name.
  static func interventions(named name: String) throws -> [Intervention] {
    name == baseName ? [] : try Intervention.list(parsing: name)
  }

  /// Every example's success.
  public var successFlags: [Bool] { successes.utf8.map { $0 == UInt8(ascii: "1") } }
}

extension Trial: Codable {
  private enum CodingKeys: CodingKey {
    case edit, split, examples, score, seconds, successes, values, predicted, words
  }

  /// Reads a line; score, mean and number of examples follow from the examples' own.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    edit = try container.decode(String.self, forKey: .edit)
    split = try container.decode(DataSplit.Part.self, forKey: .split)
    seconds = try container.decode(Double.self, forKey: .seconds)
    successes = try container.decode(String.self, forKey: .successes)
    values = try container.decode([Double].self, forKey: .values)
    predicted = try container.decodeIfPresent(AnswerCounts.self, forKey: .predicted)
    words = try container.decodeIfPresent(AnswerCounts.self, forKey: .words)
    guard !values.isEmpty, successes.utf8.count == values.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "as many values as successes")
    }
    score = Estimate(of: successes.utf8.map { $0 == UInt8(ascii: "1") ? 1 : 0 }).mean
    measure = Measure(try Measure(from: decoder).kind, of: values)
  }

  /// Writes a line.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(edit, forKey: .edit)
    try container.encode(split, forKey: .split)
    try container.encode(examples, forKey: .examples)
    try container.encode(score, forKey: .score)
    try measure.encodeMean(to: encoder)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(successes, forKey: .successes)
    try container.encode(values, forKey: .values)
    try container.encodeIfPresent(predicted, forKey: .predicted)
    try container.encodeIfPresent(words, forKey: .words)
  }
}
