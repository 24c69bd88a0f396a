import Numerics
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PolicyTests {
  @Test func `six sites a layer, the fused projection counting as three`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 1)
    #expect(policy.weightSites.count == 12)
    #expect(policy.layerCount == 2)
    #expect(
      policy.weightSites.prefix(6).map(\.kind.rawValue) == ["Wq", "Wk", "Wv", "Wo", "Uin", "Uout"])
    for site in policy.weightSites {
      let weight = policy.weight(at: site)
      #expect(weight.rows == (site.kind == .mlpInput ? 64 : 32))
      #expect(weight.columns == (site.kind == .mlpOutput ? 64 : 32))
    }
  }

  @Test func `a replaced matrix is there, everything else is shared and the base unchanged`() throws
  {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 1)
    let site = WeightSite(.value, layer: 0)
    var generator = SplitMix64(seed: 2)
    let matrix = Matrix.random(rows: 32, columns: 32, using: &generator)
    let before = policy.weight(at: site)
    let edited = policy.replacing(site, with: .dense(matrix))
    #expect(edited.weight(at: site) == .dense(matrix))
    #expect(policy.weight(at: site) == before)
    #expect(edited.parameters === policy.parameters)
    for other in policy.weightSites where other != site {
      #expect(edited.weight(at: other) == policy.weight(at: other))
    }
    #expect(edited.fingerprint != policy.fingerprint)
  }

  @Test func `the objective scores every candidate on the levels asked for`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 1)
    var options = RolloutOptions()
    options.maximumSteps = 12
    let levels = SmallRooms.episodes.prefix(100).map(\.level)
    let objective = PolicyObjective(levels: levels, options: options)
    let examples = Array(stride(from: 99, through: 3, by: -3))
    let candidates = try [
      Candidate([], of: policy),
      Candidate([Intervention(parsing: "zero:Uin:0")], of: policy),
    ]
    let outcomes = try objective.outcomes(of: candidates, on: examples)
    #expect(outcomes.map(\.count) == [33, 33])
    let alone = try policy.play(examples.map { levels[$0] }, options: options)
    #expect(outcomes[0].map(\.isSuccess) == alone.map(\.isSolved))
    #expect(outcomes[0] == alone.map { Outcome(isSuccess: $0.isSolved, measure: $0.totalReturn) })
    #expect(try objective.outcomes(of: candidates, on: []) == [[], []])
  }

  @Test func `an objective that has seen one policy's games scores another as if it had not`()
    throws
  {
    var options = RolloutOptions()
    options.maximumSteps = 12
    let levels = SmallRooms.episodes.prefix(40).map(\.level)
    let objective = PolicyObjective(levels: levels, options: options)
    let session = objective.session()
    let policies = try (1...3).map { try Policy(untrained: SmallRooms.configuration, seed: $0) }
    for policy in policies {
      let outcomes = try session.outcomes(
        of: [Candidate([], of: policy)], on: Array(levels.indices))
      let alone = try policy.play(levels, options: options)
      #expect(
        outcomes[0] == alone.map { Outcome(isSuccess: $0.isSolved, measure: $0.totalReturn) })
    }
  }

  @Test func `games with drawn actions that are shown are those that were scored`() throws {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 1)
    var options = RolloutOptions()
    options.maximumSteps = 24
    options.choice = .sampled(seed: 4)
    let levels = SmallRooms.episodes.prefix(100).map(\.level)
    let split = try DataSplit(exampleCount: levels.count)
    let experiment = PolicyExperiment(
      policy: policy, levels: levels, rollout: options, split: split)
    let scored = try experiment.objective.outcomes(
      of: [Candidate([], of: policy)], on: split.test)[0]
    try #require(scored.contains { $0.isSuccess })
    let shown = try experiment.games(Trial.baseName).groups.flatMap(\.games)
    try #require(!shown.isEmpty)
    for game in shown {
      let place = try #require(split.test.firstIndex(of: game.number))
      #expect(
        scored[place]
          == Outcome(isSuccess: game.plays[0].isSolved, measure: game.plays[0].totalReturn))
    }
  }

  @Test func `a level without a solution is named by its number`() throws {
    let stuck = try Level(xsb: "######\n#$  .#\n#   @#\n#    #\n######")
    let error = try #require(throws: UnsolvedLevel.self) {
      try SolutionLengths.fewestSteps(
        of: [SmallRooms.episodes[0].level, stuck], workers: Workers(count: 1))
    }
    #expect(error.level == 1 && error.description.hasPrefix("level 1: "))
  }

  @Test func `a level of another size is named by its own number before anything is played`() throws
  {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 1)
    var options = RolloutOptions()
    options.maximumSteps = 12
    var levels = SmallRooms.episodes.prefix(8).map(\.level)
    levels[6] = levels[6].transformed(by: Symmetry(transposes: true))
    let objective = PolicyObjective(levels: levels, options: options)
    let expected = RolloutError.wrongRoomSize(
      level: 6, rows: 6, columns: 5, expectedRows: 5, expectedColumns: 6)
    #expect(throws: expected) { try objective.check(policy) }
    let candidate = try Candidate([], of: policy)
    #expect(throws: expected) { try objective.outcomes(of: [candidate], on: [3, 6]) }
    #expect(throws: expected) { try objective.outcomes(of: [candidate], on: [0, 1]) }
  }
}
