import Files
// Standard output is a variable of the C library's, which nobody here changes.
@preconcurrency import Foundation
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

  /// Makes sure that all that was printed is written.
  ///
  /// - Throws: `FileError.cannotWrite`, but not for a pipe that its reader has closed: it has what it wanted.
  static func finish() throws {
    var code = fflush(stdout) == 0 ? 0 : errno
    if code == 0, ferror(stdout) != 0 {
      // An earlier write failed and what it had is lost; only another one says why.
      code = putchar(0x0A) == EOF || fflush(stdout) != 0 ? errno : EIO
    }
    guard code == 0 || code == EPIPE else {
      throw FileError.cannotWrite(path: "standard output", code: code)
    }
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
