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
  /// Whether there is a result, but of an earlier grid: some of these edits are missing.
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
    if let guide = header.identity.guide {
      shares = []
      // Ranks beside the best are tried by whoever makes the result.
      let isShared = count > 1 && !folder.isFinished
      let limit = isShared ? try Guide(trials: guide.trials).promising : guide.trials
      total = try min(limit, folder.predictedCount(of: grid) ?? limit)
      done = min(total, finished.count { !$0.contains(",") })
    } else {
      for (place, site) in grid.sites.enumerated() {
        let index = Shard.index(of: place, among: count)
        let edits = try grid.edits(at: site)
        shares[index].total += edits?.count ?? 1
        shares[index].done +=
          edits.map { $0.count(where: finished.contains) }
          ?? (finished.contains { $0.hasPrefix(site + ":") && !$0.contains(",") } ? 1 : 0)
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
    isFinished = folder.isFinished && left == 0
    hasEarlierResult = folder.isFinished && left > 0
    self.shares = count == 1 ? [] : shares
  }
}

extension RunFolder {
  /// How many edits of a grid a gradient has named; nil until it has been taken at every site.
  fileprivate func predictedCount(of grid: RunIdentity.Grid) throws -> Int? {
    // An earlier grid may have had more sites.
    let sites = Set(grid.sites)
    let predictions = try read(Name.guide, as: SitePrediction.self).lines
      .filter { $0.after == Trial.baseName && sites.contains($0.site.description) }
    guard predictions.count == sites.count else { return nil }
    return predictions.reduce(0) { $0 + $1.edits.count }
  }
}

extension RunIdentity.Grid {
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
