import Numerics
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct RolloutTests {
  private static func policy(
    _ configuration: PolicyConfiguration = SmallRooms.configuration, seed: UInt64 = 3
  ) throws -> Policy {
    let policy = try Policy(untrained: configuration, seed: seed)
    // Larger weights than at the start of training, none of them zero, so that attention, context and blocks matter.
    var generator = SplitMix64(seed: seed)
    for index in 0..<policy.parameters.count {
      policy.parameters.start[index] =
        5 * policy.parameters.start[index] + 0.05 * Float(generator.nextGaussian())
    }
    return policy
  }

  private static let levels = SmallRooms.episodes.prefix(150).map(\.level)

  /// The logits of a game's steps, each computed with the cache.
  private func cachedLogits(
    _ policy: Policy, _ level: Level, actions: [Int]
  ) -> (logits: [[Float]], packed: PackedWindows) {
    let stepper = PolicyStepper(
      policy, sequences: 1, embeddings: EmbeddingCache(by: InferenceEncoder(of: policy)))
    var environment = Environment(level, maxSteps: 100)
    var input = PolicyStepper.Input(slot: 0, returnToGo: 10, previousAction: 0)
    var packed = PackedWindows()
    var logits: [[Float]] = []
    for (time, action) in actions.enumerated() {
      let picture = environment.picture
      packed.append(returnToGo: input.returnToGo, time: time, action: action, picture: picture)
      picture.withUnsafeBufferPointer { stepper.show($0, at: 0) }
      stepper.step([input], time: time)
      logits.append(Array(stepper.logits.values.prefix(4)))
      let direction = Direction(rawValue: UInt8(action)) ?? .up
      let reward = environment.step(Action(pushing: direction)).reward
      input = .init(slot: 0, returnToGo: input.returnToGo - reward, previousAction: action)
    }
    packed.endWindow()
    return (logits, packed)
  }

  private func actions(_ count: Int) -> [Int] {
    var generator = SplitMix64(seed: 9)
    return (0..<count).map { _ in Int.random(in: 0..<4, using: &generator) }
  }

  @Test(arguments: ["", "Wq:0:0.5", "Wv:1:0.25,Uin:0:0.1", "Wo:0:0.2,Uout:1:0.2,zero:Wk:1"])
  func `within the context the cache gives the logits of a full forward`(edits: String) throws {
    let base = try Self.policy()
    let policy = edits.isEmpty ? base : try base.applying(Intervention.list(parsing: edits))
    let (logits, packed) = cachedLogits(
      policy, Self.levels[40], actions: actions(policy.configuration.contextSteps))
    let workspace = Network.Workspace(policy.network, capacity: packed.count)
    let merged = policy.mergedParameters
    withExtendedLifetime(merged) {
      policy.network.forward(packed, weights: merged.start, workspace: workspace)
    }
    let full = Array(workspace.logits.values.prefix(4 * packed.count))
    // As between this program and PyTorch: sums in another order.
    #expect(relativeError(logits.flatMap { $0 }, full) <= 4 * GoldenTests.tolerance)
  }

  @Test(arguments: [0, 2])
  func `beyond the context the cache gives the logits of attention with a band`(
    focusHeads: Int
  ) throws {
    var configuration = SmallRooms.configuration
    configuration.encoder.focusHeads = focusHeads
    configuration.encoder.trimsRing = focusHeads > 0
    let policy = try Self.policy(configuration)
    let (logits, packed) = cachedLogits(policy, Self.levels[40], actions: actions(20))
    let plain = PlainForward(policy).logits(packed)
    #expect(
      relativeError(logits.flatMap { $0 }, plain.map { Float($0) }) <= 4 * GoldenTests.tolerance)
  }

  @Test(arguments: [RolloutOptions.Choice.greedy, .sampled(seed: 4)])
  func `one thread and three play the same games`(choice: RolloutOptions.Choice) throws {
    let policy = try Self.policy()
    var options = RolloutOptions()
    options.maximumSteps = 24
    options.choice = choice
    let games = try [1, 3].map {
      try policy.play(Self.levels, options: options, workers: Workers(count: $0))
    }
    #expect(games[0] == games[1])
    #expect(games[0].count == Self.levels.count)
  }

  @Test func `games are the same to the last bit however many pictures are remembered`() throws {
    let policy = try Self.policy()
    var options = RolloutOptions()
    options.maximumSteps = 24
    let levels = Array(Self.levels.prefix(64))
    let play = { (memory: Int) in
      let embeddings = EmbeddingCache(by: InferenceEncoder(of: policy), memory: memory)
      return try (0..<2).map { _ in
        try policy.playTogether(
          levels, numbers: Array(levels.indices), options, embeddings: embeddings)
      }
    }
    let (none, few, all) = try (play(0), play(20_000), play(1 << 24))
    #expect(none[0] == none[1])
    #expect(few == none && all == none)
  }

  @Test func `a remembered picture has the bits of one that is encoded anew`() throws {
    let policy = try Self.policy()
    let picture = Environment(Self.levels[0], maxSteps: 24).picture
    let embeddings = EmbeddingCache(by: InferenceEncoder(of: policy))
    let logits = (0..<2).map { _ in
      let stepper = PolicyStepper(policy, sequences: 1, embeddings: embeddings)
      picture.withUnsafeBufferPointer { stepper.show($0, at: 0) }
      stepper.step([.init(slot: 0, returnToGo: 10, previousAction: 0)], time: 0)
      return stepper.logits.values
    }
    var embedding = [Float](repeating: 0, count: policy.configuration.width)
    #expect(embeddings.read(picture, into: &embedding))
    #expect(embedding.contains { $0 != 0 })
    #expect(logits[0] == logits[1])
  }

  @Test func `results agree with playing the actions in the environment`() throws {
    var options = RolloutOptions()
    options.maximumSteps = 24
    options.choice = .sampled(seed: 1)
    let games = try Self.policy().play(Self.levels, options: options)
    #expect(games.contains { $0.isSolved } && games.contains { !$0.isSolved })
    for (level, game) in zip(Self.levels, games) {
      let replay = Episode(level: level, actions: game.actions).replayed(maxSteps: 24)
      #expect(replay.transitions.count == game.steps)
      #expect(replay.totalReward == game.totalReturn)
      #expect((replay.outcome == .solved) == game.isSolved)
      var environment = Environment(level, maxSteps: 24)
      for action in game.actions { _ = environment.step(action) }
      #expect(game.boxesOnTarget == environment.boxesOnTarget)
      #expect(game.isSolved || game.steps == 24)
    }
  }

  @Test func `among equal logits the lowest action is chosen`() {
    let logits: [Float] = [1, 2, 2, 0]
    let choice = logits.withUnsafeBufferPointer {
      Policy.choose($0, .greedy, level: 0, time: 0)
    }
    #expect(choice == 1)
  }

  @Test func `samples follow the probabilities`() {
    let logits: [Float] = [0, 1, -1, 0.5]
    var counts = [Double](repeating: 0, count: 4)
    let draws = 20_000
    logits.withUnsafeBufferPointer { logits in
      for level in 0..<draws {
        counts[Policy.choose(logits, .sampled(seed: 2), level: level, time: 3)] += 1
      }
    }
    // Shares of e⁰, e¹, e⁻¹ and e^½ in their sum, 5.73500; four standard errors of a share.
    for (count, power) in zip(counts, [1, 2.718_281_8, 0.367_879_4, 1.648_721_3]) {
      let share = power / 5.734_882_5
      let error = (share * (1 - share) / Double(draws)).squareRoot()
      #expect(abs(count / Double(draws) - share) <= 4 * error)
    }
  }

  @Test func `a room of another size, too many steps and a target that is no number are refused`()
    throws
  {
    let policy = try Self.policy()
    var options = RolloutOptions()
    let error = #expect(throws: RolloutError.tooManySteps(asked: 120, available: 24)) {
      try policy.play(Self.levels, options: options)
    }
    #expect(error?.description.contains("expected 1 to 24") == true)
    #expect(error?.description.hasSuffix("choose a step limit in that range") == true)
    options.maximumSteps = 24
    options.targetReturn = .nan
    #expect(throws: RolloutError.self) { try policy.play(Self.levels, options: options) }
    options.targetReturn = 1e300
    #expect(throws: RolloutError.badTargetReturn(1e300)) {
      try policy.play(Self.levels, options: options)
    }
    options.targetReturn = 10
    let turned = Self.levels[0].transformed(by: Symmetry(transposes: true))
    #expect(
      throws: RolloutError.wrongRoomSize(
        level: 1, rows: 6, columns: 5, expectedRows: 5, expectedColumns: 6)
    ) { try policy.play([Self.levels[0], turned], options: options) }
  }

  @Test func `a policy with a damaged weight says where it stopped`() throws {
    let policy = try Self.policy()
    policy.parameters.start[policy.network.layout.head.bias] = .nan
    var options = RolloutOptions()
    options.maximumSteps = 24
    #expect(throws: RolloutError.notANumber(level: 0, step: 0)) {
      try policy.play(Self.levels, options: options)
    }
  }
}
