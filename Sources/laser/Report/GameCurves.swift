import Reports
import Numerics
import DecisionTransformer
import Foundation
import Sokoban

/// Where a policy wins and loses games: by how long a level's shortest solution is, and by how many boxes were placed.
struct GameCurves: Codable {
  /// Levels whose shortest solutions are about equally long.
  struct Lengths: Codable {
    /// The fewest steps of the easiest and of the hardest of them.
    let from: Int
    let through: Int
    let levels: Int
    /// How many of them each policy solved.
    let solved: [Int]
  }

  /// The levels by their fewest steps, about as many in each group.
  let lengths: [Lengths]
  /// For every policy how many games ended with no box on a target, with one, and so on.
  let boxesOnTargets: [[Int]]

  enum CodingKeys: String, CodingKey {
    case lengths
    case boxesOnTargets = "boxes_on_targets"
  }

  /// The groups of levels at most.
  private static let groups = 8

  /// - Parameters:
  ///   - levels: At least one.
  ///   - games: What every policy made of each of them.
  ///   - workers: The threads.
  /// - Throws: `SolverError` where a level is too hard to know its fewest steps.
  init(_ levels: [Level], games: [[Rollout]], workers: Workers) throws {
    let fewest = try SolutionLengths.fewestSteps(of: levels, workers: workers)
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
  func isSound(players: Int) -> Bool {
    let most = boxesOnTargets.first?.count ?? 0
    let counts = boxesOnTargets + lengths.map { $0.solved + [$0.levels] }
    return boxesOnTargets.count == players && boxesOnTargets.allSatisfy { $0.count == most }
      && lengths.allSatisfy { $0.solved.count == players }
      && counts.allSatisfy { $0.allSatisfy { (0...Int(Int32.max)).contains($0) } }
  }

  /// The two charts.
  ///
  /// - Parameter players: The policies' names, one for each that was counted, and the counts sound.
  /// - Returns: The figure.
  func figure(players: [String]) -> Markup {
    ChartFigure(
      "Test levels by the fewest steps that solve them, and by the boxes on targets at the end. Intervals are 95 %.",
      [
        BarChart(
          title: "Solved, by fewest steps",
          x: ChartAxis(
            "fewest steps",
            scale: .names(
              lengths.map { $0.from == $0.through ? "\($0.from)" : "\($0.from)–\($0.through)" })),
          y: ChartAxis("solved", unit: "%"),
          series: zip(players.indices, players).map { player, name in
            .init(
              name,
              bars: lengths.map { Self.bar($0.solved[player], of: $0.levels) })
          }),
        BarChart(
          title: "Games, by boxes on targets",
          x: ChartAxis(
            "boxes on targets at the end",
            scale: .names((boxesOnTargets.first ?? []).indices.map { "\($0)" })),
          y: ChartAxis("games", unit: "%"),
          series: zip(players, boxesOnTargets).map { name, counts in
            .init(name, bars: counts.map { Self.bar($0, of: counts.reduce(0, +)) })
          }),
      ], sharesScale: false
    ).markup
  }

  private static func bar(_ count: Int, of total: Int) -> BarChart.Bar? {
    guard total > 0, (0...total).contains(count) else { return nil }
    let share = Double(count) / Double(total)
    let half = 1.96 * (share * (1 - share) / Double(total)).squareRoot()
    return .init(
      100 * share, interval: 100 * max(0, share - half)...100 * min(1, share + half),
      note: "\(count) of \(total)")
  }
}
