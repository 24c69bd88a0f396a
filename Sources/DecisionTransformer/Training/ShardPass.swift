internal import Numerics

/// One of the fixed pieces of a batch: its windows go through the model a few at a time, and their gradients add up.
///
/// Few windows at a time keep what a pass leaves for the backward inside the processor's caches.
final class ShardPass: @unchecked Sendable {
  // SAFETY: a shard is run by one piece of `Workers.forEach` at a time; its results are read after all have finished.

  /// About this many time steps go through the model together, or one window if that is longer.
  static let stepsTogether = 120

  /// The sum over this shard's windows; the buffer is as long as the model's parameters.
  let gradients: FloatBuffer
  private(set) var lossSum = 0.0
  private(set) var planLossSum = 0.0
  private(set) var correct = 0
  private(set) var failure: (any Error)?
  private let network: Network
  private let workspace: Network.Workspace
  private var packed = PackedWindows()

  init(_ network: Network) {
    self.network = network
    gradients = FloatBuffer(count: network.layout.count)
    workspace = Network.Workspace(
      network, capacity: max(Self.stepsTogether, network.configuration.contextSteps))
  }

  /// Runs forward, and backward if there is a `scale`, over `windows` of `episodes`.
  ///
  /// - Parameters:
  ///   - windows: In the order in which they are packed.
  ///   - episodes: Where they come from.
  ///   - parameters: The model's.
  ///   - scale: One over the number of steps in the whole batch that are learned from; nil for a forward only.
  ///   - planScale: What a square's loss is multiplied by beside that; nil where no plan is learned.
  func run(
    _ windows: [EpisodeDataset.Window], of episodes: EpisodeDataset, parameters: FloatBuffer,
    scale: Float?, planScale: Float?
  ) {
    lossSum = 0
    planLossSum = 0
    correct = 0
    failure = nil
    if scale != nil { gradients.clear() }
    packed.removeAll()
    for window in windows {
      if packed.count + window.steps.count > workspace.capacity {
        runPacked(parameters, scale, planScale)
      }
      do {
        try episodes.append(window, to: &packed, planned: planScale != nil)
      } catch {
        failure = error
        return
      }
    }
    runPacked(parameters, scale, planScale)
  }

  private func runPacked(_ parameters: FloatBuffer, _ scale: Float?, _ planScale: Float?) {
    guard packed.count > 0 else { return }
    network.forward(packed, weights: parameters.start, workspace: workspace)
    let loss = network.loss(packed, scale: scale ?? 0, workspace: workspace)
    lossSum += loss.sum
    correct += loss.correct
    if scale != nil {
      if let planScale {
        planLossSum += network.planLoss(
          packed, scale: planScale, weights: parameters.start, workspace: workspace)
      }
      network.backward(
        packed, weights: parameters.start, gradients: gradients.start, workspace: workspace,
        learnsPlan: planScale != nil)
    }
    packed.removeAll()
  }
}
