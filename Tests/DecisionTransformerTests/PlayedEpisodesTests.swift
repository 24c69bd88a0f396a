import Foundation
import LaserOps
import Numerics
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PlayedEpisodesTests {
  private static func games(share: Double) throws -> [Episode] {
    let noise = EpisodeNoise(share: share, maximumSteps: 20) { SplitMix64(seed: 4, stream: $0) }
    var games: [Episode] = []
    _ = try EpisodeRecorder(threads: 2, noise: noise).record(
      SmallRooms.episodes.prefix(80).map(\.level),
      to: { _, outcome in games.append(try outcome.get()) })
    return games
  }

  @Test func `the return to go of a game is what it still earns, solved or not`() throws {
    let games = try Self.games(share: 0.7)
    let dataset = try EpisodeDataset(
      try SmallRooms.collection(games), for: SmallRooms.configuration)
    #expect(games.contains { (try? $0.check().isSolved) == false })
    for (index, game) in games.enumerated() {
      var packed = PackedWindows()
      try dataset.append(dataset.opening(of: index), to: &packed)
      let earned = try game.check().totalReward
      #expect(abs(Double(packed.returns[0]) - earned) < 1e-5)
    }
  }

  @Test func `the best share keeps the episodes that earned most, in their order`() throws {
    let games = try Self.games(share: 0.5)
    let earned = try games.map { try $0.check().totalReward }
    let dataset = try EpisodeDataset(
      try SmallRooms.collection(games), for: SmallRooms.configuration, bestShare: 0.1)
    #expect(dataset.count == 8)
    let bar = earned.sorted(by: >)[7]
    var packed = PackedWindows()
    for index in 0..<dataset.count {
      try dataset.append(dataset.opening(of: index), to: &packed)
      #expect(Double(packed.returns[packed.windows[index].lowerBound]) >= bar - 1e-5)
    }
  }

  @Test func `a policy that is not told the return plays the same whatever is asked for`() throws {
    var configuration = SmallRooms.configuration
    configuration.returnScale = 0
    let policy = try Policy(untrained: configuration, seed: 3)
    let levels = SmallRooms.episodes.prefix(30).map(\.level)
    let achieved = try AchievedReturns(
      named: "clone", policies: [policy], levels: Array(levels), asked: [-10, 0, 11],
      options: Self.options)
    #expect(Set(achieved.rows.map(\.achieved)).count == 1)
    #expect(achieved.rows.map(\.asked) == [-10, 0, 11])
    #expect(!configuration.readsReturn && SmallRooms.configuration.readsReturn)
  }

  @Test(arguments: [(6, 6), (10, 12)])
  func `the interval of a share of rooms solved lies within 0 and 1, of one policy and of several`(
    solved: Int, count: Int
  ) {
    func rollouts(_ solved: Int) -> [Rollout] {
      (0..<count).map { index in
        var rollout = Rollout()
        rollout.isSolved = index < solved
        return rollout
      }
    }
    let one = AchievedReturns.Row(asked: 10, [rollouts(solved)])
    #expect(one.solveRate == Double(solved) / Double(count))
    #expect(one.solveRateInterval[0] < one.solveRate && one.solveRateInterval[1] <= 1)
    // Student's interval of two policies is wider than all shares.
    let two = AchievedReturns.Row(asked: 10, [rollouts(solved), rollouts(1)])
    #expect(two.solveRateInterval == [0, 1])
  }

  private static var options: RolloutOptions {
    var options = RolloutOptions()
    options.maximumSteps = 20
    return options
  }

  @Test func `a recording of games is the same in one piece, resumed, and shared`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 5)
    let levels = SmallRooms.episodes.prefix(150).map(\.level)
    var options = Self.options
    options.choice = .sampled(seed: 9)
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    defer { withExtendedLifetime(temporary) {} }
    func record(_ range: Range<Int>, _ name: String, threads: Int) throws -> GameRecorder.Summary {
      let writer = try EpisodeWriter(
        path: folder.appending(path: name).path, description: "games")
      return try GameRecorder(policy, options: options, workers: Workers(count: threads)).record(
        range, of: levels.count, to: writer, levels: { Array(levels[$0]) })
    }
    func text(_ name: String) throws -> [Substring] {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        .split(separator: "\n").filter { $0.hasPrefix("Played") }
    }
    let summary = try record(0..<150, "whole", threads: 2)
    #expect(summary.games == 150)
    #expect(try text("whole").count == 150)
    let parts = try [0..<50, 50..<140, 140..<150].enumerated().flatMap { index, range in
      _ = try record(range, "part\(index)", threads: 1)
      return try text("part\(index)")
    }
    #expect(try parts == text("whole"))
    // As if it had been killed after 70 records.
    let records = try String(contentsOf: folder.appending(path: "whole"), encoding: .utf8)
      .components(separatedBy: "\n\n")
    let begun = records.prefix(71).joined(separator: "\n\n") + "\n\n"
    try Data(begun.utf8).write(to: folder.appending(path: "again.partial"))
    #expect(try record(0..<150, "again", threads: 2).games == 80)
    #expect(try text("again") == text("whole"))
  }
}
