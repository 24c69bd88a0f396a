package import Numerics
package import Sokoban

/// Where a policy wins and loses games: by how long a level's shortest solution is, and by how many boxes were placed.
package struct GameCurves: Codable {
  /// Levels whose shortest solutions are about equally long.
  package struct Lengths: Codable {
    /// The fewest steps of the easiest and of the hardest of them.
    package let from: Int
    package let through: Int
    package let levels: Int
    /// How many of them each policy solved.
    package let solved: [Int]
  }

  /// The levels by their fewest steps, about as many in each group.
  package let lengths: [Lengths]
  /// For every policy how many games ended with no box on a target, with one, and so on.
  package let boxesOnTargets: [[Int]]

  enum CodingKeys: String, CodingKey {
    case lengths
    case boxesOnTargets = "boxes_on_targets"
  }

  /// The groups of levels at most.
  private static let groups = 8

  /// - Parameters:
  ///   - levels: At least one.
  ///   - numbers: What an error calls them.
  ///   - games: What every policy made of each of them.
  ///   - workers: The threads.
  /// - Throws: ``UnsolvedLevel`` where one is too hard to know its fewest steps.
  package init(
    _ levels: [Level], numbers: [Int], games: [[Rollout]], workers: Workers
  ) throws {
    let fewest = try SolutionLengths.fewestSteps(of: levels, numbers: numbers, workers: workers)
    // A length belongs to one group: groups are cut between lengths.
    var members: [[Int]] = []
    for index in levels.indices.sorted(by: { (fewest[$0], $0) < (fewest[$1], $1) }) {
      let isSame = members.last?.last.map { fewest[$0] == fewest[index] } ?? false
      let isFull = members.last.map { $0.count * Self.groups >= levels.count } ?? true
      if isFull && !isSame { members.append([]) }
      members[members.count - 1].append(index)
    }
    lengths = members.map { group in
      Lengths(
        from: group.map { fewest[$0] }.min() ?? 0, through: group.map { fewest[$0] }.max() ?? 0,
        levels: group.count,
        solved: games.map { games in group.count { games[$0].isSolved } })
    }
    let most = levels.map(\.boxes.count).max() ?? 0
    boxesOnTargets = games.map { games in
      (0...most).map { boxes in games.count { $0.boxesOnTarget == boxes } }
    }
  }

  /// Whether every count is one that games of so many policies can have: what a file says may have been changed by hand.
  package func isSound(players: Int) -> Bool {
    let most = boxesOnTargets.first?.count ?? 0
    let counts = boxesOnTargets + lengths.map { $0.solved + [$0.levels] }
    return boxesOnTargets.count == players && boxesOnTargets.allSatisfy { $0.count == most }
      && lengths.allSatisfy { $0.solved.count == players }
      && counts.allSatisfy { $0.allSatisfy { (0...Int(Int32.max)).contains($0) } }
  }
}
