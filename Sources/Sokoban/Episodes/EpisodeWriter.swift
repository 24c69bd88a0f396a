internal import Files
internal import Foundation

/// Writes a file of episodes that a crash, a full disk or Ctrl-C does not cost more than its last line.
///
/// Records go to `FILE.partial` as they come; ``finish()`` gives the file its name. A writer that
/// finds a partial file begun with the same description drops what was cut off at its end, says how
/// many records are ``completed``, and goes on; one of another description that has no record is begun
/// anew. A record is an episode or a note that a level has none, so that the number of records says which
/// level is next.
///
/// A path that leads to no regular file (`/dev/stdout`, a pipe) is written directly, all records, behind
/// what is there. Where a symbolic link stands, the file that it names is meant.
///
/// Two writers never share a partial file: it is locked (`flock`) from the beginning to the end.
package final class EpisodeWriter {
  /// Where the episodes go.
  package let path: String
  /// The number of records that are in the file.
  package private(set) var completed = 0

  private let destination: Destination
  /// Where the bytes go until the file is finished.
  private let partialPath: String
  private let file: FileHandle
  /// The length of the file up to the last whole record.
  private var length: Int

  /// Begins a file, or goes on with an unfinished one.
  ///
  /// - Parameters:
  ///   - path: The name of the finished file, which is replaced if it exists.
  ///   - description: One line that tells this recording from another: what, from where, seed.
  /// - Throws: `FileError`, ``EpisodeFileError/partialOfSomethingElse(file:expected:found:)``,
  ///   ``EpisodeFileError/partialInUse(file:)``.
  package init(path: String, description: String) throws {
    let header = Array("; \(description.replacing("\n", with: " "))\n\n".utf8)
    self.path = path
    destination = try Destination(of: path)
    partialPath = destination.path + (destination.isDirect ? "" : ".partial")
    var kept = 0
    do {
      if destination.isDirect {
        file = try OpenFile.open(partialPath, .appending)
      } else if let locked = try OpenFile.openLocked(partialPath) {
        file = locked
      } else {
        throw EpisodeFileError.partialInUse(file: partialPath)
      }
      if !destination.isDirect {
        let bytes = try OpenFile.read(partialPath)
        (kept, completed) = try EpisodeWriter.completeRecords(
          in: bytes, header: header, path: partialPath)
        try file.truncate(atOffset: UInt64(kept))
        try file.seekToEnd()
      }
      if kept == 0 { try file.write(contentsOf: header) }
      length = max(kept, header.count)
    } catch let error as EpisodeFileError {
      throw error
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError.cannotWrite(path: partialPath, code: FileError.code(of: error))
    }
  }

  /// Makes sure that no record that was there already has one of `excluded` levels, up to symmetry: its description says
  /// where they came from, and that may hold others now.
  ///
  /// - Throws: ``EpisodeFileError/partialWithExcluded(file:index:)``, `FileError`.
  /// - Complexity: O(the file), where there are records and levels.
  package func check(excluding excluded: Set<LevelClass>) throws {
    guard completed > 0, !excluded.isEmpty else { return }
    let levels: [Level]
    do {
      levels = try LevelFile(contentsOf: partialPath).levels
    } catch LevelFileError.noLevels {
      return  // All records are notes.
    }
    guard let index = levels.firstIndex(where: { excluded.contains(LevelClass($0)) }) else {
      return
    }
    throw EpisodeFileError.partialWithExcluded(file: partialPath, index: index)
  }

  /// Writes an episode; one that was played with what it earned.
  ///
  /// - Throws: `FileError/cannotWrite(path:code:)`; the records before it stay.
  package func append(_ episode: Episode) throws { try append(together: [episode]) }

  /// Writes episodes that belong together, such as all of a level, as one record: all of them, or none.
  ///
  /// - Throws: `FileError/cannotWrite(path:code:)`; the records before it stay.
  /// - Precondition: There is one.
  package func append(together episodes: [Episode]) throws {
    precondition(!episodes.isEmpty, "a record without an episode says why")
    try append(record: "; \(completed)\n\(episodes.map(\.text).joined())\n")
  }

  /// Writes a comment instead of an episode: why the next level has none.
  ///
  /// - Throws: `FileError/cannotWrite(path:code:)`; the records before it stay.
  package func append(withoutEpisode reason: String) throws {
    try append(record: "; \(completed): \(reason.replacing("\n", with: " "))\n\n")
  }

  /// Flushes everything to the disk and gives the file its name; nothing can be appended afterwards.
  ///
  /// - Throws: `FileError/cannotWrite(path:code:)`; the partial file stays.
  package func finish() throws {
    do {
      if !destination.isDirect {
        try file.synchronize()
        // The lock goes with the handle: nobody may find the partial file before it is renamed.
        try OpenFile.move(partialPath, to: destination.path)
      }
      try file.close()
    } catch {
      throw FileError.cannotWrite(path: path, code: FileError.code(of: error))
    }
  }

  private func append(record: String) throws {
    let bytes = Array(record.utf8)
    do {
      try file.write(contentsOf: bytes)
    } catch {
      // Part of the record may be on the disk; whole records are all that stays.
      if !destination.isDirect { try? file.truncate(atOffset: UInt64(length)) }
      throw FileError.cannotWrite(path: partialPath, code: FileError.code(of: error))
    }
    length += bytes.count
    completed += 1
  }

  /// How many bytes of a partial file are whole records, and how many records, the header aside.
  ///
  /// Records end with an empty line and hold none.
  private static func completeRecords(
    in bytes: [UInt8], header: [UInt8], path: String
  ) throws -> (bytes: Int, records: Int) {
    guard !header.starts(with: bytes) || bytes.count == header.count else { return (0, 0) }
    guard bytes.starts(with: header) else {
      // A recording that failed before its first record has nothing to lose.
      if isHeaderAlone(bytes) { return (0, 0) }
      let found = bytes.prefix { $0 != UInt8(ascii: "\n") }.prefix(200)
      throw EpisodeFileError.partialOfSomethingElse(
        file: path, expected: String(decoding: header.dropFirst(2).dropLast(2), as: UTF8.self),
        found: String(
          decoding: found.starts(with: "; ".utf8) ? found.dropFirst(2) : found, as: UTF8.self))
    }
    var kept = header.count
    var records = 0
    var index = header.count
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "\n"), bytes[index + 1] == UInt8(ascii: "\n") {
        index += 1
        kept = index + 1
        records += 1
      }
      index += 1
    }
    return (kept, records)
  }

  /// Whether a partial file is a header and nothing else, of whatever recording.
  private static func isHeaderAlone(_ bytes: [UInt8]) -> Bool {
    let lineBreak = UInt8(ascii: "\n")
    return bytes.starts(with: "; ".utf8) && bytes.last == lineBreak
      && bytes.firstIndex(of: lineBreak) == bytes.count - 2
  }
}

extension Episode {
  /// The level and the steps as they stand in a file, which ``EpisodeCollection`` reads; of a game with what it earned.
  public var text: String {
    switch kind {
    case .solution: return "\(level)Solution: \(lurd)\n"
    case .game: return "\(level)Played: \(lurd)\nReturn: \(earned)\n"
    case .correction(let first):
      let (played, solution) = (lurd.prefix(first), lurd.dropFirst(first))
      return "\(level)Played: \(played)\nCorrected: \(solution)\nReturn: \(earned)\n"
    }
  }

  /// The return with one digit: all rewards have one.
  fileprivate var earned: String {
    let tenths = Int((10 * replayed(maxSteps: .max).totalReward).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
