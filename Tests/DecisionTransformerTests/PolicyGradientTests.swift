import LaserOps
import Numerics
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PolicyGradientTests {
  private static let sites = [
    WeightSite(.query, layer: 0), WeightSite(.value, layer: 1), WeightSite(.mlpInput, layer: 0),
    WeightSite(.mlpOutput, layer: 1),
  ]

  private static func policy() throws -> Policy {
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 3)
    // Larger weights than at the start of training, so that attention and blocks matter.
    var generator = SplitMix64(seed: 3)
    for index in 0..<policy.parameters.count {
      policy.parameters.start[index] =
        5 * policy.parameters.start[index] + 0.05 * Float(generator.nextGaussian())
    }
    return policy
  }

  private func scores(of policy: Policy, workers: Int = 2) throws -> [ComponentScores] {
    let levels = SmallRooms.episodes.prefix(40).map(\.level)
    var options = RolloutOptions()
    options.maximumSteps = SmallRooms.configuration.maximumSteps
    let objective = PolicyObjective(
      levels: levels, options: options, workers: Workers(count: workers))
    var found: [ComponentScores] = []
    try objective.componentScores(
      of: Candidate([], of: policy), at: Self.sites, on: Array(levels.indices)
    ) { found.append($0) }
    return found
  }

  @Test func `the loss is that of a whole pass, over more steps than are encoded together`() throws
  {
    var configuration = SmallRooms.configuration
    (configuration.pictureHeight, configuration.pictureWidth) = (7, 7)
    (configuration.contextSteps, configuration.maximumSteps) = (20, 60)
    let policy = try Policy(untrained: configuration, seed: 5)
    var episodes: [Episode] = []
    _ = try EpisodeRecorder(threads: 2).record(
      rooms: RoomConfiguration(rows: 7, columns: 7, boxes: 2), count: 40,
      generator: { SplitMix64(seed: 8, stream: $0) },
      to: { _, outcome in episodes.append(try outcome.get()) })
    episodes = episodes.filter { (1...20).contains($0.actions.count) }
    let together = InferenceEncoder(of: policy).picturesTogether
    #expect(episodes.contains { $0.actions.count > together })
    let levels = episodes.map(\.level)
    var options = RolloutOptions()
    options.maximumSteps = configuration.maximumSteps
    let objective = PolicyObjective(levels: levels, options: options, workers: Workers(count: 1))
    let network = Network(configuration)
    let parameters = FloatBuffer(policy.mergedParameters.values)
    try objective.componentScores(
      of: Candidate([], of: policy), at: [Self.sites[0]], on: Array(levels.indices)
    ) { scores in
      for (measure, episode) in zip(scores.examples, episodes) {
        var packed = PackedWindows()
        EpisodeDataset.append(0..<episode.actions.count, of: episode, to: &packed)
        let workspace = Network.Workspace(network, capacity: packed.count)
        network.forward(packed, weights: parameters.start, workspace: workspace)
        let loss = network.loss(packed, scale: 1, workspace: workspace).sum / Double(packed.count)
        #expect(abs(measure.loss - loss) < 1e-4 * loss)
      }
    }
  }

  @Test
  func `removing a little of a component changes the loss of optimal actions as its score says`()
    throws
  {
    let policy = try Self.policy()
    let found = try scores(of: policy)
    #expect(Set(found.map(\.site)) == Set(Self.sites))
    #expect(try scores(of: policy, workers: 1).map(\.loss) == found.map(\.loss))
    let share: Float = 0.005
    for scores in found {
      #expect(scores.margin == nil)
      for component in [0, 3] {
        let losses = try [-share, share].map { share -> [Double] in
          var matrix = policy.weight(at: scores.site).matrix
          let decomposition = try SingularValueDecomposition(of: matrix)
          let factor = share * Float(decomposition.singularValues[component])
          for row in 0..<matrix.rows {
            for column in 0..<matrix.columns {
              matrix[row, column] -=
                factor * decomposition.left[row, component]
                * decomposition.rightTransposed[component, column]
            }
          }
          let edited = policy.replacing(scores.site, with: .dense(matrix))
          return try self.scores(of: edited)[0].examples.map(\.loss)
        }
        var largest = 0.0
        for example in losses[0].indices {
          let change = (losses[1][example] - losses[0][example]) / Double(2 * share)
          largest = max(largest, abs(change))
          // Logits are rounded to single precision, and the third order is left out.
          #expect(
            abs(change - Double(scores.loss[example, component])) <= 3e-4 + 0.03 * abs(change))
        }
        #expect(largest > 1e-3)
      }
    }
  }
}
