internal import Files
internal import Numerics
internal import Foundation

/// What the folders of a search and of a study have in common: how they are made, and how their result is kept.
enum RunFiles {
  /// Makes the folder where there is none.
  ///
  /// - Throws: ``RunError/cannotMakeFolder(path:)``.
  static func makeFolder(_ url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw RunError.cannotMakeFolder(path: url.path)
    }
  }

  /// Whether another process is writing the journal; also true of this one while it has the journal open.
  static func isBeingWritten(_ journal: URL) -> Bool {
    guard let file = try? FileHandle(forReadingFrom: journal) else { return false }
    // Released when the handle goes, at the end of this function.
    return flock(file.fileDescriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Writes a result: the same bytes for the same result.
  ///
  /// - Throws: ``StorageError``.
  static func write(_ result: some Encodable, to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(result)) + [UInt8(ascii: "\n")], to: file)
  }

  /// The command that wrote a result; nil where there is none, or one of a version that did not say.
  static func command(in file: URL) -> String? {
    FileManager.default.contents(atPath: file.path)
      .flatMap { try? JSONDecoder().decode(RecordedCommand.self, from: $0) }?.command
  }

  /// The result in a file; nil where there is no file.
  ///
  /// - Throws: ``RunError/damagedResult(path:)``.
  static func read<Result: Decodable>(_ type: Result.Type, from file: URL) throws -> Result? {
    guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw RunError.damagedResult(path: file.path)
    }
  }
}
