package import Numerics

/// Continues texts, or answers questions, piece by piece.
package struct TextGenerator<Model: LanguageModel>: Sendable {
  /// A token of a continuation, with the text that it completes: none while a character is only begun.
  package struct Piece: Sendable, Equatable {
    /// The token and its log-probability.
    package let token: GeneratedToken
    /// What can be shown now.
    package let text: String
  }

  private let inference: Inference<Model>
  private let tokenizer: Tokenizer
  private let chat: ChatTemplate?
  private let ends: Set<Int>

  /// Texts by `model`.
  ///
  /// - Parameters:
  ///   - model: The model, which predicts the next token.
  ///   - tokenizer: Its tokenizer.
  ///   - chat: How it wants to be asked; nil where the prompt is a text to be continued.
  ///   - workers: The threads.
  /// - Throws: ``LanguageModelError``, `StorageError`: a configuration that cannot be read.
  package init(
    _ model: Model, tokenizer: Tokenizer, chat: ChatTemplate? = nil, workers: Workers = .allCores
  ) throws {
    inference = Inference(model, workers: workers)
    self.tokenizer = tokenizer
    self.chat = chat
    ends = try model.checkpoint.endOfTextIDs().union(
      [chat?.end.flatMap(tokenizer.id(of:))].compactMap(\.self))
  }

  /// The tokens of a prompt: of a text that is begun, or of the template around a question.
  ///
  /// - Throws: ``TokenizerError/patternTooSlow(pattern:length:)``.
  package func prompt(_ text: String) throws -> [Int] {
    let ids =
      if let chat {
        try (chat.startsText ? tokenizer.prefix : []) + tokenizer.encode(chat.text(asking: text))
      } else {
        // What ends a text does not stand in the middle of one.
        try tokenizer.prefix + tokenizer.encode(text)
      }
    guard !ids.isEmpty else { throw LanguageModelError.emptyPrompt }
    return ids
  }

  /// Continues `prompt` with its most probable tokens.
  ///
  /// - Parameters:
  ///   - prompt: The tokens of ``prompt(_:)``.
  ///   - count: How many tokens to add at most; the model's end of a text ends the continuation, and has no text;
  ///     nor has an id that the tokenizer does not have.
  ///   - each: Is given every piece at once.
  /// - Returns: What is left at the end: bytes that never became a character, as U+FFFD.
  /// - Throws: ``LanguageModelError``, ``TokenizerError``.
  package func continuation(
    of prompt: [Int], count: Int, each: (Piece) throws -> Void
  ) throws -> String {
    var decoder = tokenizer.streamingDecoder(isStart: false)
    try inference.generate(after: prompt, count: count, stopping: ends) { token in
      let hasText = !ends.contains(token.id) && tokenizer.isKnown(token.id)
      let text = hasText ? try decoder.append(token.id) : ""
      try each(Piece(token: token, text: text))
      return true
    }
    return decoder.finish()
  }
}
