package import LaserOps

/// The perplexity of one edited model: a line of a journal.
package struct PerplexityTrial: JournalLine, Equatable {
  /// The edits as written on the command line, or `base`.
  package let edit: String
  /// How many tokens were predicted.
  package let tokens: Int
  /// The perplexity; nil where it is beyond all numbers.
  package let perplexity: Double?

  /// The perplexity of the model after `edits`.
  package init(_ edits: [Intervention], tokens: Int, _ perplexity: Double?) {
    edit = Trial.name(of: edits)
    self.tokens = tokens
    self.perplexity = perplexity
  }

  /// The edits.
  package var key: String { edit }

  /// What journals call it.
  package static let noun = "perplexity"
}
