/// Why the perplexity of a text cannot be measured.
package enum PerplexityError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Windows of so few tokens predict nothing.
  case contextTooShort(Int)
  /// Windows would leave out tokens, or never get on.
  case strideOutOfRange(Int, context: Int)
  /// Windows of `context` tokens where the model takes `limit`.
  case contextTooLong(Int, limit: Int)
  /// A text of so few tokens has none that follows another.
  case textTooShort(tokens: Int)

  /// What is wrong, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .contextTooShort(let context):
      "a window of \(context) tokens predicts nothing, expected a context of at least 2"
    case .strideOutOfRange(let stride, let context):
      "the stride is \(stride), expected 1 to the context of \(context): "
        + "a longer one would leave out tokens"
    case .contextTooLong(let context, let limit):
      "the context is \(context) tokens, the model takes at most \(limit); give a shorter one"
    case .textTooShort(let tokens):
      "the text has \(tokens) token\(tokens == 1 ? "" : "s"), expected at least 2: "
        + "the first one is never predicted"
    }
  }
}
