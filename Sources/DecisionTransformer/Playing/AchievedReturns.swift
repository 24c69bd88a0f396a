internal import LaserOps
package import Numerics
package import Sokoban

/// What policies earn when they are asked for different returns.
package struct AchievedReturns: Codable, Equatable, Sendable {
  /// One return that was asked for.
  package struct Row: Codable, Equatable, Sendable {
    /// The return asked for.
    package let asked: Double
    /// The mean return over policies and rooms, and its 95 % interval: of the mean over policies where there are several,
    /// else of the mean over rooms.
    package let achieved: Double
    package let achievedInterval: [Double]
    /// The same of the share of rooms solved, within 0 and 1.
    package let solveRate: Double
    package let solveRateInterval: [Double]

    enum CodingKeys: String, CodingKey {
      case asked, achieved
      case achievedInterval = "achieved_interval"
      case solveRate = "solve_rate"
      case solveRateInterval = "solve_rate_interval"
    }
  }

  /// What the policies have in common: what they learned from.
  package let name: String
  /// The number of policies, of rooms.
  package let policies: Int
  package let levels: Int
  /// One row for each return.
  package let rows: [Row]

  /// Lets policies of one kind play.
  ///
  /// - Parameters:
  ///   - name: What the policies have in common.
  ///   - policies: At least one.
  ///   - levels: The rooms, at least one.
  ///   - asked: The returns.
  ///   - options: How; the target return is set.
  ///   - workers: The threads.
  ///   - progress: Called before each policy plays for a return, with how often that has happened.
  /// - Throws: ``RolloutError``.
  package init(
    named name: String, policies: [Policy], levels: [Level], asked: [Double],
    options: RolloutOptions, workers: Workers = .allCores, progress: (Int) -> Void = { _ in }
  ) throws {
    self.name = name
    self.policies = policies.count
    self.levels = levels.count
    var done = 0
    rows = try asked.map { asked in
      var options = options
      options.targetReturn = asked
      let games = try policies.map { policy in
        progress(done)
        done += 1
        return try policy.play(levels, options: options, workers: workers)
      }
      return Row(asked: asked, games)
    }
  }
}

extension AchievedReturns.Row {
  /// What policies made of the same rooms when they were asked for a return.
  ///
  /// - Precondition: There is a policy, and each has a rollout.
  init(asked: Double, _ games: [[Rollout]]) {
    let returns = games.map { Estimate(of: $0.map(\.totalReturn)) }
    let rates = games.map { Estimate(of: $0.map { $0.isSolved ? 1 : 0 }).mean }
    let (overReturns, overRates) = (
      StudentInterval(of: returns.map(\.mean)), StudentInterval(of: rates)
    )
    func ends(_ range: ClosedRange<Double>) -> [Double] { [range.lowerBound, range.upperBound] }
    let reach = 1.96 * returns[0].standardError
    self.asked = asked
    achieved = overReturns.mean
    achievedInterval = ends(overReturns.interval ?? (achieved - reach)...(achieved + reach))
    solveRate = overRates.mean
    let solved =
      overRates.interval
      ?? ShareInterval(of: solveRate, examples: games[0].count).interval ?? 0...1
    // Student's distribution knows no ends.
    solveRateInterval = ends(solved.clamped(to: 0...1))
  }
}
