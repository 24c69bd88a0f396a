package import Numerics

/// What can be wrong with the files of a benchmark, or with what is asked of it.
package enum BenchmarkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No file was named.
  case noFiles(task: BenchmarkTask.Name)
  /// `file` has no rows.
  case noRows(file: String)
  /// `file` is in a `format` that is not read.
  case notText(file: String, format: String)
  /// Line `line` of `file`, from 1, is not UTF-8.
  case notUTF8(file: String, line: Int)
  /// `file`, or its line `line` from 1, is not valid JSON.
  case invalidJSON(file: String, line: Int?, fault: JSONFault)
  /// The quotation mark of a CSV field that begins in line `line` of `file`, from 1, is never closed.
  case unclosedQuote(file: String, line: Int)
  /// No row of `file` has the fields that `task` needs.
  case wrongSet(
    file: String, task: BenchmarkTask.Name, expected: [String], found: [String],
    looksLike: [BenchmarkTask.Name])
  /// None of the `rows` gave an example.
  case nothingUsable(task: BenchmarkTask.Name, rows: Int, leftOut: [LeftOutRows])
  /// Some rows of a user's own questions have candidates and others do not; `place` is the first that differs.
  case mixedCandidates(place: String)
  /// Masked models see the last tokens of a biography, and their tokenizer was not given.
  case needsTokenizer(task: BenchmarkTask.Name)
  /// There is no example `index`.
  case indexOutOfRange(Int, count: Int, task: BenchmarkTask.Name)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .noFiles(let task):
      "the task \(task.rawValue) needs at least one file of data"
    case .noRows(let file):
      "\(file) has no rows; expected a JSON array, a JSON object a line, or CSV with a heading and rows: "
        + "is it the right file, and was it downloaded completely?"
    case .notText(let file, let format):
      "\(file) is \(format), expected JSON, JSON lines or CSV in UTF-8; convert it first"
    case .notUTF8(let file, let line):
      "line \(line) of \(file) is not UTF-8; is it in another encoding than the rest? "
        + "Convert the file to UTF-8"
    case .invalidJSON(let file, let line, let fault):
      (line.map { "line \($0) of \(file)" } ?? file) + " is not valid JSON: \(fault)"
    case .unclosedQuote(let file, let line):
      "the quotation mark in line \(line) of \(file) is never closed; the file is damaged or cut short"
    case .wrongSet(let file, let task, let expected, let found, let looksLike):
      "\(file) is not a file of \(task.rawValue): expected rows with "
        + expected.joined(separator: ", or ") + "; found "
        + (found.isEmpty ? "rows without fields" : found.joined(separator: ", "))
        + Self.hint(looksLike)
    case .nothingUsable(let task, let rows, let leftOut):
      "no row of the \(rows) can be used for \(task.rawValue): "
        + leftOut.map { "\($0.count) × \($0.reason) (first: \($0.first))" }
        .joined(separator: "; ")
    case .mixedCandidates(let place):
      "\(place) differs from the rows before it: give candidates in every row or in none, "
        + "for the two are scored differently"
    case .needsTokenizer(let task):
      "\(task.rawValue) shows masked models the last \(BenchmarkTask.maskedBiographyLength) tokens "
        + "of a biography; name the model, so that its tokenizer can be read"
    case .indexOutOfRange(let index, let count, let task):
      "\(task.rawValue) has no example \(index), expected 0 to \(count - 1)"
    }
  }

  private static func hint(_ looksLike: [BenchmarkTask.Name]) -> String {
    guard !looksLike.isEmpty else { return "" }
    return "; it looks like one for the task "
      + looksLike.map(\.rawValue).joined(separator: " or ")
  }
}
