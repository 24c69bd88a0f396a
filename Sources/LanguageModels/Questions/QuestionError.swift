/// Why the examples of a benchmark cannot be asked of a model.
package enum QuestionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No token is left of an answer or a candidate.
  case noTokens(text: String, example: Int)
  /// Two candidates are the same tokens, so that neither could be more probable.
  case sameTokens(String, String, example: Int)
  /// A prompt has no tokens, and the tokenizer puts none before it.
  case emptyPrompt(example: Int)
  /// An answer changes all tokens of its prompt, so that nothing is left that would predict it.
  case joinsPrompt(text: String, example: Int)
  /// A prompt with its answer has `tokens` where the model takes `limit`.
  case tooLong(example: Int, tokens: Int, limit: Int)
  /// Only one token is generated, and no answer is a single token.
  case noOneTokenAnswer(answers: Int, first: String, tokens: Int)
  /// The model fills masks and its tokenizer has none.
  case noMask(name: String, model: String)
  /// A prompt contains the mask's own name.
  case maskInPrompt(name: String, example: Int)
  /// The tokenizer has an id that the model has no logit for.
  case foreignTokenizer(id: Int, vocabulary: Int, model: String)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .noTokens(let text, let example):
      "example \(example): the model's tokenizer makes no token of the answer '\(text)', "
        + "so that it has no probability; remove the example or write the answer otherwise"
    case .sameTokens(let first, let second, let example):
      "example \(example): the candidates '\(first)' and '\(second)' are the same tokens to this "
        + "model and always tie; give candidates that differ"
    case .emptyPrompt(let example):
      "example \(example): the prompt has no tokens, expected at least one; write a prompt"
    case .joinsPrompt(let text, let example):
      "example \(example): with '\(text)' appended the prompt has other tokens from its first on, expected some "
        + "of the prompt alone to stay; begin the answer with a space"
    case .tooLong(let example, let tokens, let limit):
      "example \(example) needs \(tokens) tokens with its answer, the model takes at most \(limit); "
        + "shorten it, or remove its row from the data"
    case .noOneTokenAnswer(let answers, let first, let tokens):
      "this model generates one token for the task, and none of the \(answers) answers is a single "
        + "token (the first, '\(first)', is \(tokens)), so that none could be right; "
        + "is the tokenizer the model's own?"
    case .noMask(let name, let model):
      "\(model) fills masks, and its tokenizer has no token '\(name)'; is it the model's own?"
    case .maskInPrompt(let name, let example):
      "example \(example): the prompt contains '\(name)', which the model would take for the place "
        + "of the answer; remove it"
    case .foreignTokenizer(let id, let vocabulary, let model):
      "the tokenizer makes token id \(id), and the vocabulary of \(model) has \(vocabulary); "
        + "is the tokenizer the model's own?"
    }
  }
}
