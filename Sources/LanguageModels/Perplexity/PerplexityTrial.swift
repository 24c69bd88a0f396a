public import LaserOps

/// The perplexity of one edited model: a line of a journal.
public struct PerplexityTrial: JournalLine, Equatable {
  /// The edits as written on the command line, or `base`.
  public let edit: String
  /// How many tokens were predicted.
  public let tokens: Int
  /// The perplexity; nil where it is beyond all numbers.
  public let perplexity: Double?

  /// The perplexity of the model after `edits`.
  public init(_ edits: [Intervention], tokens: Int, _ perplexity: Double?) {
    edit = Trial.name(of: edits)
    self.tokens = tokens
    self.perplexity = perplexity
  }

  /// The edits.
  public var key: String { edit }

  /// What journals call it.
  public static let noun = "perplexity"
}
