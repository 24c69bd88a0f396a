/// Why a file is not a file of levels, or does not hold what was asked for.
package enum LevelFileError: Error, Equatable, Sendable {
  /// A control character; line counts from 1.
  case binary(file: String, line: Int, byte: UInt8)
  /// No line that begins a level.
  case noLevels(file: String, bytes: Int)
  /// A level that breaks a rule; index counts from 0, line (of its first row) from 1.
  case badLevel(file: String, index: Int, line: Int, LevelError)
  /// An index past the end.
  case noSuchLevel(file: String, index: Int, count: Int)
  /// More levels asked for than there are.
  case tooFewLevels(file: String, wanted: Int, count: Int)
}

extension LevelFileError: CustomStringConvertible {
  /// What is wrong, where, and what to do about it.
  package var description: String {
    switch self {
    case .binary(let file, let line, let byte):
      "\(file), line \(line): byte \(byte) is no text; expected levels in XSB text"
    case .noLevels(let file, let bytes):
      bytes == 0
        ? "\(file) is empty; expected levels in XSB text"
        : "\(file) holds no level; expected XSB text, whose levels begin with a row of # (wall)"
    case .badLevel(let file, let index, let line, let error):
      "\(file), level \(index) (line \(line)): \(error)"
    case .noSuchLevel(let file, let index, let count):
      "\(file) has no level \(index); it holds \(count), so an index is 0 to \(count - 1)"
    case .tooFewLevels(let file, let wanted, let count):
      "\(file) holds \(count) levels, fewer than the \(wanted) asked for; ask for \(count) at most"
    }
  }
}
