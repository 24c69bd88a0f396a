internal import LaserOps
package import Sokoban

/// Several policies, or one before and after edits, on the same rooms: each beside the first, pair by pair.
package struct PolicyComparison: Codable, Equatable, Sendable {
  /// A policy on some rooms.
  package struct Row: Codable, Equatable, Sendable {
    /// What it is called.
    package let name: String
    /// The number of rooms.
    package let levels: Int
    /// How many it solves.
    package let solved: Int
    /// The share of rooms that it solves, and the standard error.
    package let solveRate: Double
    package let solveRateStandardError: Double
    /// The mean return, and the standard error.
    package let meanReturn: Double
    package let meanReturnStandardError: Double
    /// How it differs from the first policy; nil for the first itself.
    package let change: Change?

    enum CodingKeys: String, CodingKey {
      case name, levels, solved, change
      case solveRate = "solve_rate"
      case solveRateStandardError = "solve_rate_se"
      case meanReturn = "mean_return"
      case meanReturnStandardError = "mean_return_se"
    }
  }

  /// A policy minus the first, room by room.
  package struct Change: Codable, Equatable, Sendable {
    /// The difference of the solve rates, its paired bootstrap interval of 95 %, and McNemar's exact p-value.
    package let solveRate: Double
    package let solveRateInterval: [Double]
    package let pValue: Double
    /// The difference of the mean returns, and its paired bootstrap interval of 95 %.
    package let meanReturn: Double
    package let meanReturnInterval: [Double]
    /// Rooms that only this policy solves, and that only the first does.
    package let gained: Int
    package let lost: Int

    enum CodingKeys: String, CodingKey {
      case gained, lost
      case solveRate = "solve_rate"
      case solveRateInterval = "solve_rate_interval"
      case pValue = "p_value"
      case meanReturn = "mean_return"
      case meanReturnInterval = "mean_return_interval"
    }
  }

  /// Some of the rooms, or all of them.
  package struct Group: Codable, Equatable, Sendable {
    /// Which rooms: `all`, `3 boxes`, `21 to 30 steps`.
    package let name: String
    /// The policies in their order.
    package let rows: [Row]
  }

  /// All rooms; then, where there are several, those of each number of boxes, and those of each length.
  package let groups: [Group]

  /// Compares what became of the same rooms.
  ///
  /// - Parameters:
  ///   - contenders: Name and rollouts of each policy, the one that the others are compared with first.
  ///   - levels: The rooms.
  ///   - fewestSteps: The fewest steps that solve each room, for groups by length; nil for none.
  ///   - seed: Seeds the bootstrap.
  /// - Precondition: There is a policy and a room, and each has a rollout a room.
  package init(
    _ contenders: [(name: String, rollouts: [Rollout])], on levels: [Level],
    fewestSteps: [Int]? = nil, seed: UInt64
  ) {
    precondition(!contenders.isEmpty && !levels.isEmpty, "nothing to compare")
    precondition(
      contenders.allSatisfy { $0.rollouts.count == levels.count }, "rollouts of other rooms")
    func group(_ name: String, _ rooms: [Int]) -> Group {
      Group(
        name: name,
        rows: contenders.indices.map { index in
          Row(
            contenders[index].name, rooms.map { contenders[index].rollouts[$0] },
            against: index == 0 ? nil : rooms.map { contenders[0].rollouts[$0] }, seed: seed)
        })
    }
    func groups(by value: (Int) -> Int, _ name: (Int) -> String) -> [Group] {
      let parts = Dictionary(grouping: levels.indices, by: value).sorted { $0.key < $1.key }
      return parts.count < 2 ? [] : parts.map { group(name($0.key), $0.value) }
    }
    let tens = 10
    self.groups =
      [group("all", Array(levels.indices))]
      + groups(by: { levels[$0].boxes.count }) { $0 == 1 ? "1 box" : "\($0) boxes" }
      + (fewestSteps.map { fewest in
        groups(by: { (fewest[$0] - 1) / tens }) { "\($0 * tens + 1) to \(($0 + 1) * tens) steps" }
      } ?? [])
  }
}

extension PolicyComparison.Row {
  fileprivate init(_ name: String, _ rollouts: [Rollout], against first: [Rollout]?, seed: UInt64) {
    let rate = Estimate(of: rollouts.map { $0.isSolved ? 1 : 0 })
    let reward = Estimate(of: rollouts.map(\.totalReturn))
    self.name = name
    levels = rollouts.count
    solved = rollouts.count { $0.isSolved }
    (solveRate, solveRateStandardError) = (rate.mean, rate.standardError)
    (meanReturn, meanReturnStandardError) = (reward.mean, reward.standardError)
    change = first.map { PolicyComparison.Change(from: $0, to: rollouts, seed: seed) }
  }
}

extension PolicyComparison.Change {
  fileprivate init(from first: [Rollout], to other: [Rollout], seed: UInt64) {
    func paired(_ value: (Rollout) -> Double) -> PairedStatistics {
      PairedStatistics(base: first.map(value), edited: other.map(value), seed: seed)
    }
    let rate = paired { $0.isSolved ? 1 : 0 }
    let reward = paired(\.totalReturn)
    solveRate = rate.difference
    solveRateInterval = [rate.interval.lowerBound, rate.interval.upperBound]
    pValue = PairedStatistics.exactMcNemar(
      base: first.map(\.isSolved), edited: other.map(\.isSolved))
    meanReturn = reward.difference
    meanReturnInterval = [reward.interval.lowerBound, reward.interval.upperBound]
    gained = zip(first, other).count { !$0.isSolved && $1.isSolved }
    lost = zip(first, other).count { $0.isSolved && !$1.isSolved }
  }
}
