public import Foundation

/// The folder of a study: `journal.jsonl`, and `result.json` and `report.html`, which derive from it.
public struct StudyFolder: Sendable {
  /// The folder.
  public let url: URL

  /// The folder at `url`; it is made when a study runs.
  public init(_ url: URL) {
    self.url = url
  }

  /// Where the journal is.
  public var journal: URL { url.appendingPathComponent("journal.jsonl") }
  /// Where the result goes.
  public var result: URL { url.appendingPathComponent("result.json") }
  /// Where the report goes.
  public var report: URL { url.appendingPathComponent("report.html") }

  /// The key of a journal's identity that names the study; a search has none.
  private static let studyKey = "study"

  /// Opens the journal of `study`, or starts it, and the folder.
  ///
  /// - Parameters:
  ///   - study: Which study.
  ///   - identity: What its trials belong to: model, data and options.
  ///   - remarks: What else the journal's header says, such as paths.
  /// - Returns: The journal.
  /// - Throws: ``RunError``, also for the folder of something else.
  public func open<Line: JournalLine>(
    _ study: StudyName, identity: [String: String], remarks: [String: String]
  ) throws -> Journal<Line> {
    try RunFiles.makeFolder(url)
    var identity = identity
    identity[Self.studyKey] = study.rawValue
    return try Journal(at: journal, identity: identity, remarks: remarks)
  }

  /// Writes the result, with the command that asked for it.
  ///
  /// - Throws: ``StorageError``.
  public func write(_ result: some Encodable, command: String) throws {
    try RunFiles.write(RecordedResult(result: result, command: command), to: self.result)
  }

  /// The study that the folder is of; nil for a search, and for a folder without a journal.
  public var study: StudyName? { header?[Self.studyKey].flatMap(StudyName.init) }

  /// Whether there is a result.
  public var isFinished: Bool { FileManager.default.fileExists(atPath: result.path) }

  /// Whether a process is writing the journal, of a study or of a search.
  public var isBeingWritten: Bool { RunFiles.isBeingWritten(journal) }

  /// What the journal's header says, with the command that wrote the result; nil where there is no header.
  public var about: [String: String]? {
    guard var about = header else { return nil }
    if let command = RunFiles.command(in: result) { about["command"] = command }
    return about
  }

  private var header: [String: String]? {
    guard let file = try? FileHandle(forReadingFrom: journal) else { return nil }
    // A header is the first line; the trials behind it may be many.
    var line = Data()
    while let piece = try? file.read(upToCount: 1 << 16), !piece.isEmpty {
      line += piece.prefix { $0 != UInt8(ascii: "\n") }
      if piece.contains(UInt8(ascii: "\n")) { return JournalHeader.about(line) }
    }
    return nil
  }

  /// The result of a finished study.
  ///
  /// - Throws: ``RunError`` where there is none, or one that cannot be read.
  public func finished<Result: Decodable>(as type: Result.Type = Result.self) throws -> Result {
    guard let finished = try RunFiles.read(type, from: result) else {
      throw RunError.noResult(folder: url.path)
    }
    return finished
  }
}
