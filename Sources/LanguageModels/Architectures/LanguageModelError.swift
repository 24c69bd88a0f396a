/// What can be wrong with a language model's configuration and weights, or with what it is asked.
public enum LanguageModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `file` describes an architecture that is not known.
  case unknownArchitecture(String, file: String, known: [String])
  /// The weights that `file` describes or holds are the codes of a quantisation `method`.
  case quantised(method: String, file: String)
  /// `file` has no `key`.
  case missingKey(String, file: String)
  /// `key` in `file` is `found`, which is not `expected`.
  case wrongValue(key: String, file: String, expected: String, found: String)
  /// A tensor holds an element that is infinite or not a number.
  case notFinite(tensor: String, file: String, row: Int, column: Int)
  /// `file` has a key that is not known, and not the known one that it looks like.
  case misspelt(key: String, as: String, file: String)
  /// All weights are finite, and yet what was computed from them is not.
  case overflow(file: String)
  /// A prompt without tokens.
  case emptyPrompt
  /// A prompt, with what is to be generated, has `tokens` where the model can take `limit`.
  case promptTooLong(tokens: Int, limit: Int)
  /// A token id that the vocabulary of `count` does not have.
  case idOutOfRange(Int, count: Int)
  /// A model that predicts masked tokens was asked to continue a text.
  case cannotContinueText(file: String)
  /// A token was asked for at a position that the prompt does not have.
  case positionOutOfRange(Int, count: Int)
  /// The folder to be written has something in it.
  case outputNotEmpty(String)

  /// What is wrong, where, what was expected, what was found, and what to do.
  public var description: String {
    switch self {
    case .unknownArchitecture(let name, let file, let known):
      "\(file) holds the architecture '\(name)', expected one of: \(known.joined(separator: ", "))"
    case .quantised(let method, let file):
      "\(file): the weights are quantised by \(method), which is not read; use the checkpoint that they were made "
        + "from (in transformers: model.dequantize(), then save_pretrained), or a GGUF file"
    case .missingKey(let key, let file):
      "\(file) has no '\(key)'; is it the configuration of another architecture?"
    case .wrongValue(let key, let file, let expected, let found):
      "'\(key)' in \(file) is \(found), expected \(expected)"
    case .misspelt(let key, let meant, let file):
      "\(file) has '\(key)', which is not known, and no '\(meant)'; if that is meant, correct it, else remove the key"
    case .notFinite(let tensor, let file, let row, let column):
      "tensor '\(tensor)' in \(file) has an element at row \(row), column \(column) that is not "
        + "a finite number; the checkpoint is damaged or its training diverged"
    case .overflow(let file):
      "a result is not a finite number although the weights in \(file) are; "
        + "are they those of the configuration beside them?"
    case .emptyPrompt:
      "the prompt has no tokens, expected at least one"
    case .promptTooLong(let tokens, let limit):
      "the prompt needs \(tokens) tokens, the model takes at most \(limit); shorten it"
    case .idOutOfRange(let id, let count):
      "token id \(id) is not in the vocabulary, expected 0 to \(count - 1)"
    case .cannotContinueText(let file):
      "\(file) predicts masked tokens and cannot continue a text; use a model that predicts the next token"
    case .positionOutOfRange(let position, let count):
      "there is no token \(position) in a prompt of \(count); positions count from 0"
    case .outputNotEmpty(let folder):
      "\(folder) exists and is not empty; name a new folder, so that nothing is mixed or lost"
    }
  }
}
