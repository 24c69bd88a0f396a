internal import Files
public import Foundation

/// The folder of a search or a study: its journals, and `result.json` and `report.html`, which derive from them.
///
/// Any number of processes may work in it at once. `journal.jsonl` belongs to the process that came first; its header says
/// what the folder is of, and every other process compares itself with it before it begins. Each process appends to a file
/// of its own, so that no lock is needed: on file systems where locks do not reach other machines nothing is lost, and a
/// process that was believed dead does no harm beside its successor.
public struct RunFolder: Sendable {
  /// The folder.
  public let url: URL

  /// The folder at `url`; it is made when something runs in it.
  public init(_ url: URL) { self.url = url }

  /// Where finished trials are.
  package static let journalFile = "journal.jsonl"

  /// The journal of the process that came first.
  package var journal: URL { url.appendingPathComponent(Self.journalFile) }
  /// Where the result goes.
  package var result: URL { url.appendingPathComponent("result.json") }
  /// Where the report goes.
  public var report: URL { url.appendingPathComponent("report.html") }

  /// Opens a journal of the folder, or starts it, and the folder.
  ///
  /// - Parameters:
  ///   - name: The journal, without `.jsonl`.
  ///   - header: What its lines belong to and where they come from.
  ///   - isShared: Whether other processes of this machine may be at the same run.
  /// - Returns: The lines of all processes so far; new ones go to a file of this process.
  /// - Throws: ``RunError`` for a folder of something else, one that is in use, a damaged line or a disk that cannot be
  ///   written.
  package func open<Line: JournalLine>(
    _ name: String = "journal", for header: RunHeader, isShared: Bool = false
  ) throws -> Journal<Line> {
    try make()
    let first = url.appendingPathComponent("\(name).jsonl")
    if let own = try AttemptFile.claim(name, in: url, for: header) {
      return Journal(
        [], path: first.path, appendingTo: own, lock: RunLock(first, isShared: isShared),
        news: news(of: name, besides: own))
    }
    let lock = RunLock(first, isShared: isShared)
    let files = try files(of: name)
    for file in files {
      for (found, path) in file.headers {
        guard found.version == RunHeader.currentVersion else {
          throw RunError.olderVersion(path: path, found: found.version)
        }
        try Self.check(found.identity, against: header.identity, path: path)
      }
    }
    // A lock that another machine holds may be that of a process which only this lock believes alive.
    if lock == nil, !isShared, let last = files.last?.headers.last,
      last.header.provenance.host == header.provenance.host
    {
      throw RunError.inUse(path: first.path)
    }
    let own = try AttemptFile(
      at: url.appendingPathComponent(AttemptFile.name(name)), of: name, header: header)
    // The last header says what the result is of, also where nothing is left to do.
    if let last = files.last?.headers.last?.header, !last.identity.isSame(as: header.identity) {
      try own.begin()
    }
    return Journal(
      try files.flatMap { try $0.decoded(Line.self) }, path: first.path,
      appendingTo: own, lock: lock, news: news(of: name, besides: own))
  }

  /// What is in other processes' files of a journal that have grown since the last call.
  private func news<Line: JournalLine>(
    of name: String, besides own: AttemptFile
  ) -> () throws -> [Line] {
    var sizes: [URL: Int] = [:]
    return {
      try paths(of: name).flatMap { path -> [Line] in
        let size = Self.size(of: path)
        guard path != own.url, size != sizes[path], let text = try JournalText(path) else {
          return []
        }
        sizes[path] = size
        return try text.decoded(Line.self)
      }
    }
  }

  /// The headers and the different lines of a journal that is only read, such as for a report; none where there is none.
  ///
  /// - Throws: ``RunError`` for a damaged line and for files of different runs.
  package func read<Line: JournalLine>(
    _ name: String = "journal", as type: Line.Type = Line.self
  ) throws -> (headers: [RunHeader], lines: [Line]) {
    let files = try files(of: name)
    let headers = files.flatMap(\.headers)
    if let first = headers.first {
      for (other, path) in headers.dropFirst() {
        try Self.check(other.identity, against: first.header.identity, path: path)
      }
    }
    var seen: Set<Line.Key> = []
    let lines = try files.flatMap { try $0.decoded(type) }.filter { seen.insert($0.key).inserted }
    return (headers.map(\.header), lines)
  }

  /// What the folder is of, by the first line of its journal; nil where there is none.
  ///
  /// - Throws: ``RunError`` for a header of a newer version, or one that says too little.
  package var header: RunHeader? {
    get throws {
      for file in paths(of: "journal") {
        guard let handle = try? FileHandle(forReadingFrom: file) else { continue }
        // A header is the first line; the trials behind it may be many.
        var line = Data()
        while let piece = try? handle.read(upToCount: 1 << 16), !piece.isEmpty {
          line += piece.prefix { $0 != UInt8(ascii: "\n") }
          guard piece.contains(UInt8(ascii: "\n")) else { continue }
          return try RunHeader(line, path: file.path, line: 1)
        }
      }
      return nil
    }
  }

  private static func check(
    _ found: RunIdentity, against expected: RunIdentity, path: String
  ) throws {
    guard let difference = expected.difference(from: found) else { return }
    throw RunError.foreignJournal(
      path: path, key: difference.field, expected: difference.own, found: difference.other)
  }

