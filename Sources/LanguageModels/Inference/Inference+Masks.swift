package import Numerics

/// A text with masked tokens.
package struct MaskedPrompt: Sendable, Equatable {
  /// All tokens, special ones and masks included.
  package let tokens: [Int]
  /// The positions that are asked for, ascending, from 0.
  package let positions: [Int]

  /// A question for the tokens at `positions`.
  ///
  /// - Throws: ``LanguageModelError/positionOutOfRange(_:count:)`` for a position outside of the prompt, or one that
  ///   is not above the one before it.
  package init(tokens: [Int], positions: [Int]) throws {
    var least = 0
    for position in positions {
      guard position >= least, position < tokens.count else {
        throw LanguageModelError.positionOutOfRange(position, count: tokens.count)
      }
      least = position + 1
    }
    self.tokens = tokens
    self.positions = positions
  }

  /// The tokens with `mask` in place of those at `positions`, which are asked for.
  ///
  /// - Throws: As ``init(tokens:positions:)``.
  package init(masking positions: [Int], of tokens: [Int], with mask: Int) throws {
    var masked = tokens
    for position in positions where tokens.indices.contains(position) { masked[position] = mask }
    try self.init(tokens: masked, positions: positions)
  }

  /// All places where `tokens` has `mask`.
  package init(tokens: [Int], mask: Int) {
    self.tokens = tokens
    positions = tokens.indices.filter { tokens[$0] == mask }
  }
}

extension Inference {
  /// Logits of what was masked: for every prompt a row a position, `[positions × candidates or vocabulary]`.
  ///
  /// All masks of a prompt are filled at once, each without knowing the others.
  /// - Throws: ``LanguageModelError``.
  package func maskedLogits(
    of prompts: [MaskedPrompt], candidates: [Int]? = nil
  ) throws -> [Matrix] {
    try requireMasked()
    try model.check(candidates ?? [])
    return try chunks(of: prompts.map(\.tokens.count)).flatMap { chunk in
      let prompts = Array(prompts[chunk])
      let logits = try logits(of: finished(prompts), candidates: candidates)
      return Array(0..<logits.rows).cut(into: prompts.map(\.positions.count))
        .map(logits.gathering)
    }
  }

  /// The most probable token at every masked position; the first of equals.
  ///
  /// - Throws: ``LanguageModelError``.
  package func fillings(of prompts: [MaskedPrompt]) throws -> [[Int]] {
    try requireMasked()
    return try chunks(of: prompts.map(\.tokens.count)).flatMap { chunk in
      let prompts = Array(prompts[chunk])
      return try likeliestTokens(after: finished(prompts))
        .cut(into: prompts.map(\.positions.count))
    }
  }

  /// The log-probability of `tokens` at the masked positions of every prompt, all masks at once; natural logarithm.
  ///
  /// - Precondition: There are as many tokens as positions.
  /// - Throws: ``LanguageModelError``.
  package func maskedLogProbabilities(
    of tokens: [[Int]], in prompts: [MaskedPrompt]
  ) throws -> [[Double]] {
    try requireMasked()
    precondition(
      tokens.map(\.count) == prompts.map(\.positions.count), "a token for every masked position")
    try model.check(tokens.flatMap(\.self))
    return try chunks(of: prompts.map(\.tokens.count)).flatMap { chunk in
      let wanted = Array(tokens[chunk])
      return try logProbabilities(
        of: wanted.flatMap(\.self), rows: finished(Array(prompts[chunk]))
      ).cut(into: wanted.map(\.count))
    }
  }

  /// The finished stream at all positions that the prompts ask for.
  private func finished(_ prompts: [MaskedPrompt]) throws -> Matrix {
    let stream = try model.embed(prompts.map(\.tokens))
    let rows = prompts.enumerated().flatMap { index, prompt in
      prompt.positions.map { stream.sequences.starts[index] + $0 }
    }
    return model.advance(
      stream, through: 0..<model.shape.layerCount, reading: rows, using: workers
    ).rows
  }
}
