public import Foundation

/// The folder of a search: `journal.jsonl`, and `result.json` and `report.html`, which derive from it.
public struct SearchFolder: Sendable {
  /// The folder.
  public let url: URL

  /// The folder at `url`; it is made when a search runs.
  public init(_ url: URL) {
    self.url = url
  }

  private var journal: URL { url.appendingPathComponent("journal.jsonl") }
  private var result: URL { url.appendingPathComponent("result.json") }

  /// The journal of a race's parts of trials.
  static let raceFile = "race.jsonl"
  private var parts: URL { url.appendingPathComponent(Self.raceFile) }

  /// The journal of what a gradient said.
  static let guideFile = "guide.jsonl"
  private var predictions: URL { url.appendingPathComponent(Self.guideFile) }

  /// Where the report goes.
  public var report: URL { url.appendingPathComponent("report.html") }

  /// Runs what is left of `search` and writes its result.
  ///
  /// - Parameters:
  ///   - search: The search.
  ///   - identity: What its trials belong to: model, data and options.
  ///   - remarks: What else the journal's header says, such as paths.
  ///   - command: The command that asks for the search, for the result.
  ///   - gradient: Called with the number of matrices of which a gradient is known, and of all.
  ///   - progress: Called after every site.
  /// - Returns: The result, or nil for a shard.
  /// - Throws: ``RunError``, ``InterventionError``, ``StorageError`` and the objective's errors.
  public func run(
    _ search: InterventionSearch<some Objective>, identity: [String: String],
    remarks: [String: String] = [:], command: String,
    gradient: (Int, Int) -> Void = { _, _ in }, progress: @escaping (SearchProgress) -> Void
  ) throws -> SearchResult? {
    // A grid that the model does not have leaves no journal behind, which would refuse the next attempt.
    _ = try search.space.sites(of: search.model)
    try RunFiles.makeFolder(url)
    var identity = identity
    identity["race"] = try search.raceIdentity
    let trials = try Journal<Trial>(at: journal, identity: identity, remarks: remarks)
    let parts = try search.options.race.map { _ in
      try Journal<PartialTrial>(at: self.parts, identity: identity, remarks: remarks)
    }
    let predictions = try search.options.guide.map { _ in
      try Journal<SitePrediction>(at: self.predictions, identity: identity, remarks: remarks)
    }
    let result = try search.run(
      journal: trials, parts: parts ?? Journal(identity: [:]),
      predictions: predictions ?? Journal(identity: [:]), gradient: gradient, progress: progress)
    if let result { try write(result, command: command) }
    return result
  }

  /// Writes the result of the search in the folder, with the command that asked for it.
  ///
  /// - Throws: ``StorageError``.
  public func write(_ result: SearchResult, command: String) throws {
    try RunFiles.write(RecordedResult(result: result, command: command), to: self.result)
  }

  /// The files from which everything else derives: the result and the journals, those of a race and of a gradient if there
  /// was one.
  public var files: [URL] { [result, journal, parts, predictions] }

  /// The trials in the folder, of a search or of a study.
  ///
  /// - Throws: ``RunError`` where there is no journal, one of another model than that of this fingerprint, or a race's.
  public func trials(ofModel fingerprint: String) throws -> [Trial] {
    guard FileManager.default.fileExists(atPath: journal.path) else {
      throw RunError.noRun(folder: url.path)
    }
    if let study = StudyFolder(url).study, ![.layers, .depth, .compose].contains(study) {
      throw RunError.otherRun(
        folder: url.path, expected: "laser search or laser study layers", found: study)
    }
    let (identity, _, trials) = try Journal<Trial>.read(journal)
    guard identity["race"] == nil else { throw RunError.raced(folder: url.path) }
    guard identity["model"] == fingerprint else {
      throw RunError.otherModel(
        folder: url.path, expected: fingerprint, found: identity["model"] ?? "(none)")
    }
    return trials
  }

  /// The trials in the folder, of a search of the same model, examples and rules.
  ///
  /// - Parameter identity: What they have to belong to.
  /// - Returns: The trials.
  /// - Throws: ``RunError`` where there is no journal, or one of something else.
  public func trials(of identity: [String: String]) throws -> [Trial] {
    let trials = try trials(ofModel: identity["model"] ?? "")
    let found = try Journal<Trial>.read(journal).identity
    for key in identity.keys.sorted() where found[key] != identity[key] {
      throw RunError.foreignJournal(
        path: journal.path, key: key, expected: identity[key] ?? "(none)",
        found: found[key] ?? "(none)")
    }
    return trials
  }

  /// How long the trials in the folder took together, in seconds, those of a race that were not finished among them.
  ///
  /// - Throws: What is wrong with a journal.
  public func seconds() throws -> Double {
    let trials = try Journal<Trial>.read(journal).lines
    let finished = Set(trials.filter { $0.split == .validation }.map(\.edit))
    let unfinished = try raceLines().filter { !finished.contains($0.edit) }
    return trials.reduce(0) { $0 + $1.seconds } + unfinished.reduce(0) { $0 + $1.seconds }
  }

  /// How many edited models a race in the folder has stopped so far; nil where nothing is raced.
  ///
  /// - Throws: What is wrong with the race's journal.
  public func stoppedCount() throws -> Int? {
    let lines = try raceLines()
    return lines.isEmpty ? nil : lines.count { $0.stop != nil }
  }

  private func raceLines() throws -> [PartialTrial] {
    guard FileManager.default.fileExists(atPath: parts.path) else { return [] }
    return try Journal<PartialTrial>.read(parts).lines
  }

  /// The finished search in the folder, with what its journal says it is about.
  ///
  /// - Throws: ``RunError`` where there is none, or where it is not finished.
  public func finished() throws -> (
    result: SearchResult, about: [String: String], trials: [Trial]
  ) {
    if let study = StudyFolder(url).study {
      throw RunError.otherRun(folder: url.path, expected: "laser search", found: study)
    }
    let (result, about, trials) = try contents()
    guard let result else {
      throw RunError.unfinished(folder: url.path, trials: trials.count)
    }
    return (result, about, trials)
  }

  /// What is in the folder of a search that may still be going; its result is nil until it is finished.
  ///
  /// - Throws: ``RunError`` where there is no search, or one whose files are damaged.
  public func contents() throws -> (
    result: SearchResult?, about: [String: String], trials: [Trial]
  ) {
    guard FileManager.default.fileExists(atPath: journal.path) else {
      throw RunError.noRun(folder: url.path)
    }
    let (identity, remarks, trials) = try Journal<Trial>.read(journal)
    var about = identity.merging(remarks) { first, _ in first }
    // The journal may have been begun by another command, such as one with fewer edits.
    if let command = RunFiles.command(in: self.result) { about["command"] = command }
    return (try RunFiles.read(SearchResult.self, from: result), about, trials)
  }
}
