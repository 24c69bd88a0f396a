public import Foundation

/// A finished piece of work as a line of a journal.
public protocol JournalLine: Codable, Sendable {
  /// What tells one piece of work from the others.
  associatedtype Key: Hashable
  /// Which piece of work this is.
  var key: Key { get }
  /// What a line is, for messages: `trial`.
  static var noun: String { get }
}

/// Finished work on disk, one JSON line a piece, so that what was killed goes on where it was: the trials of a search.
///
/// The first line is a header that says what the lines belong to. Journals of several shards merge
/// by concatenation; a piece of work that occurs twice counts once.
public final class Journal<Line: JournalLine> {
  /// What the lines belong to: model, data and options, in words and fingerprints.
  public let identity: [String: String]
  private var lines: [Line.Key: Line] = [:]
  let path: String
  private let file: FileHandle?

  /// A journal that is only kept in memory.
  public init(identity: [String: String]) {
    self.identity = identity
    path = "(memory)"
    file = nil
  }

  /// Opens the journal at `url`, or starts it.
  ///
  /// A last line without its end, as a crash leaves it, is cut off.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - identity: What the trials belong to; a journal of something else is refused.
  ///   - remarks: What else to write into the header, such as paths, which may differ between shards.
  /// - Throws: ``RunError`` for a journal of something else, a damaged line or a disk that cannot be written.
  public init(
    at url: URL, identity: [String: String], remarks: [String: String] = [:]
  ) throws {
    self.identity = identity
    path = url.path
    do {
      if FileManager.default.fileExists(atPath: url.path) {
        lines = try Self.lines(in: url, identity: identity)
      } else if !FileManager.default.createFile(atPath: url.path, contents: nil) {
        throw RunError.cannotWrite(path: path, reason: "the folder is missing or read-only")
      }
      let file = try FileHandle(forUpdating: url)
      // Released by the system when the process ends, however it ends.
      guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
        throw RunError.inUse(path: url.path)
      }
      self.file = file
      let length = try Self.completeLength(of: url)
      try file.truncate(atOffset: UInt64(length))
      try file.seekToEnd()
      if length == 0 { try append(JournalHeader(journal: 1, identity: identity, remarks: remarks)) }
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError.cannotWrite(path: url.path, reason: error.localizedDescription)
    }
  }

  /// The number of different lines.
  public var count: Int { lines.count }

  /// The finished piece of work called `key`, if there is one.
  public subscript(key: Line.Key) -> Line? { lines[key] }

  /// Appends a finished piece of work and flushes it to disk.
  ///
  /// - Throws: ``RunError/cannotWrite(path:reason:)``; what is already written stays.
  public func record(_ line: Line) throws {
    try append(line)
    lines[line.key] = line
  }

  private func append(_ line: some Encodable) throws {
    guard let file else { return }
    do {
      var data = try Self.encoder.encode(line)
      data.append(UInt8(ascii: "\n"))
      try file.write(contentsOf: data)
      try file.synchronize()
    } catch {
      throw RunError.cannotWrite(path: path, reason: error.localizedDescription)
    }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// The bytes up to and with the last line end.
  private static func completeLength(of url: URL) throws -> Int {
    let data = try Data(contentsOf: url)
    return data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
  }

  /// The identity with the remarks, and the lines, of a journal that is only read, such as for a report.
  ///
  /// - Throws: ``RunError`` for a damaged line; the error of the file system for a file that cannot be read.
  public static func read(_ url: URL) throws -> (
    identity: [String: String], remarks: [String: String], lines: [Line]
  ) {
    var identity: [String: String]?
    var remarks: [String: String] = [:]
    var found: [Line] = []
    var seen: Set<Line.Key> = []
    for (number, text) in try texts(of: url) {
      if let header = try? JSONDecoder().decode(JournalHeader.self, from: text) {
        if let identity { try check(header.identity, against: identity, path: url.path) }
        identity = identity ?? header.identity
        remarks.merge(header.remarks ?? [:]) { first, _ in first }
        continue
      }
      guard identity != nil else {
        throw RunError.damagedJournal(
          path: url.path, line: number, reason: "a \(Line.noun) before the first header")
      }
      do {
        let line = try JSONDecoder().decode(Line.self, from: text)
        if seen.insert(line.key).inserted { found.append(line) }
      } catch {
        throw RunError.damagedJournal(
          path: url.path, line: number, reason: "not a \(Line.noun) in JSON")
      }
    }
    guard let identity else {
      throw RunError.damagedJournal(path: url.path, line: 1, reason: "no header")
    }
    return (identity, remarks, found)
  }

  private static func lines(in url: URL, identity: [String: String]) throws -> [Line.Key: Line] {
    guard try !texts(of: url).isEmpty else { return [:] }
    let (found, _, lines) = try read(url)
    try check(found, against: identity, path: url.path)
    return Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0) })
  }

  private static func check(
    _ found: [String: String], against expected: [String: String], path: String
  ) throws {
    for key in Set(found.keys).union(expected.keys).sorted() where found[key] != expected[key] {
      throw RunError.foreignJournal(
        path: path, key: key, expected: expected[key] ?? "(none)", found: found[key] ?? "(none)")
    }
  }

  private static func texts(of url: URL) throws -> [(number: Int, text: Data)] {
    let data = try Data(contentsOf: url)
    let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? data.startIndex
    return data[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated().map { ($0.offset + 1, Data($0.element)) }
      .filter { !$0.1.isEmpty }
  }
}

/// The first line of a journal.
struct JournalHeader: Codable {
  let journal: Int
  let identity: [String: String]
  let remarks: [String: String]?

  /// Identity and remarks of a header; nil for a line that is none.
  static func about(_ line: Data) -> [String: String]? {
    guard let header = try? JSONDecoder().decode(JournalHeader.self, from: line) else { return nil }
    return header.identity.merging(header.remarks ?? [:]) { first, _ in first }
  }
}

extension Journal<Trial> {
  /// The finished trial of `interventions` on `split`, if there is one.
  public func trial(of interventions: [Intervention], on split: DataSplit.Part) -> Trial? {
    self[Trial.Key(edit: Trial.name(of: interventions), split: split)]
  }

  /// The finished trial of `interventions`, checked to have as many outcomes as there are examples.
  ///
  /// - Throws: ``RunError/foreignTrial(path:edit:expected:found:)``.
  func trial(of interventions: [Intervention], on split: DataSplit.Part, examples: Int) throws
    -> Trial?
  {
    guard let trial = trial(of: interventions, on: split) else { return nil }
    guard trial.examples == examples, trial.values.count == examples,
      trial.successes.utf8.count == examples
    else {
      throw RunError.foreignTrial(
        path: path, edit: trial.edit, expected: examples, found: trial.values.count)
    }
    return trial
  }
}
