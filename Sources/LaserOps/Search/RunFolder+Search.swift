package import Foundation

extension RunFolder {
  /// The journals of a race's parts of trials and of what a gradient said.
  enum Name {
    static let race = "race"
    static let guide = "guide"
  }
  static let raceFile = "\(Name.race).jsonl"
  static let guideFile = "\(Name.guide).jsonl"

  /// Runs what is left of `search` and writes its result.
  ///
  /// - Parameters:
  ///   - search: The search.
  ///   - identity: What its trials belong to: model, data and rules.
  ///   - provenance: Which program runs it and how that was called.
  ///   - gradient: Called with the number of matrices of which a gradient is known, and of all.
  ///   - progress: Called after every group of edits.
  /// - Returns: The result; nil for a shard, and for all mergers but the first.
  /// - Throws: `RunError`, `InterventionError`, `FileError` and the objective's errors.
  public func run(
    _ search: InterventionSearch<some Objective>, of identity: RunIdentity,
    from provenance: RunProvenance = RunProvenance(),
    gradient: (Int, Int) -> Void = { _, _ in },
    progress: @escaping (SearchProgress) -> Void = { _ in }
  ) throws -> SearchResult? {
    // A grid that the model does not have leaves no journal behind, which would refuse the next attempt.
    var header = RunHeader(try search.identity(identity), from: provenance)
    if search.options.shard != .whole { header.provenance.share = search.options.shard.index }
    let result = try run(search, header, gradient: gradient, progress: progress)
    guard let result else {
      // A share in a folder of its own leaves one file there: what another process of the same share may still write is in
      // it already.
      if search.options.merges == nil, try writers.shares == [search.options.shard.index] {
        try gatherAll()
      }
      return nil
    }
    try write(result, command: provenance.command)
    try gatherAll()
    return result
  }

  private func gatherAll() throws {
    for name in ["journal", Name.race, Name.guide] { try gather(name) }
  }

  /// The journals are closed when this returns.
  private func run(
    _ search: InterventionSearch<some Objective>, _ header: RunHeader,
    gradient: (Int, Int) -> Void, progress: @escaping (SearchProgress) -> Void
  ) throws -> SearchResult? {
    let isShared = header.identity.shards != nil
    func journal<Line: JournalLine>(_ name: String, if isUsed: Bool) throws -> Journal<Line> {
      isUsed ? try open(name, for: header, isShared: isShared) : Journal()
    }
    return try search.run(
      journal: journal("journal", if: true),
      parts: journal(Name.race, if: search.options.race != nil),
      predictions: journal(Name.guide, if: search.options.guide != nil),
      asksAgain: { try search.options.merges != nil && writers.kernels.count > 1 },
      gradient: gradient,
      progress: progress)
  }

  /// The files from which everything else derives: the result and the journals, those of a race and of a gradient if there
  /// was one.
  package var files: [URL] {
    [result, journal] + [Self.raceFile, Self.guideFile].map(url.appendingPathComponent)
  }

  /// The trials in the folder, of a search or of a study.
  ///
  /// - Parameter model: The fingerprint of the model that they have to be of.
  /// - Returns: The trials.
  /// - Throws: ``RunError`` where there is no journal, one of another model, or a race's.
  package func trials(ofModel model: String) throws -> [Trial] {
    let (header, trials) = try trials(of: [.layers, .depth, .compose])
    guard !header.isRaced else { throw RunError.raced(folder: url.path) }
    guard header.identity.model == model else {
      throw RunError.otherModel(
        folder: url.path, expected: model, found: header.identity.model ?? "(none)")
    }
    return trials
  }

  /// The trials in the folder, of a search of the same model, examples and rules.
  ///
  /// - Parameter identity: What they have to belong to.
  /// - Returns: The trials.
  /// - Throws: ``RunError`` where there is no journal, or one of something else.
  package func trials(of identity: RunIdentity) throws -> [Trial] {
    let trials = try trials(ofModel: identity.model ?? "")
    guard let header = try header else { throw RunError.noRun(folder: url.path) }
    guard header.version == RunHeader.currentVersion else {
      throw RunError.olderVersion(path: journal.path, found: header.version)
    }
    if let difference = identity.difference(from: header.identity.of(identity.kind)) {
      throw RunError.otherTrials(
        folder: url.path, key: difference.field, expected: difference.own, found: difference.other)
    }
    return trials
  }

