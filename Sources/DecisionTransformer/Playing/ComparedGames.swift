package import Numerics
package import Foundation
package import LaserOps
package import Sokoban
internal import Files

/// Games of the same levels by the unedited and the edited policy: `games.json`, from which a report draws them.
///
/// A game is its level and its actions; everything else comes back by playing them again.
package struct ComparedGames: Codable {
  /// Levels of one fate.
  package struct Group: Codable {
    package let title: String
    package let games: [Game]
  }

  /// One level as every policy played it.
  package struct Game: Codable {
    /// The level's place in its file.
    package let number: Int
    /// The level as XSB text.
    package let level: String
    /// One game a policy, in the order of ``ComparedGames/players``.
    package let plays: [Play]
  }

  /// What one policy did.
  package struct Play: Codable {
    /// gym-sokoban's action numbers, a digit each.
    package let actions: String
    package let isSolved: Bool
    package let totalReturn: Double

    enum CodingKeys: String, CodingKey {
      case actions
      case isSolved = "solved"
      case totalReturn = "return"
    }
  }

  /// The policies' names: `unedited`, and the edit if there is one.
  package let players: [String]
  package let groups: [Group]
  /// How the policies fare by the levels' difficulty; nil where a level is too hard to know its fewest steps.
  package let curves: GameCurves?
  /// Why there are no curves; files do not say it.
  package let missingCurves: UnsolvedLevel?

  enum CodingKeys: CodingKey { case players, groups, curves }

  /// Games shown of each fate.
  private static let gamesOfAFate = 4

  /// Plays `levels` and picks games that tell the policies apart.
  ///
  /// - Parameters:
  ///   - policy: The unedited policy.
  ///   - edit: The edit; `base` if nothing beat the unedited policy, which then plays alone.
  ///   - levels: What is played: the test part, together, as the search played it.
  ///   - numbers: The levels' numbers in the search, which drawn actions depend on.
  ///   - first: The number that is 0 in the levels' file.
  ///   - options: How it is played.
  ///   - workers: The threads.
  /// - Throws: `RolloutError`, `InterventionError`.
  package init(
    policy: Policy, edit: String, levels: [Level], numbers: [Int], countedFrom first: Int = 0,
    options: RolloutOptions, workers: Workers
  ) throws {
    let base = try policy.play(levels, numbers: numbers, options: options, workers: workers)
    var all = [base]
    var fates: [(title: String, belongs: (Int) -> Bool)] = [
      ("Solved", { base[$0].isSolved }), ("Not solved", { !base[$0].isSolved }),
    ]
    if edit != Trial.baseName {
      let edited = try policy.applying(Intervention.list(parsing: edit))
        .play(levels, numbers: numbers, options: options, workers: workers)
      all.append(edited)
      fates = [
        ("Solved only with the edit", { edited[$0].isSolved && !base[$0].isSolved }),
        ("Solved only without it", { base[$0].isSolved && !edited[$0].isSolved }),
        (
          "Solved by both, in different ways",
          { base[$0].isSolved && edited[$0].isSolved && base[$0].actions != edited[$0].actions }
        ),
        ("Solved by neither", { !base[$0].isSolved && !edited[$0].isSolved }),
      ]
    }
    let places = numbers.map { $0 - first }
    do {
      curves = try GameCurves(levels, numbers: places, games: all, workers: workers)
      missingCurves = nil
    } catch let error as UnsolvedLevel {
      curves = nil
      missingCurves = error
    }
    players = edit == Trial.baseName ? ["unedited"] : ["unedited", edit]
    groups = fates.map { title, belongs in
      let members = levels.indices.filter(belongs)
      return Group(
        title: "\(title): \(members.count) of \(levels.count) test levels",
        games: members.prefix(Self.gamesOfAFate).map { index in
          Game(
            number: places[index], level: levels[index].description,
            plays: all.map { Play($0[index]) })
        })
    }
  }
}

extension ComparedGames {
  /// Games that were kept.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    players = try container.decode([String].self, forKey: .players)
    groups = try container.decode([Group].self, forKey: .groups)
    curves = try container.decodeIfPresent(GameCurves.self, forKey: .curves)
    missingCurves = nil
  }

  /// Where the games of a search are.
  package static func file(in folder: RunFolder) -> URL {
    folder.url.appendingPathComponent("games.json")
  }

  /// The games of a search; nil where none were kept.
  ///
  /// - Throws: `RunError.damagedResult`.
  package init?(in folder: RunFolder) throws {
    let file = Self.file(in: folder)
    guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
    guard let games = try? JSONDecoder().decode(Self.self, from: data),
      games.curves?.isSound(players: games.players.count) ?? true
    else { throw RunError.damagedResult(path: file.path) }
    self = games
  }

  /// Keeps the games beside the search: one line, keys sorted.
  ///
  /// - Throws: `StorageError`.
  package func write(in folder: RunFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      Array(try encoder.encode(self)) + [UInt8(ascii: "\n")], to: Self.file(in: folder))
  }
}

extension ComparedGames.Play {
  fileprivate init(_ rollout: Rollout) {
    self.init(
      actions: rollout.actions.map { "\($0.rawValue)" }.joined(), isSolved: rollout.isSolved,
      totalReturn: rollout.totalReturn)
  }

  /// The pictures' tiles before the first and after every action, and the return after each.
  package func frames(of level: Level) -> [(tiles: [UInt8], totalReturn: Double)] {
    let actions = actions.compactMap { $0.wholeNumberValue }
      .compactMap { UInt8(exactly: $0).flatMap(Action.init(rawValue:)) }
    var environment = Environment(level, maxSteps: max(1, actions.count))
    var total = 0.0
    var frames = [(environment.tiles, total)]
    for action in actions {
      total += environment.step(action).reward
      frames.append((environment.tiles, total))
    }
    return frames
  }
}
