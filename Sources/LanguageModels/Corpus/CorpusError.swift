/// A text corpus that cannot be read or searched.
package enum CorpusError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be opened.
  case cannotOpen(path: String, reason: String)
  /// The file is a damaged or cut-off gzip file, or the disk failed.
  case cannotRead(path: String, atByte: Int, reason: String)
  /// The file is in UTF-16, or compressed otherwise than by gzip, or no text at all.
  case notText(path: String, format: String)
  /// No file has a single word.
  case noText(paths: [String])
  /// None of the facts has a subject and an answer with words.
  case nothingToCount

  /// What is wrong, where, and what to do.
  package var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "\(path): \(reason); expected a text file, plain or gzipped"
    case .cannotRead(let path, let byte, let reason):
      "\(path): after \(byte) bytes of text: \(reason); expected a whole text or gzip file, "
        + "which 'gzip -t' can check"
    case .notText(let path, let format):
      "\(path) is \(format), expected a text in UTF-8, plain or gzipped; convert it first"
    case .noText(let paths):
      "\(paths.joined(separator: ", ")): not a single word; expected a text corpus"
    case .nothingToCount:
      "no fact has a subject and an answer made of words, so there is nothing to count; "
        + "expected a task whose examples name a subject, such as counterfact"
    }
  }
}
