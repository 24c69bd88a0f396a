/// What can be wrong with the files of a tokenizer, or with ids given to it.
package enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `folder` has no file that a tokenizer can be read from.
  case noTokenizer(folder: String)
  /// `part` of `file` asks for `found`, which is not one of the things that are `supported`.
  case unsupported(file: String, part: String, found: String, supported: [String])
  /// `part` of `file` is a regular expression with syntax that is not known.
  case pattern(file: String, part: String, pattern: String, syntax: String)
  /// A pattern of the tokenizer takes too many steps on a text of `length` characters.
  case patternTooSlow(pattern: String, length: Int)
  /// `file` gives `id` to two tokens.
  case duplicateID(id: Int, first: String, second: String, file: String)
  /// `file` gives two ids to `token`.
  case duplicateToken(token: String, file: String)
  /// The id of `token` in `file` is negative or larger than any vocabulary.
  case invalidID(id: Int, token: String, file: String)
  /// Merge number `index` of `file` names or makes `token`, which is not in the vocabulary.
  case unknownTokenInMerge(index: Int, token: String, file: String)
  /// Merge number `index` of `file` is not two tokens.
  case malformedMerge(index: Int, found: String, file: String)
  /// `file` puts the token `id` around texts, which is not in the vocabulary.
  case unknownSpecialToken(id: Int, file: String)
  /// The files ask for `part` around a text, and name no such token or one that `file` does not have.
  case noSpecialToken(part: String, file: String)
  /// The vocabulary has no token with this id.
  case unknownID(id: Int, count: Int)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .noTokenizer(let folder):
      "\(folder) has no tokenizer: expected tokenizer.json, vocab.json with merges.txt, "
        + "vocab.txt, or tokenizer.model"
    case .unsupported(let file, let part, let found, let supported):
      "\(part) of \(file) is \(found), expected one of: \(supported.joined(separator: ", "))"
    case .pattern(let file, let part, let pattern, let syntax):
      "\(part) of \(file) is '\(pattern)', whose \(syntax) is not understood"
    case .patternTooSlow(let pattern, let length):
      "the tokenizer's pattern '\(pattern)' tries too many ways through \(length) characters; cut the text, or check "
        + "where the tokenizer comes from"
    case .duplicateID(let id, let first, let second, let file):
      "\(file) gives the id \(id) to both '\(first)' and '\(second)'"
    case .duplicateToken(let token, let file):
      "\(file) gives two ids to the token '\(token)'"
    case .invalidID(let id, let token, let file):
      "\(file) gives the token '\(token)' the id \(id), expected 0 to \(Vocabulary.largestID)"
    case .unknownTokenInMerge(let index, let token, let file):
      "merge \(index) of \(file) needs the token '\(token)', which is not in the vocabulary; "
        + "are both files of the same model?"
    case .malformedMerge(let index, let found, let file):
      "merge \(index) of \(file) is '\(found)', expected two tokens"
    case .unknownSpecialToken(let id, let file):
      "the post_processor of \(file) adds the token \(id), which is not in the vocabulary"
    case .noSpecialToken(let part, let file):
      "texts are to have the \(part) around them, and \(file) has no such token"
    case .unknownID(let id, let count):
      "there is no token \(id), expected an id from 0 to \(count - 1)"
    }
  }
}
