public import LaserOps

/// The perplexity of one edited model: a line of a journal.
public struct PerplexityTrial: JournalLine, Equatable {
  /// The edits as written on the command line, or `base`.
  public let edit: String
  /// How many tokens were predicted.
  public let tokens: Int
  /// The perplexity.
  public let perplexity: Double

  /// The perplexity of the model after `edits`.
  public init(_ edits: [Intervention], _ perplexity: Perplexity) {
    edit = Trial.name(of: edits)
    tokens = perplexity.tokens
    self.perplexity = perplexity.value
  }

  /// The edits.
  public var key: String { edit }

  /// What journals call it.
  public static let noun = "perplexity"
}
