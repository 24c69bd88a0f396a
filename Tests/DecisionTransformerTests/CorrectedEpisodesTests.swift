import Foundation
import Numerics
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct CorrectedEpisodesTests {
  /// Solutions whose first two steps count as a game's, and the same as solutions.
  private static var episodes: (corrected: [Episode], solutions: [Episode]) {
    let solutions = Array(SmallRooms.episodes.filter { $0.actions.count == 7 }.prefix(6))
    let corrected = solutions.map {
      Episode(
        level: $0.level, playing: Array($0.actions.prefix(2)),
        correctedBy: Array($0.actions.dropFirst(2)))
    }
    return (corrected, solutions)
  }

  private static func dataset(_ episodes: [Episode]) throws -> EpisodeDataset {
    try EpisodeDataset(SmallRooms.collection(episodes), for: SmallRooms.configuration)
  }

  @Test func `the steps of the game are looked back at and not drawn`() throws {
    let dataset = try Self.dataset(Self.episodes.corrected)
    #expect(dataset.stepCount == 6 * 5)
    for even in [false, true] {
      var generator = SplitMix64(seed: 3)
      var hasLookedBack = false
      for _ in 0..<300 {
        let window = dataset.window(augmented: false, even: even, using: &generator)
        #expect(window.learned >= (even ? 1 : 3))
        #expect(window.steps.upperBound <= 7)
        #expect(window.steps.count <= SmallRooms.configuration.contextSteps)
        #expect(window.learned == window.steps.clamped(to: 2..<7).count)
        hasLookedBack = hasLookedBack || window.steps.lowerBound < 2
      }
      #expect(hasLookedBack)
    }
  }

  @Test func `a correction that ends behind the last step that can be numbered is cut`() throws {
    let solution = try #require(SmallRooms.episodes.first { $0.actions.count == 7 })
    // Against a wall, twenty times: a corner has one at each of two sides.
    let wall = try #require(
      [Action.pushUp, .pushDown, .pushLeft, .pushRight].first { action in
        var environment = Environment(solution.level, maxSteps: .max)
        return !environment.step(action).movedPlayer
      })
    let late = Episode(
      level: solution.level, playing: Array(repeating: wall, count: 20),
      correctedBy: solution.actions)
    let dataset = try Self.dataset([solution, late])
    #expect(dataset.count == 2 && dataset.skipped == 0)
    #expect(dataset.stepCount == 7 + 24 - 20)
  }

  @Test func `what is not learned from costs nothing and has no gradient of its own`() throws {
    var configuration = SmallRooms.configuration
    configuration.encoder.readsPlan = true
    let policy = try Policy(untrained: configuration, seed: 2)
    let (corrected, solutions) = Self.episodes
    let network = Network(configuration)
    let parameters = FloatBuffer(policy.mergedParameters.values)
    func logits(_ episode: Episode) -> (gradients: [Float], plan: [Float], loss: Double) {
      var packed = PackedWindows()
      EpisodeDataset.append(
        0..<4, of: episode, to: &packed, planned: Array(0..<configuration.pictureCount / 3))
      let workspace = Network.Workspace(network, capacity: 4)
      network.forward(packed, weights: parameters.start, workspace: workspace)
      let loss = network.loss(packed, scale: 1, workspace: workspace)
      _ = network.planLoss(
        packed, scale: 1, weights: parameters.start, workspace: workspace)
      let actions = configuration.actions
      let answers = configuration.pictureCount / 3 * PlanHead.outputs
      return (
        (0..<4 * actions).map { workspace.logits.start[$0] },
        (0..<4 * answers).map { workspace.pictureScratch.planGradient.start[$0] }, loss.sum
      )
    }
    for (corrected, solution) in zip(corrected, solutions) {
      let (masked, whole) = (logits(corrected), logits(solution))
      #expect(masked.loss > 0 && masked.loss < whole.loss)
      let half = masked.gradients.count / 2
      #expect(masked.gradients.prefix(half).allSatisfy { $0 == 0 })
      #expect(masked.gradients.suffix(half) == whole.gradients.suffix(half))
      #expect(masked.plan.prefix(masked.plan.count / 2).allSatisfy { $0 == 0 })
      #expect(
        masked.plan.suffix(masked.plan.count / 2) == whole.plan.suffix(masked.plan.count / 2))
    }
  }

  @Test func `a policy learns from corrections, to the same bytes on any number of threads`() throws
  {
    let episodes = try Self.dataset(Self.episodes.corrected)
    var options = SmallRooms.options
    options.steps = 30
    let trained = try [1, 2].map { threads in
      let trainer = try PolicyTrainer(
        SmallRooms.configuration, options: options, episodes: episodes,
        workers: Workers(count: threads))
      let first = try trainer.step().loss
      while !trainer.isFinished { _ = try trainer.step() }
      let last = try trainer.score(on: episodes)
      #expect(last.timeSteps == 6 * 3)
      #expect(last.loss < first)
      return last.loss
    }
    #expect(trained[0] == trained[1])
  }
}
