internal import Numerics
public import LaserOps
internal import Sokoban

extension PolicyObjective {
  /// The loss of the optimal actions in the rooms, carried down through the policy.
  ///
  /// Games have no gradient; the cross-entropy of what the solver would do has one, and is what the policy was trained on: its
  /// mean over the steps of a shortest solution, as many of the first ones as the policy looks back. A room that is
  /// solved already, or whose solution has more steps than the policy can number, has no loss and no gradient.
  /// - Throws: `RolloutError`, `SolverError` for a room that is too hard for the solver, `GradientError`,
  ///   `LinearAlgebraError`, and what `receive` throws.
  public func componentScores(
    of candidate: Candidate<Policy>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws {
    guard !examples.isEmpty else { throw GradientError.noExamples }
    let policy = candidate.model
    try check(policy)
    let parameters = policy.mergedParameters
    let decompositions = try workers.map(sites.count) {
      try SingularValueDecomposition(of: policy.weight(at: sites[$0]).matrix)
    }
    let (levels, height) = (levels, 16)
    let encoder = InferenceEncoder(of: policy)
    let rooms = try workers.map((examples.count + height - 1) / height) { piece in
      let pass = OptimalActionsPass(policy, parameters: parameters, encoder: encoder)
      let range = piece * height..<min((piece + 1) * height, examples.count)
      return try examples[range].map { example in
        let loss = try pass.run(levels[example])
        return (
          loss: loss,
          changes: zip(sites, decompositions).map { pass.changes(at: $0, by: $1) }
        )
      }
    }.flatMap(\.self)
    let measures = rooms.map { ExampleMeasure(loss: $0.loss, margin: nil) }
    for (place, site) in sites.enumerated().reversed() {
      let changes = Matrix(
        rows: rooms.count, columns: decompositions[place].count,
        values: rooms.flatMap { $0.changes[place] })
      guard changes.values.allSatisfy(\.isFinite) else { throw GradientError.notFinite(site: site) }
      try receive(ComponentScores(site: site, examples: measures, loss: changes, margin: nil))
    }
  }
}

/// One room after the other through a policy and back to its lowest block: no site lies in the encoder, which therefore
/// runs as it does in games.
private final class OptimalActionsPass {
  private let policy: Policy
  private let parameters: FloatBuffer
  private let gradients: FloatBuffer
  private let workspace: Network.Workspace
  private let encoder: InferenceEncoder
  private let encoderMemory: InferenceEncoder.Memory
  private var packed = PackedWindows()
  private var solver = Solver()

  /// - Parameters:
  ///   - policy: The policy.
  ///   - parameters: Its parameters, edits multiplied out.
  ///   - encoder: Its encoder.
  init(_ policy: Policy, parameters: FloatBuffer, encoder: InferenceEncoder) {
    self.policy = policy
    self.encoder = encoder
    encoderMemory = InferenceEncoder.Memory(encoder)
    self.parameters = parameters
    gradients = FloatBuffer(count: policy.network.layout.count)
    workspace = Network.Workspace(policy.network, capacity: policy.configuration.contextSteps)
  }

  /// Leaves the gradient of a room's loss, and says what the loss is.
  func run(_ level: Level) throws -> Double {
    gradients.clear()
    packed.removeAll()
    let actions = try solver.solve(level).actions
    guard (1...policy.configuration.maximumSteps).contains(actions.count) else { return 0 }
    EpisodeDataset.append(
      0..<min(actions.count, policy.configuration.contextSteps),
      of: Episode(level: level, actions: actions), to: &packed)
    encode()
    let network = policy.network
    network.forwardBehindEncoder(packed, weights: parameters.start, workspace: workspace)
    let loss = network.loss(packed, scale: 1 / Float(packed.count), workspace: workspace)
    network.backwardThroughBlocks(
      packed, weights: parameters.start, gradients: gradients.start, workspace: workspace)
    return loss.sum / Double(packed.count)
  }

  /// Leaves the embeddings of all steps in the workspace.
  private func encode() {
    let width = encoder.embeddingWidth
    for first in stride(from: 0, to: packed.count, by: encoder.picturesTogether) {
      let steps = first..<min(first + encoder.picturesTogether, packed.count)
      encoder.encode(steps.lazy.map { self.packed.picture(at: $0) }, memory: encoderMemory)
      (workspace.states.start + first * width).update(
        from: encoderMemory.embeddings.start, count: steps.count * width)
    }
  }

  /// −σᵢ uᵢᵀ G vᵢ for every component of the matrix at `site`.
  func changes(at site: WeightSite, by decomposition: SingularValueDecomposition) -> [Float] {
    let place = policy.place(of: site)
    let count = decomposition.count
    // Gᵀ, `[inputs × outputs]`, lies as the parameters do: Gᵀ U, whose columns are then multiplied with V's.
    let products = Activations(rows: place.inputs, columns: count)
    decomposition.left.values.withUnsafeBufferPointer { left in
      BLAS.multiply(
        gradients.start + place.offset, left.baseAddress, into: products.start,
        rows: place.inputs, columns: count, inner: place.outputs, leftStride: place.stride)
    }
    return (0..<count).map { component in
      var sum = 0.0
      for input in 0..<place.inputs {
        sum +=
          Double(products.row(input)[component])
          * Double(decomposition.rightTransposed[component, input])
      }
      return Float(-decomposition.singularValues[component] * sum)
    }
  }
}
