/// A line of a race's own journal: what a model made of one part of the examples, or that its trial was stopped.
///
/// Trials that were asked everything are in the search's journal like those of any other search; no line here is
/// the score of a model.
package struct PartialTrial: JournalLine, Equatable {
  /// The edits as written on the command line; `base` for the unedited model.
  package let edit: String
  /// Which part of the examples, such as `2`, or `all`; `stopped` for the line that ends a trial.
  package let part: String
  /// How many examples are in this part; for a stopped trial, how many it was asked.
  package let examples: Int
  /// A character an example: 1 for a success, 0 for none.
  package let successes: String
  /// Every example's loss, return or similarity.
  package let values: [Double]
  /// Every example's margin; nil where the objective has none.
  package let margins: [Float?]?
  /// Every example's answer; nil where the objective has none.
  package let answers: [String?]?
  /// Every example's first word; nil where the objective has none.
  package let words: [String?]?
  /// How long it took.
  package let seconds: Double
  /// Why the trial was stopped; nil while it goes on.
  package let stop: Stop?

  /// What a stopped trial had, and what it could have had.
  package struct Stop: Codable, Equatable, Sendable {
    /// The successes among the examples asked.
    package let successes: Int
    /// The successes that it would have had with every other example right.
    package let atMost: Int
    /// The successes that the best finished trial had.
    package let bar: Int
    /// The chance that it would still have won, by the forecast; 0 where that was impossible.
    package let chance: Double
    /// The chance that it would have had the lowest loss or the highest return; nil where the race did not look for that.
    package let lossChance: Double?

    enum CodingKeys: String, CodingKey {
      case successes, bar, chance
      case atMost = "at_most"
      case lossChance = "chance_of_lowest_loss"
    }
  }

  /// A model and the part of the examples that it was asked.
  package struct Key: Hashable, Sendable {
    let edit: String
    let part: String
  }

  /// The model and the part.
  package var key: Key { Key(edit: edit, part: part) }

  /// What journals call it.
  package static let noun = "part of a trial"

  /// What stands for a part in the line that ends a trial, and for all of them in the unedited model's.
  static let stopped = "stopped"
  static let whole = "all"

  init(edit: String, part: String, outcomes: [Outcome], seconds: Double) {
    self.edit = edit
    self.part = part
    examples = outcomes.count
    successes = String(outcomes.map { $0.isSuccess ? "1" : "0" })
    values = outcomes.map(\.measure)
    let margins = outcomes.map { $0.margin.flatMap { $0.isFinite ? $0 : nil } }
    self.margins = margins.contains { $0 != nil } ? margins : nil
    let answers = outcomes.map(\.answer)
    self.answers = answers.contains { $0 != nil } ? answers : nil
    let words = outcomes.map(\.word)
    self.words = words.contains { $0 != nil } ? words : nil
    self.seconds = seconds
    stop = nil
  }

  init(edit: String, asked: Int, stop: Stop) {
    self.edit = edit
    part = Self.stopped
    examples = asked
    successes = ""
    values = []
    margins = nil
    answers = nil
    words = nil
    seconds = 0
    self.stop = stop
  }

  /// What became of the examples; nil unless there are `count` of them.
  func outcomes(count: Int) -> [Outcome]? {
    let flags = Array(successes.utf8)
    guard flags.count == count, values.count == count, margins?.count ?? count == count,
      answers?.count ?? count == count, words?.count ?? count == count
    else { return nil }
    return (0..<count).map { place in
      Outcome(
        isSuccess: flags[place] == UInt8(ascii: "1"), measure: values[place],
        answer: answers?[place], word: words?[place],
        margin: margins?[place])
    }
  }
}
