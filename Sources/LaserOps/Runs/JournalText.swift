internal import Foundation

/// A file of a journal, cut into headers and lines.
struct JournalText {
  let path: String
  private(set) var headers: [(header: RunHeader, path: String)] = []
  private(set) var lines: [(number: Int, text: Data)] = []

  /// Reads a file; nil where there is none.
  ///
  /// A last line without its end, as a crash leaves it, does not count; nor does one that another file was appended to.
  /// - Throws: `RunError` for a header that cannot be read, or lines without one.
  init?(_ url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else { return nil }
    path = url.path
    let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? data.startIndex
    let texts = data[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, text) in texts.enumerated() where !text.isEmpty {
      let text = Self.withoutCutLine(Data(text))
      if let header = try RunHeader(text, path: path, line: index + 1) {
        headers.append((header, path))
      } else if headers.isEmpty {
        throw RunError.damagedJournal(path: path, line: index + 1, reason: "no header above it")
      } else {
        lines.append((index + 1, text))
      }
    }
  }

  /// The header behind a line that was cut before its end; any other text is itself.
  private static func withoutCutLine(_ text: Data) -> Data {
    let bytes = Array(text)
    var start = bytes.startIndex
    // Few lines have more braces than one.
    while let brace = bytes[start...].firstIndex(of: UInt8(ascii: "{")) {
      if bytes[brace...].starts(with: RunHeader.marker) { return Data(bytes[brace...]) }
      start = brace + 1
    }
    return text
  }

  /// The lines, decoded.
  ///
  /// - Throws: `RunError.damagedJournal`.
  func decoded<Line: JournalLine>(_ type: Line.Type) throws -> [Line] {
    let decoder = JSONDecoder()
    return try lines.map { number, text in
      do {
        return try decoder.decode(type, from: text)
      } catch {
        throw RunError.damagedJournal(
          path: path, line: number, reason: "not a \(Line.noun) in JSON")
      }
    }
  }
}