  /// Makes the folder where there is none.
  ///
  /// - Throws: `RunError.cannotMakeFolder`.
  func make() throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw RunError.cannotMakeFolder(path: url.path)
    }
  }

  /// The files of a journal: the first process', then the others' by the time at which they began.
  private func paths(of name: String) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    let others = names.filter {
      $0.hasPrefix("\(name).") && $0.hasSuffix(".jsonl") && $0 != "\(name).jsonl"
    }.sorted()
    return (["\(name).jsonl"] + others).map(url.appendingPathComponent)
  }

  /// Whether a run that has begun here keeps something under this name; its report may be written anew.
  package func keeps(_ file: String) -> Bool {
    guard paths(of: "journal").contains(where: { FileManager.default.fileExists(atPath: $0.path) })
    else { return false }
    let isJournal =
      file.hasSuffix(".jsonl")
      && ["journal", Name.race, Name.guide].contains { file.hasPrefix("\($0).") }
    let others = [
      "result.json", "games.json", "counts.json", "best.json", "lowest-loss.json",
      "composition.json",
    ]
    return isJournal || others.contains(file)
  }

  private func files(of name: String) throws -> [JournalText] {
    let paths = paths(of: name)
    let files = try paths.map(JournalText.init)
    // A file that is gone was gathered into the first one, perhaps after that was read.
    guard zip(paths, files).dropFirst().contains(where: { $1 == nil }) else {
      return files.compactMap(\.self)
    }
    return try self.paths(of: name).compactMap(JournalText.init)
  }

  /// How long ago each file of the journal was written, in seconds, and the share whose process writes it.
  func ages(now: Date) throws -> [(share: Int?, age: Double)] {
    try paths(of: "journal").compactMap { path in
      guard let text = try JournalText(path), let header = text.headers.last?.header,
        let attributes = try? FileManager.default.attributesOfItem(atPath: path.path),
        let date = attributes[.modificationDate] as? Date
      else { return nil }
      return (header.provenance.share, max(0, now.timeIntervalSince(date)))
    }
  }

  /// Which processes have written the journal: their shares, nil among them standing for one that has all, and the
  /// arithmetics that they used, of which different ones round differently.
  ///
  /// - Throws: ``RunError`` for a damaged header.
  package var writers: (shares: Set<Int?>, kernels: Set<String>) {
    get throws {
      let all = try files(of: "journal").flatMap(\.headers).map(\.header.provenance)
      return (Set(all.map(\.share)), Set(all.map(\.kernel)))
    }
  }

  /// Puts the files of all processes into the first one's, where nobody is writing any more.
  ///
  /// - Precondition: Everything is finished: what a forgotten process may still write is there already.
  /// - Throws: `FileError`; what cannot be gathered stays where it is.
  func gather(_ name: String = "journal") throws {
    let paths = paths(of: name)
    guard paths.count > 1, !isBeingWritten else { return }
    var sizes: [URL: Int] = [:]
    try AtomicFile.write(to: paths[0]) { output in
      for path in paths {
        guard let data = FileManager.default.contents(atPath: path.path),
          let end = data.lastIndex(of: UInt8(ascii: "\n"))
        else { continue }
        sizes[path] = data.count
        try output.write(data[...end])
      }
    }
    // What has grown since belongs to somebody who is at work.
    for path in paths.dropFirst() where sizes[path] == Self.size(of: path) { unlink(path.path) }
  }

  private static func size(of file: URL) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return (attributes?[.size] as? NSNumber)?.intValue
  }

  /// Whether a process is writing the journal, of a study or of a search; also true of this one while it has it open.
  package var isBeingWritten: Bool {
    FileManager.default.fileExists(atPath: journal.path)
      && RunLock(journal, isShared: false) == nil
  }
}

extension RunFolder {
  /// Writes the result, with the command that asked for it: the same bytes for the same result.
  ///
  /// - Throws: `FileError`.
  package func write(_ result: some Encodable, command: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(RecordedResult(result: result, command: command))
    try AtomicFile.write(Array(data) + [UInt8(ascii: "\n")], to: self.result)
  }

  /// Whether there is a result.
  package var isFinished: Bool { FileManager.default.fileExists(atPath: result.path) }

  /// The command that wrote the result; nil where there is none, or one of a version that did not say.
  package var command: String? {
    struct Recorded: Decodable { let command: String? }
    return FileManager.default.contents(atPath: result.path)
      .flatMap { try? JSONDecoder().decode(Recorded.self, from: $0) }?.command
  }

  /// The result; nil where there is none.
  ///
  /// - Throws: ``RunError/damagedResult(path:)``.
  package func result<Result: Decodable>(as type: Result.Type) throws -> Result? {
    guard let data = FileManager.default.contents(atPath: result.path) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw RunError.damagedResult(path: result.path)
    }
  }

  /// The result of a finished study.
  ///
  /// - Throws: ``RunError`` where there is none, or one that cannot be read.
  package func finished<Result: Decodable>(as type: Result.Type = Result.self) throws -> Result {
    guard let finished = try result(as: type) else { throw RunError.noResult(folder: url.path) }
    return finished
  }
}

/// A result with the command that made it, in one object: what result.json has.
private struct RecordedResult<Result: Encodable>: Encodable {
  /// The result, which is an object.
  let result: Result
  /// The command, as a shell reads it.
  let command: String

  private enum CodingKeys: CodingKey { case command }

  func encode(to encoder: any Encoder) throws {
    try result.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(command, forKey: .command)
  }
}
