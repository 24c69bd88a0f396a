import Numerics
import Foundation
import LaserOps
import Testing

@testable import DecisionTransformer

@Suite struct EncoderGoldenTests {
  /// The encoder of `Fixtures/make_encoder_golden.py`.
  private static var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration()
    configuration.width = 16
    configuration.heads = 2
    configuration.layers = 1
    configuration.pictureHeight = 6
    configuration.pictureWidth = 10
    configuration.encoder.channels = [16]
    configuration.encoder.residualBlocks = 1
    configuration.encoder.trimsRing = true
    configuration.encoder.focusHeads = 3
    configuration.encoder.readsPlan = true
    return configuration
  }

  @Test func `a trimmed picture, focus and plan have PyTorch's values and gradients`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "encoder_golden", withExtension: "safetensors", subdirectory: "Fixtures"))
    let file = try SafetensorsFile(url)
    func values(_ name: String) throws -> [Float] {
      try file.tensor(name).withBytes { Array($0.bindMemory(to: Float.self)) }
    }
    let network = Network(Self.configuration)
    let encoder = network.encoder
    let weights = FloatBuffer(count: network.layout.count)
    let tensors = network.layout.tensors.filter { file.tensors["weight/" + $0.name] != nil }
    #expect(tensors.count == 12)
    for tensor in tensors {
      for (index, value) in try values("weight/" + tensor.name).enumerated() {
        weights.start[tensor.offset + index] = value
      }
    }
    let incoming = FloatBuffer(try values("incoming"))
    let count = incoming.count / 16
    let activations = PictureEncoder.Activations(encoder, capacity: count)
    let scratch = PictureEncoder.Scratch(encoder, capacity: count)
    let pictures = try values("pictures").map { UInt8($0) }
    pictures.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      for index in 0..<count {
        encoder.place(start + index * Self.configuration.pictureCount, at: index, in: activations)
      }
    }
    let embedding = FloatBuffer(count: incoming.count)
    encoder.forward(
      weights: weights.start, activations: activations, output: embedding.start, count: count)
    #expect(
      relativeError(embedding.values, try values("embedding")) <= GoldenTests.tolerance)

    let plan = try #require(encoder.plan)
    let loss = plan.loss(
      features: activations.features.start, targets: try values("plans").map { UInt8($0) },
      scale: 0.05, weights: weights.start, gradients: scratch.planGradient.start, count: count)
    let expected = Double(try values("plan_loss")[0])
    #expect(abs(loss - expected) <= GoldenTests.tolerance * expected)
    let gradients = FloatBuffer(count: network.layout.count)
    encoder.backward(
      outputGradient: incoming.start, outputStride: 16, weights: weights.start,
      activations: activations, scratch: scratch, learnsPlan: true, gradients: gradients.start,
      count: count)
    for tensor in tensors {
      let found = UnsafeBufferPointer(start: gradients.start + tensor.offset, count: tensor.count)
      #expect(
        relativeError(found, try values("gradient/" + tensor.name)) <= 4 * GoldenTests.tolerance,
        "\(tensor.name)")
    }
  }
}
