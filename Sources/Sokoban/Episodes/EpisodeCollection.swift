internal import Files

/// The episodes of one or several files, kept as the text they came as: about 180 bytes each.
///
/// Levels and letters are checked on the way in; whether the solutions solve is a matter of playing
/// them, see `check`. An index counts from 0 through all files.
public struct EpisodeCollection: Sendable {
  private struct Source: Sendable {
    let name: String
    let bytes: [UInt8]
    /// Where each level's first row begins.
    let starts: [Int]
    /// The index of the first episode.
    let first: Int
  }

  private let sources: [Source]
  /// The number of episodes; at least one.
  public let count: Int

  /// Reads files, in order.
  ///
  /// - Throws: `FileError`, `LevelFileError`, `EpisodeFileError`.
  public init(contentsOf paths: [String]) throws {
    var sources: [Source] = []
    var count = 0
    for path in paths {
      let source = try EpisodeCollection.source(try OpenFile.read(path), named: path, first: count)
      count += source.starts.count
      sources.append(source)
    }
    self.sources = sources
    self.count = count
  }

  /// Reads a text; `name` is what errors call it.
  ///
  /// - Throws: `LevelFileError`, `EpisodeFileError`.
  public init(parsing bytes: [UInt8], named name: String) throws {
    sources = [try EpisodeCollection.source(bytes, named: name, first: 0)]
    count = sources[0].starts.count
  }

  /// The episode at `index`.
  ///
  /// - Throws: `EpisodeFileError.noSuchEpisode`.
  /// - Complexity: O(its length).
  public func episode(at index: Int) throws -> Episode { try record(at: index).episode }

  /// An episode, and what its text says that it earned, where it says so.
  private func record(at index: Int) throws -> (episode: Episode, earned: String?) {
    let source = try source(of: index)
    var scanner = EpisodeScanner(source.bytes, from: source.starts[index - source.first])
    guard let item = try scanner.next() else {
      throw EpisodeFileError.noSuchEpisode(index: index, count: count)
    }
    let level = try Level(rowsOfXSB: item.rows, in: source.bytes)
    func actions(_ pieces: [Range<Int>]) -> [Action] {
      pieces.joined().lazy.map { source.bytes[$0] }.compactMap(Action.init(letter:))
    }
    let steps = actions(item.letters ?? [])
    let episode =
      if let correction = item.correction {
        Episode(
          level: level, actions: steps + actions(correction), kind: .correction(from: steps.count))
      } else if item.isPlayed {
        Episode(level: level, actions: steps, kind: .game)
      } else {
        Episode(level: level, steps: steps)
      }
    return (episode, item.earned.map { String(decoding: source.bytes[$0], as: UTF8.self) })
  }

  /// How many of these episodes begin as one of `others` does, turned and mirrored levels counted as the same; of several
  /// with one level each counts.
  ///
  /// - Throws: Nothing that reading the files has not thrown before.
  /// - Complexity: O(the letters of all episodes).
  public func countOfLevels(among others: EpisodeCollection) throws -> Int {
    var owners: [Level: [Int]] = [:]
    for index in 0..<count {
      let level = try episode(at: index).level
      for symmetry in Symmetry.allCases {
        owners[level.transformed(by: symmetry), default: []].append(index)
      }
    }
    var found = Set<Int>()
    for index in 0..<others.count {
      found.formUnion(owners.removeValue(forKey: try others.episode(at: index).level) ?? [])
    }
    return found.count
  }

  /// The episodes whose level an earlier one has, turned and mirrored levels counted as the same. Games that are
  /// corrected do not count: those of one game have its level.
  ///
  /// - Returns: Where each such episode stands, and the first with its level: the file and the number in it, from 0.
  /// - Throws: Nothing that reading the files has not thrown before.
  /// - Complexity: O(the letters of all episodes), and a text of each level in memory.
  public func repeatedLevels() throws -> [(again: String, first: String)] {
    func name(_ index: Int) throws -> String {
      let (file, index) = try place(of: index)
      return "\(file), episode \(index)"
    }
    var owners: [LevelClass: Int] = [:]
    var repeated: [(again: String, first: String)] = []
    for index in 0..<count {
      let episode = try episode(at: index)
      if case .correction = episode.kind { continue }
      let level = LevelClass(episode.level)
      if let owner = owners[level] {
        repeated.append((try name(index), try name(owner)))
      } else {
        owners[level] = index
      }
    }
    return repeated
  }

