internal import Foundation

/// How well a model predicts a text.
package struct Perplexity: Sendable, Equatable {
  /// How many tokens were predicted.
  package let tokens: Int
  /// The mean of −log p over them, in nats.
  package let negativeLogLikelihood: Double
  /// The perplexity, e to the power of ``negativeLogLikelihood``.
  package var value: Double { exp(negativeLogLikelihood) }
}

extension Inference {
  /// Makes sure that a text has a perplexity, before any of it is read.
  ///
  /// - Throws: ``PerplexityError``; ``LanguageModelError`` for a masked model.
  package func checkPerplexity(of tokens: [Int], windows: SlidingWindows) throws {
    try requireCausal()
    guard windows.context <= model.shape.contextLength else {
      throw PerplexityError.contextTooLong(windows.context, limit: model.shape.contextLength)
    }
    guard tokens.count > 1 else { throw PerplexityError.textTooShort(tokens: tokens.count) }
  }

  /// The perplexity of a text of any length; the same bytes for any number of threads.
  ///
  /// Memory is bounded by the windows that are computed together, beside the tokens themselves.
  /// - Parameters:
  ///   - tokens: The text.
  ///   - windows: How it is cut.
  ///   - progress: Called with the number of windows done and of all.
  /// - Returns: The mean over all tokens that the windows score.
  /// - Throws: ``PerplexityError``; ``LanguageModelError``: a masked model, an id that it does not have, a result
  ///   that is no finite number.
  package func perplexity(
    of tokens: [Int], windows: SlidingWindows, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Perplexity {
    try checkPerplexity(of: tokens, windows: windows)
    let all = windows.windows(over: tokens.count)
    let atOnce = max(1, tokensAtOnce / windows.context)
    var sum = 0.0
    var count = 0
    for first in stride(from: 0, to: all.count, by: atOnce) {
      let part = all[first..<min(first + atOnce, all.count)].map { window in
        Continuation(
          prompt: Array(tokens[window.tokens.lowerBound..<window.scored.lowerBound]),
          tokens: Array(tokens[window.scored]))
      }
      for scores in try tokenLogProbabilities(of: part) {
        for score in scores { sum -= score }
        count += scores.count
      }
      progress(first + part.count, all.count)
    }
    let result = Perplexity(tokens: count, negativeLogLikelihood: sum / Double(count))
    guard result.value.isFinite else {
      throw LanguageModelError.overflow(file: model.checkpoint.path)
    }
    return result
  }
}
