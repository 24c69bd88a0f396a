package import Foundation

/// How far a search of any number of processes is, from nothing but its folder.
package struct RunStatus: Encodable, Sendable {
  /// One process' part.
  package struct Share: Encodable, Sendable {
    /// Which, from 0.
    package let share: Int
    /// How many edits are tried, or stopped by a race.
    package internal(set) var done = 0
    /// How many there are.
    package internal(set) var total = 0
    /// How old its last line is, in seconds; nil before the first.
    package internal(set) var lastLine: Double?
    /// How long the rest takes at the pace of all shares, in seconds; nil before the first trial.
    package internal(set) var secondsLeft: Double?

    enum CodingKeys: String, CodingKey {
      case share, done, total
      case lastLine = "last_line"
      case secondsLeft = "seconds_left"
    }

    init(share: Int) { self.share = share }
  }

  /// How many edits are tried.
  package let done: Int
  /// How many there are; until a gradient has named them, how many it may name.
  package let total: Int
  /// How many are missing.
  package let missing: Int
  /// How long the rest takes, every share by its own process, in seconds; nil before the first trial.
  package let secondsLeft: Double?
  /// How old the last line is of the unfinished share that is silent for longest, in seconds.
  package let oldestLine: Double?
  /// Whether there is a result of all these edits.
  package let isFinished: Bool
  /// Whether there is a result, but of an earlier grid: some of these edits are missing, or it is of others.
  package let hasEarlierResult: Bool
  /// The shares; empty for a run of one process, and where a gradient picks what is tried.
  package let shares: [Share]

  enum CodingKeys: String, CodingKey {
    case done, total, missing, shares
    case secondsLeft = "seconds_left"
    case oldestLine = "oldest_line"
    case isFinished = "finished"
    case hasEarlierResult = "earlier_result"
  }

  /// Reads the folder.
  ///
  /// - Parameters:
  ///   - folder: The folder of a search.
  ///   - now: What is the time.
  /// - Throws: ``RunError`` where there is no search, or one whose files are damaged; ``InterventionError`` for a header
  ///   that was changed by hand.
  package init(of folder: RunFolder, now: Date = Date()) throws {
    try folder.checkIsNoStudy()
    let (headers, trials) = try folder.read(as: Trial.self)
    // The last process may try more than the first.
    guard let header = headers.last, let grid = header.identity.grid else {
      throw RunError.noRun(folder: folder.url.path)
    }
    let tried = trials.filter { $0.split == .validation && $0.edit != Trial.baseName }
    var finished = Set(tried.map(\.edit))
    let stops = try folder.read(RunFolder.Name.race, as: PartialTrial.self).lines
    finished.formUnion(stops.filter { $0.stop != nil }.map(\.edit))
    let seconds = tried.map(\.seconds).reduce(0, +)
    let pace = tried.isEmpty ? nil : seconds / Double(tried.count)

    let count = header.identity.shards ?? 1
    var shares = (0..<count).map(Share.init(share:))
    var hasResult = folder.isFinished
    if let trials = header.identity.guide?.trials {
      shares = []
      let guide = try Guide(trials: trials)
      let predictions = try folder.predictions(of: grid)
      hasResult = try folder.hasResult(of: guide, naming: predictions ?? [])
      // Ranks beside the best are tried by whoever makes the result.
      let limit = count > 1 && !hasResult ? guide.promising : guide.trials
      // A search of other sites may have left its trials here.
      let named = Set((predictions ?? []).flatMap(\.edits).map(\.edit))
      total = predictions == nil ? limit : min(limit, named.count)
      done = min(total, named.count(where: finished.contains))
    } else {
      for (place, site) in grid.sites.enumerated() {
        let index = Shard.index(of: place, among: count)
        let (done, total) = try grid.progress(at: site, after: finished)
        shares[index].done += done
        shares[index].total += total
      }
      done = shares.reduce(0) { $0 + $1.done }
      total = shares.reduce(0) { $0 + $1.total }
    }
    let left = total - done
    missing = left
    let ages = try folder.ages(now: now)
    for index in shares.indices {
      shares[index].lastLine =
        count == 1
        ? ages.map(\.age).min()
        : ages
          .filter { $0.share == index }.map(\.age).min()
      shares[index].secondsLeft = pace.map { $0 * Double(shares[index].total - shares[index].done) }
    }
    secondsLeft =
      shares.isEmpty ? pace.map { $0 * Double(left) } : shares.compactMap(\.secondsLeft).max()
    oldestLine = shares.filter { $0.done < $0.total }.compactMap(\.lastLine).max()
    isFinished = hasResult && left == 0
    hasEarlierResult = folder.isFinished && !isFinished
    self.shares = count == 1 ? [] : shares
  }
}