  private func trials(of studies: [StudyName]) throws -> (header: RunHeader, trials: [Trial]) {
    guard let header = try header else { throw RunError.noRun(folder: url.path) }
    if case .study(let study) = header.identity.kind, !studies.contains(study) {
      throw RunError.otherRun(
        folder: url.path,
        expected: studies.isEmpty ? "laser search" : "laser search or laser study layers",
        found: study)
    }
    return (header, try read(as: Trial.self).lines)
  }

  /// Makes sure that the folder is not that of a study, whose journal may have other lines than a search's.
  ///
  /// - Throws: `RunError.otherRun`; what is wrong with the header.
  package func checkIsNoStudy() throws {
    guard let study = try header?.identity.study else { return }
    throw RunError.otherRun(folder: url.path, expected: "laser search", found: study)
  }

  /// How long the trials in the folder took together, in seconds, those of a race that were not finished among them.
  ///
  /// - Throws: What is wrong with a journal.
  package func seconds() throws -> Double {
    let trials = try read(as: Trial.self).lines
    let finished = Set(trials.filter { $0.split == .validation }.map(\.edit))
    let unfinished = try raceLines().filter { !finished.contains($0.edit) }
    return trials.reduce(0) { $0 + $1.seconds } + unfinished.reduce(0) { $0 + $1.seconds }
  }

  /// How many edited models a race in the folder has stopped so far; nil where nothing is raced.
  ///
  /// - Throws: What is wrong with the race's journal.
  package func stoppedCount() throws -> Int? {
    let lines = try raceLines()
    return lines.isEmpty ? nil : lines.count { $0.stop != nil }
  }

  private func raceLines() throws -> [PartialTrial] { try read(Name.race).lines }

  /// The finished search in the folder, with what its journal says it is about.
  ///
  /// - Throws: ``RunError`` where there is none, or where it is not finished.
  package func finishedSearch() throws -> (
    result: SearchResult, header: RunHeader, trials: [Trial]
  ) {
    let (header, trials) = try trials(of: [])
    guard let result = try result(as: SearchResult.self) else {
      throw RunError.unfinished(folder: url.path, trials: trials.count)
    }
    return (result, header, trials)
  }

  /// What is in the folder of a search that may still be going; its result is nil until it is finished.
  ///
  /// - Throws: ``RunError`` where there is no search, or one whose files are damaged.
  package func contents() throws -> (
    result: SearchResult?, header: RunHeader, trials: [Trial]
  ) {
    guard let header = try header else { throw RunError.noRun(folder: url.path) }
    return (try result(as: SearchResult.self), header, try read(as: Trial.self).lines)
  }
}

extension InterventionSearch {
  /// What the lines of this search belong to.
  ///
  /// - Parameter identity: The model, its data and its rules.
  /// - Returns: The same with race, guide, grid and shares.
  /// - Throws: `InterventionError` and `SearchError` for a space that cannot be tried.
  func identity(_ identity: RunIdentity) throws -> RunIdentity {
    var identity = identity
    identity.race = race.map {
      .init(risk: $0.risk, seed: options.seed, order: RaceOrder.name(for: $0))
    }
    identity.guide = options.guide.map { .init(trials: $0.trials) }
    identity.grid = try space.identity(for: model)
    identity.shards =
      options.merges ?? (options.shard == .whole ? nil : options.shard.count)
    return identity
  }
}

extension RunIdentity.Grid {
  /// Whether a rule finds a rank in each matrix.
  var hasRankRule: Bool { rule.flatMap(SearchSpace.RankRule.init(rawValue:)) != nil }
}

extension SearchSpace {
  /// The grid as a header has it.
  ///
  /// - Throws: As ``sites(of:)``.
  package func identity(for model: some EditableModel) throws -> RunIdentity.Grid {
    var fractions: [Double]?
    if case .fractions(let list) = choice, method != .select { fractions = list.map(\.value) }
    return .init(
      method: method.rawValue, fractions: fractions,
      rule: method == .select ? ComponentSelection.name : rankRule?.rawValue,
      sites: try sites(of: model).map(\.description))
  }
}
