internal import Numerics

/// A token that a model has added to a text.
package struct GeneratedToken: Sendable, Equatable {
  /// The token.
  package let id: Int
  /// Its log-probability given all before it; natural logarithm.
  package let logProbability: Double
}

extension Inference {
  /// Continues a prompt with its most probable tokens, one after the other; the first of equals.
  ///
  /// - Parameters:
  ///   - prompt: Token ids.
  ///   - count: How many tokens to add at most; fewer where the context ends before.
  ///   - stopping: Tokens that end the continuation; they are given to `each` too.
  ///   - each: Is given every new token at once; false ends the continuation.
  /// - Throws: ``LanguageModelError``: an empty prompt, one that fills the context; what `each` throws.
  package func generate(
    after prompt: [Int], count: Int, stopping: Set<Int> = [],
    each: (GeneratedToken) throws -> Bool
  ) throws {
    try requireCausal()
    let limit = model.shape.contextLength
    guard !prompt.isEmpty else { throw LanguageModelError.emptyPrompt }
    guard prompt.count <= limit else {
      throw LanguageModelError.promptTooLong(tokens: prompt.count, limit: limit)
    }
    // The last token is never fed back.
    let count = min(count, limit - prompt.count + 1)
    var cache: KeyValueCache? = model.makeCache(capacities: [prompt.count + max(0, count - 1)])
    var input = prompt
    for _ in 0..<count {
      let logits = try logits(of: lastRows(of: [input], cache: &cache))
      let id = logits.largestColumn(of: 0)
      let token = GeneratedToken(
        id: id, logProbability: Double(logits[0, id]) - logits.logarithmOfSum(row: 0))
      guard try each(token), !stopping.contains(id) else { return }
      input = [id]
    }
  }
}
