import Numerics
import Foundation
import LaserOps
import Testing

@testable import DecisionTransformer

/// The model in `Fixtures/make_transformer_golden.py`, and what PyTorch made of it.
struct Golden {
  let file: SafetensorsFile
  let network: Network
  let packed: PackedWindows

  init() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "transformer_golden", withExtension: "safetensors", subdirectory: "Fixtures"))
    let file = try SafetensorsFile(url)
    self.file = file
    var configuration = PolicyConfiguration()
    configuration.width = 16
    configuration.layers = 2
    configuration.heads = 2
    configuration.mlpWidth = 48
    configuration.contextSteps = 6
    configuration.maximumSteps = 12
    configuration.pictureHeight = 5
    configuration.pictureWidth = 4
    configuration.encoder.channels = [32, 16]
    configuration.encoder.residualBlocks = 1
    try configuration.validate()
    network = Network(configuration)

    func values(_ name: String) throws -> [Float] { try Self.values(name, in: file) }
    let returns = try values("returns")
    let times = try values("times")
    let actions = try values("actions")
    let pictures = try values("pictures").map { UInt8($0) }
    let size = configuration.pictureCount
    var packed = PackedWindows()
    var step = 0
    for count in try values("windows") {
      for _ in 0..<Int(count) {
        packed.append(
          returnToGo: Double(returns[step]), time: Int(times[step]), action: Int(actions[step]),
          picture: pictures[step * size..<(step + 1) * size])
        step += 1
      }
      packed.endWindow()
    }
    self.packed = packed
  }

  /// A tensor's numbers in the order of the file.
  func values(_ name: String) throws -> [Float] { try Self.values(name, in: file) }

  private static func values(_ name: String, in file: SafetensorsFile) throws -> [Float] {
    try file.tensor(name).withBytes { Array($0.bindMemory(to: Float.self)) }
  }

  /// A tensor's numbers in the order that the model has in memory.
  func values(_ prefix: String, _ tensor: ParameterLayout.Tensor) throws -> [Float] {
    let stored = try values(prefix + tensor.name)
    guard tensor.isStoredTransposed else { return stored }
    return Matrix(rows: tensor.shape[1], columns: tensor.shape[0], values: stored).transposed.values
  }

  /// The parameters before training.
  func weights() throws -> FloatBuffer {
    let buffer = FloatBuffer(count: network.layout.count)
    for tensor in network.layout.tensors {
      for (index, value) in try values("weight/", tensor).enumerated() {
        buffer.start[tensor.offset + index] = value
      }
    }
    return buffer
  }
}

/// The norm of the difference relative to the norm of what is expected; infinite where the counts differ.
func relativeError(_ found: some Collection<Float>, _ expected: [Float]) -> Double {
  guard found.count == expected.count else { return .infinity }
  let difference = zip(found, expected).reduce(0.0) {
    $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
  }
  let norm = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
  return (difference / norm).squareRoot()
}

@Suite struct GoldenTests {
  // Two programs that add up in different orders differ by about √n ε a sum of n; five or six sums follow one
  // another in each of two layers, five in the encoder, and the longest has 320 terms.
  static let tolerance = 17 * 320.0.squareRoot() * Double(Float.ulpOfOne)

  @Test func `logits, loss and every gradient equal PyTorch's`() throws {
    let golden = try Golden()
    let network = golden.network
    let weights = try golden.weights()
    let gradients = FloatBuffer(count: network.layout.count)
    let workspace = Network.Workspace(network, capacity: golden.packed.count)
    network.forward(golden.packed, weights: weights.start, workspace: workspace)
    #expect(
      relativeError(workspace.logits.values, try golden.values("logits")) <= Self.tolerance)
    let scale = 1 / Float(golden.packed.count)
    let loss = network.loss(golden.packed, scale: scale, workspace: workspace)
    let expected = Double(try golden.values("loss")[0])
    #expect(abs(loss.sum * Double(scale) - expected) <= Self.tolerance * expected)
    network.backward(
      golden.packed, weights: weights.start, gradients: gradients.start, workspace: workspace)
    for tensor in network.layout.tensors {
      let found = UnsafeBufferPointer(start: gradients.start + tensor.offset, count: tensor.count)
      var expected = try golden.values("gradient/", tensor)
      if tensor.name.hasSuffix("c_attn.bias") {
        // A key's bias shifts all scores of a query alike: its gradient is zero but for rounding.
        let width = network.configuration.width
        for index in width..<2 * width {
          #expect(abs(found[index]) <= 1e-6)
          expected[index] = found[index]
        }
      }
      #expect(relativeError(found, expected) <= 4 * Self.tolerance, "\(tensor.name)")
    }
  }

  @Test(arguments: [false, true])
  func `ten clipped steps of AdamW or Muon have PyTorch's losses and end at its weights`(
    muon: Bool
  ) throws {
    let golden = try Golden()
    let prefix = muon ? "muon/" : ""
    let network = golden.network
    let weights = try golden.weights()
    let workspace = Network.Workspace(network, capacity: golden.packed.count)
    let workers = Workers(count: 1)
    var options = TrainingOptions()
    options.warmUpSteps = 0
    options.finalRateFraction = 1
    options.learningRate = 3e-3
    options.maximumGradientNorm = 0.25
    options.muonMomentumDecay = muon ? 0.95 : nil
    let optimizer = Optimizer(network.layout, options: options)
    var losses: [Float] = []
    for step in 0..<10 {
      // Two buffers of gradients, as two shards would leave them.
      let gradients = [
        FloatBuffer(count: network.layout.count), FloatBuffer(count: network.layout.count),
      ]
      network.forward(golden.packed, weights: weights.start, workspace: workspace)
      let scale = 1 / Float(golden.packed.count)
      losses.append(
        Float(network.loss(golden.packed, scale: scale, workspace: workspace).sum) * scale)
      network.backward(
        golden.packed, weights: weights.start, gradients: gradients[1].start, workspace: workspace)
      let clip = options.clip(norm: optimizer.addUp(gradients, workers: workers))
      optimizer.update(
        weights, gradient: gradients[0], clip: clip, step: step, options: options, workers: workers)
    }
    // Adam divides a gradient by its own size, Muon its directions: where one is nearly zero its relative error counts
    // in full, so ten steps of rate 0.003 may differ by a share of their length.
    let tolerance = 100 * Self.tolerance
    let expectedLosses = try golden.values(prefix + "losses")
    #expect(losses.count == expectedLosses.count)
    for (found, expected) in zip(losses, expectedLosses) {
      #expect(abs(found - expected) <= Float(tolerance) * expected)
    }
    // The fixture holds these two: what decays, and what does not.
    for name in ["encoder.h.1.attn.c_attn.weight", "encoder.ln_f.bias"] {
      let tensor = try #require(network.layout.tensors.first { $0.name == name })
      let expected = try golden.values(prefix + "after/", tensor)
      let found = UnsafeBufferPointer(start: weights.start + tensor.offset, count: tensor.count)
      #expect(relativeError(found, expected) <= tolerance, "\(tensor.name)")
    }
  }
}