extension RunFolder {
  /// What a gradient says of the sites of a grid, in their order; nil until it has been taken at every one.
  fileprivate func predictions(of grid: RunIdentity.Grid) throws -> [SitePrediction]? {
    let unedited = try read(Name.guide, as: SitePrediction.self).lines
      .filter { $0.after == Trial.baseName }
    // An earlier grid may have had other sites.
    let known = Dictionary(unedited.map { ($0.site.description, $0) }) { first, _ in first }
    let predictions = grid.sites.compactMap { known[$0] }
    return predictions.count == grid.sites.count ? predictions : nil
  }

  /// Whether the result is of a search that a gradient's `predictions` guided: it tried what they name, in this order.
  fileprivate func hasResult(of guide: Guide, naming predictions: [SitePrediction]) throws -> Bool {
    guard let found = try result(as: SearchResult.self)?.guide else { return false }
    let promising = predictions.byPromise(isSpread: true)
    return found.predicted == promising.count
      && found.tried.count == min(guide.trials, promising.count)
      && found.tried.prefix(guide.promising).map(\.edit)
        == promising.prefix(guide.promising).map(\.edit)
  }

  /// Whether a study was begun here whose edits are not all tried, so that a result is of the one before. Known of studies
  /// that try every edit of a grid.
  ///
  /// - Throws: ``RunError`` for damaged files; ``InterventionError`` for a header that was changed by hand.
  package var hasUnfinishedStudy: Bool {
    get throws {
      guard let study = try header?.identity.study, [.layers, .depth].contains(study) else {
        return false
      }
      let (headers, trials) = try read(as: Trial.self)
      guard let grid = headers.last?.identity.grid else { return false }
      // The part that was begun last is the one to come to its end.
      let part = trials.last?.split
      let finished = Set(trials.filter { $0.split == part }.map(\.edit))
      return try grid.sites.contains { site in
        let (done, total) = try grid.progress(at: site, after: finished)
        return done < total
      }
    }
  }
}

extension RunIdentity.Grid {
  /// How many edits of a site are among the `finished` ones, and how many it has: one where a rule finds it.
  fileprivate func progress(
    at site: String, after finished: Set<String>
  ) throws -> (done: Int, total: Int) {
    guard let edits = try edits(at: site) else {
      return (finished.contains { $0.hasPrefix(site + ":") && !$0.contains(",") } ? 1 : 0, 1)
    }
    return (edits.count(where: finished.contains), edits.count)
  }

  /// The names of the edits of a site; nil where a rule finds one.
  fileprivate func edits(at site: String) throws -> [String]? {
    guard let fractions, let method = SearchSpace.Method(rawValue: method) else { return nil }
    let space = try SearchSpace(fractions: fractions, method: method)
    let place = try Intervention(parsing: "\(site):1")
    guard case .one(let layer) = place.layers else { return [] }
    let weight = WeightSite(place.kind, layer: layer, expert: place.expert)
    return try fractions.map {
      Trial.name(of: [Intervention(at: weight, method: space.edit(keeping: try Fraction($0)))])
    }
  }
}
