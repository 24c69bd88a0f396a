internal import Numerics
internal import Foundation

/// The first line of a run's file: what the lines below belong to, and where they come from.
package struct RunHeader: Equatable, Sendable {
  /// The version of the format that it was written in.
  package let version: Int
  /// What the lines belong to.
  package var identity: RunIdentity
  /// Which program wrote them, how it was called, and where.
  package var provenance: RunProvenance

  /// The version that this program writes: 1 was a dictionary of sentences, up to laser 0.4.0.
  package static let currentVersion = 2

  /// The header of a new file.
  package init(_ identity: RunIdentity, from provenance: RunProvenance = RunProvenance()) {
    version = Self.currentVersion
    self.identity = identity
    self.provenance = provenance
  }

  /// Whether most trials of the run have no score because they were raced.
  package var isRaced: Bool {
    identity.race != nil || identity.scoring?.rules["race"] != nil && version == 1
  }
}

extension RunHeader {
  private struct Line: Codable {
    let journal: Int
    let run: RunIdentity
    let provenance: RunProvenance
  }

  /// A header of version 1, which can be read for reports.
  fileprivate struct FirstVersion: Decodable {
    let identity: [String: String]
    let remarks: [String: String]?
  }

  /// What every header begins with, and no other line.
  static let marker = Data("{\"journal\":".utf8)
  private static let firstMarker = Data("{\"identity\":".utf8)

  /// The header as a line without its end; keys are sorted, so that the version comes first.
  var line: Data {
    get throws {
      try JournalCoding.encoder.encode(
        Line(journal: version, run: identity, provenance: provenance))
    }
  }

  /// Reads a header; nil for a line that is none.
  ///
  /// - Throws: `RunError.newerVersion`, `RunError.damagedJournal`.
  init?(_ text: Data, path: String, line number: Int) throws {
    guard text.starts(with: Self.marker) || text.starts(with: Self.firstMarker) else { return nil }
    struct Version: Decodable { let journal: Int }
    let decoder = JSONDecoder()
    do {
      version = try decoder.decode(Version.self, from: text).journal
      guard version <= Self.currentVersion else {
        throw RunError.newerVersion(path: path, found: version, known: Self.currentVersion)
      }
      if version == 1 {
        (identity, provenance) = try decoder.decode(FirstVersion.self, from: text).translated
      } else {
        let line = try decoder.decode(Line.self, from: text)
        (identity, provenance) = (line.run, line.provenance)
      }
    } catch is DecodingError {
      throw RunError.damagedJournal(
        path: path, line: number, reason: "a header that says too little")
    }
  }
}

extension RunHeader.FirstVersion {
  /// The fields that had names of their own; the sentences stay what they are, to be read by people.
  fileprivate var translated: (RunIdentity, RunProvenance) {
    let remarks = remarks ?? [:]
    var rest = identity.mapValues(RunValue.text)
    for key in ["study", "model", "task"] { rest[key] = nil }
    var run = RunIdentity(
      kind: identity["study"].flatMap(StudyName.init).map(RunKind.study) ?? .search,
      model: identity["model"],
      scoring: .init(task: identity["task"] ?? "", rules: rest))
    run.edits = identity["turned right by"]
    var provenance = RunProvenance(
      program: remarks["program"] ?? "", command: remarks["command"] ?? "", host: "", kernel: "")
    provenance.model = remarks["path"] ?? remarks["policy"]
    provenance.data = (remarks["files"] ?? remarks["levels"]).map { [$0] } ?? []
    return (run, provenance)
  }
}

/// Where a file's lines come from; two files of one run may differ in all of it.
public struct RunProvenance: Codable, Equatable, Sendable {
  /// The program and its version.
  public var program: String
  /// The command that was given, as a shell reads it.
  public var command: String
  /// The same word by word, without the program's name.
  public var arguments: [String]
  /// The folder that relative paths start from.
  public var directory: String
  /// The machine.
  public var host: String
  /// The kernels of the arithmetic: others round differently.
  public var kernel: String
  /// Which share of a run of many processes it is, from 0; nil for one that has all.
  public var share: Int?
  /// Where the model lies, as the user named it.
  public var model: String?
  /// Where the data lie, as the user named them.
  public var data: [String]

  /// This process on this machine.
  public init(
    program: String = "", command: String = "", arguments: [String] = [],
    model: String? = nil, data: [String] = [], host: String? = nil, kernel: String? = nil
  ) {
    self.program = program
    self.command = command
    self.arguments = arguments
    directory = FileManager.default.currentDirectoryPath
    self.host = host ?? Self.thisHost
    self.kernel = kernel ?? BLASKernels.names
    self.model = model
    self.data = data
  }

  /// What the machine calls itself, without asking the network.
  static var thisHost: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "host" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
