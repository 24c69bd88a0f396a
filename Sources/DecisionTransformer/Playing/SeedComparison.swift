package import LaserOps
internal import Sokoban

/// Several ways to make a policy, each with policies of several seeds, on the same rooms: each beside the first.
package struct SeedComparison: Codable, Equatable, Sendable {
  /// A way to make a policy beside the first.
  package struct Row: Codable, Equatable, Sendable {
    /// What it is called.
    package let name: String
    /// The number of policies.
    package let seeds: Int
    /// The solve rates over seeds and rooms, the first way's the base.
    package let solveRate: SeedStatistics
    /// The returns.
    package let meanReturn: SeedStatistics
    /// Whether each policy was compared with the first way's of the same name.
    package let isPaired: Bool

    enum CodingKeys: String, CodingKey {
      case name, seeds
      case solveRate = "solve_rate"
      case meanReturn = "mean_return"
      case isPaired = "paired"
    }
  }

  /// One way to make a policy: its name, and what each of its policies made of the rooms.
  package struct Contender: Sendable {
    /// What it is called.
    package let name: String
    /// Its policies.
    package let policies: [(name: String, rollouts: [Rollout])]

    /// - Parameters:
    ///   - name: What it is called.
    ///   - policies: Name and rollouts of each policy, at least one.
    package init(name: String, policies: [(name: String, rollouts: [Rollout])]) {
      self.name = name
      self.policies = policies
    }
  }

  /// The number of rooms.
  package let levels: Int
  /// The first way beside itself, then the others.
  package let rows: [Row]

  /// Compares what became of the same rooms.
  ///
  /// - Parameters:
  ///   - contenders: The way that the others are compared with first.
  ///   - seed: Seeds the bootstrap.
  /// - Precondition: There is a way, each has a policy, and each policy a rollout of the same rooms.
  package init(_ contenders: [Contender], seed: UInt64) {
    let base = contenders[0]
    levels = base.policies[0].rollouts.count
    rows = contenders.map { contender in
      let isPaired = contender.policies.map(\.name) == base.policies.map(\.name)
      func statistics(_ value: (Rollout) -> Double) -> SeedStatistics {
        SeedStatistics(
          base: base.policies.map { $0.rollouts.map(value) },
          other: contender.policies.map { $0.rollouts.map(value) }, isPaired: isPaired, seed: seed)
      }
      return Row(
        name: contender.name, seeds: contender.policies.count,
        solveRate: statistics { $0.isSolved ? 1 : 0 }, meanReturn: statistics(\.totalReturn),
        isPaired: isPaired)
    }
  }
}