  /// Plays every solution and game to its end.
  ///
  /// - Returns: Counts and means, and an error for each solution that does not solve, and for each game that was played
  ///   otherwise than its letters say or earned something else.
  /// - Throws: Nothing that reading the files has not thrown before.
  package func check() throws -> EpisodeSummary {
    var summary = EpisodeSummary()
    for index in 0..<count {
      let (episode, written) = try record(at: index)
      summary.episodes += 1
      summary.steps += episode.actions.count
      do {
        let (total, isSolved) = try episode.check()
        // What is no number, or "nan", lies in no range.
        if let written, !(abs((Double(written) ?? .nan) - total) <= 0.01) {
          let (file, index) = try place(of: index)
          summary.invalid.append(
            .otherReturn(file: file, index: index, written: written, earned: total))
          continue
        }
        switch episode.kind {
        case .solution: break
        case .game:
          summary.played += 1
          if isSolved { summary.solvedGames += 1 }
        case .correction: summary.corrected += 1
        }
        summary.totalReturn += total
      } catch let error as SolutionError {
        let (file, index) = try place(of: index)
        summary.invalid.append(.badSolution(file: file, index: index, error))
      }
    }
    return summary
  }

  /// Where the episode at `index` stands: its file, and its number in it, from 0.
  ///
  /// - Throws: `EpisodeFileError.noSuchEpisode`.
  func place(of index: Int) throws -> (file: String, index: Int) {
    let source = try source(of: index)
    return (source.name, index - source.first)
  }

  private func source(of index: Int) throws -> Source {
    guard (0..<count).contains(index), let source = sources.last(where: { $0.first <= index })
    else { throw EpisodeFileError.noSuchEpisode(index: index, count: count) }
    return source
  }

  private static func source(_ bytes: [UInt8], named name: String, first: Int) throws -> Source {
    let bytes = PlainText.plain(bytes)
    var starts: [Int] = []
    var scanner = EpisodeScanner(bytes)
    do {
      while let item = try scanner.next() {
        let index = starts.count
        do {
          _ = try Level(rowsOfXSB: item.rows, in: bytes)
        } catch let error as LevelError {
          throw LevelFileError.badLevel(file: name, index: index, line: item.line, error)
        }
        guard let letters = item.letters else {
          throw EpisodeFileError.noSolution(file: name, index: index, line: item.line)
        }
        guard !item.hasStrayCorrection else {
          throw EpisodeFileError.strayCorrection(file: name, index: index, line: item.line)
        }
        for (step, position) in (letters + (item.correction ?? [])).joined().enumerated()
        where Action(letter: bytes[position]) == nil {
          throw EpisodeFileError.badSolution(
            file: name, index: index, .unknownLetter(bytes[position], step: step))
        }
        starts.append(item.start)
      }
    } catch let byte as BoardScanner.BinaryByte {
      throw LevelFileError.binary(file: name, line: byte.line, byte: byte.value)
    }
    guard !starts.isEmpty else { throw LevelFileError.noLevels(file: name, bytes: bytes.count) }
    return Source(name: name, bytes: bytes, starts: starts, first: first)
  }
}

/// What playing every episode of a collection showed.
package struct EpisodeSummary: Sendable {
  /// The number of episodes, valid or not.
  package internal(set) var episodes = 0
  /// The number of their steps.
  package internal(set) var steps = 0
  /// How many of the valid ones are games that were played, which need not solve.
  package internal(set) var played = 0
  /// How many of these games solve their level.
  package internal(set) var solvedGames = 0
  /// How many of the valid ones are games that a solution goes on from.
  package internal(set) var corrected = 0
  /// The sum of the returns of the valid ones.
  package internal(set) var totalReturn = 0.0
  /// What is wrong with each of the others.
  package internal(set) var invalid: [EpisodeFileError] = []

  /// Steps an episode.
  package var meanMoves: Double { episodes == 0 ? 0 : Double(steps) / Double(episodes) }

  /// The mean return of the valid episodes, 0 if there is none.
  package var meanReturn: Double {
    let valid = episodes - invalid.count
    return valid == 0 ? 0 : totalReturn / Double(valid)
  }
}
