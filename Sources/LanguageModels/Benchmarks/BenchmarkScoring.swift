/// How the answers to a benchmark are judged (paper §5.1).
package struct BenchmarkScoring: Sendable, Equatable {
  /// What counts as correct.
  package let metric: Metric
  /// How many tokens are generated, or masks filled, at most; 0 for classification.
  package let maximumNewTokens: Int
  /// Where the answer is looked for in generated text.
  package let matching: Matching
  /// The k for which it is reported whether the answer is among the k likeliest tokens, where it is one token.
  package let topK: [Int]

  /// What counts as correct.
  package enum Metric: String, Sendable {
    /// The answer is more probable than every other candidate.
    case classification
    /// The answer occurs in what the model generates greedily.
    case generation
  }

  /// Where the answer is looked for; both sides in lower case and stripped of white space.
  package enum Matching: String, Sendable {
    /// Somewhere in the new tokens.
    case continuation
    /// Somewhere in the prompt and the new tokens, as the authors' code does.
    case promptAndContinuation = "prompt-and-continuation"
    /// The first new token is the answer, as the authors' code asks of one-token answers.
    case token
  }

  /// One candidate must be more probable than all the others.
  static let classification = BenchmarkScoring(
    metric: .classification, maximumNewTokens: 0, matching: .continuation, topK: [])

  /// The answer must occur in up to so many new tokens.
  static func generation(
    _ maximumNewTokens: Int, matching: Matching, topK: [Int] = []
  ) -> BenchmarkScoring {
    BenchmarkScoring(
      metric: .generation, maximumNewTokens: maximumNewTokens, matching: matching, topK: topK)
  }

  /// As ``generation(_:matching:topK:)`` for answers of several tokens.
  ///
  /// The authors decode prompt and continuation together, but for masked models, where they decode the filled masks.
  static func generation(
    causal: Int, masked: Int, _ options: BenchmarkOptions
  ) -> BenchmarkScoring {
    let isMasked = options.family.isMasked
    return generation(
      isMasked ? masked : causal,
      matching: options.variant == .authors && !isMasked ? .promptAndContinuation : .continuation)
  }
}
