import Foundation
import Synchronization

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

  /// Prints nothing but errors from now on: another process of the same command speaks.
  static func fallSilent() { isSilent.store(true, ordering: .relaxed) }

  private static let isSilent = Atomic(false)

  /// Prints a remark for a person on standard error.
  static func note(_ text: String) {
    guard !isSilent.load(ordering: .relaxed) else { return }
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
