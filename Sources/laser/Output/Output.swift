import Foundation

/// What commands print: results on standard output, everything else on standard error.
enum Output {
  /// Prints one JSON object on one line of standard output, at once: another program may be waiting for it.
  static func json(_ value: some Encodable) throws {
    print(try jsonText(value))
    fflush(nil)
  }

  /// One JSON object on one line, keys sorted.
  static func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Prints a remark for a person on standard error.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
