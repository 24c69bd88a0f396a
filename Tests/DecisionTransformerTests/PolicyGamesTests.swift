import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PolicyGamesTests {
  private static let levels = SmallRooms.episodes.prefix(40).map(\.level)

  private static var options: RolloutOptions {
    var options = RolloutOptions()
    options.maximumSteps = 24
    return options
  }

  /// Plays every level to its end, a step of each in turn.
  private func play(_ policy: Policy, _ levels: [Level], _ options: RolloutOptions) throws
    -> [[Action]]
  {
    let games = try PolicyGames(of: policy, options: options)
    var environments = levels.map { Environment($0, maxSteps: options.maximumSteps) }
    var (actions, rewards) = (levels.map { _ in [Action]() }, levels.map { _ in 0.0 })
    var playing = Array(levels.indices)
    while !playing.isEmpty {
      playing = try playing.filter { index in
        let (action, step) = try games.action(
          in: "\(index)", seeing: environments[index].picture, reward: rewards[index])
        #expect(step == actions[index].count)
        actions[index].append(action)
        let transition = environments[index].step(action)
        rewards[index] = transition.reward
        return !transition.isDone
      }
    }
    return actions
  }

  @Test func `Games side by side have the actions of a rollout`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 3)
    let rollouts = try policy.play(Self.levels, options: Self.options)
    #expect(try play(policy, Self.levels, Self.options) == rollouts.map(\.actions))
  }

  @Test func `A sampled game has the actions of a sampled rollout`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 3)
    var options = Self.options
    options.choice = .sampled(seed: 5)
    let rollouts = try policy.play(Self.levels, options: options)
    #expect(try play(policy, Self.levels, options) == rollouts.map(\.actions))
  }

  @Test func `A game that was ended begins anew`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 3)
    let games = try PolicyGames(of: policy, options: Self.options)
    let picture = Environment(Self.levels[0]).picture
    let first = try games.action(in: "a", seeing: picture)
    #expect(try games.action(in: "a", seeing: picture, reward: -0.1).step == 1)
    games.end("a")
    let again = try games.action(in: "a", seeing: picture)
    #expect(again == first)
  }

  @Test func `A picture of another size and a game that is over are errors`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 3)
    var options = Self.options
    options.maximumSteps = 1
    let games = try PolicyGames(of: policy, options: options)
    #expect(throws: RolloutError.wrongPicture(game: "a", bytes: 2, expected: 90)) {
      try games.action(in: "a", seeing: [0, 0])
    }
    let picture = Environment(Self.levels[0]).picture
    _ = try games.action(in: "a", seeing: picture)
    #expect(throws: RolloutError.gameOver(game: "a", steps: 1)) {
      try games.action(in: "a", seeing: picture)
    }
  }
}

@Suite struct PolicyComparisonTests {
  private func rollouts(_ solved: [Bool], returns: [Double]) -> [Rollout] {
    zip(solved, returns).map { solved, reward in
      var rollout = Rollout()
      (rollout.isSolved, rollout.totalReturn) = (solved, reward)
      return rollout
    }
  }

  @Test func `The numbers are numpy's on the same outcomes`() throws {
    let levels = SmallRooms.episodes.prefix(6).map(\.level)
    let first = rollouts(
      [true, false, false, true, false, false], returns: [10, -12, -12, 9.5, -11, -12])
    let other = rollouts(
      [true, true, true, false, false, true], returns: [10.2, 10, 9, -12, -11, 8])
    let comparison = PolicyComparison([("a", first), ("b", other)], on: levels, seed: 1)
    #expect(comparison.groups.map(\.name) == ["all"])
    let rows = comparison.groups[0].rows
    // numpy: mean, std(ddof=1) / sqrt(6).
    #expect(rows[0].solved == 2 && rows[1].solved == 4)
    #expect(abs(rows[0].solveRateStandardError - 0.210_818_510_7) < 1e-9)
    #expect(abs(rows[0].meanReturn - -4.583_333_333_3) < 1e-9)
    #expect(abs(rows[0].meanReturnStandardError - 4.535_814_272_1) < 1e-9)
    #expect(rows[0].change == nil)
    let change = try #require(rows[1].change)
    #expect(abs(change.solveRate - 1.0 / 3) < 1e-12)
    #expect(abs(change.meanReturn - 6.95) < 1e-12)
    #expect(change.gained == 3 && change.lost == 1)
    // scipy.stats.binomtest(1, 4).pvalue
    #expect(abs(change.pValue - 0.625) < 1e-12)
    #expect(change.solveRateInterval[0] <= 0 && change.solveRateInterval[1] >= 0.5)
  }

  @Test func `Rooms are grouped by the fewest steps that solve them`() {
    let levels = SmallRooms.episodes.prefix(4).map(\.level)
    let all = rollouts([true, false, true, true], returns: [1, 2, 3, 4])
    let comparison = PolicyComparison(
      [("a", all), ("b", all)], on: levels, fewestSteps: [10, 11, 20, 3], seed: 1)
    #expect(comparison.groups.map(\.name) == ["all", "1 to 10 steps", "11 to 20 steps"])
    #expect(comparison.groups.map { $0.rows[0].levels } == [4, 2, 2])
    #expect(comparison.groups[2].rows[1].change?.solveRate == 0)
  }
}
