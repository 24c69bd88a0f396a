import Numerics
import Foundation
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct InferenceEncoderTests {
  /// The policy that ships with the project, and the first pictures of rooms that it has not learned from.
  private static func shipped() throws -> (policy: Policy, pictures: [[UInt8]]) {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let levels = try LevelFile(
      contentsOf: root.appending(path: "episodes/four-box-held-out.txt").path
    ).levels
    return (
      try Policy(contentsOf: root.appending(path: "checkpoints/four-box")),
      levels.prefix(60).map { Environment($0, maxSteps: 120).picture }
    )
  }

  private static func small(channels: [Int], blocks: Int, trims: Bool) throws -> (
    policy: Policy, pictures: [[UInt8]]
  ) {
    var configuration = SmallRooms.configuration
    configuration.encoder.channels = channels
    configuration.encoder.residualBlocks = blocks
    configuration.encoder.trimsRing = trims
    configuration.encoder.focusHeads = blocks > 0 ? 2 : 0
    return (
      try Policy(untrained: configuration, seed: 5),
      SmallRooms.episodes.prefix(20).map { Environment($0.level, maxSteps: 24).picture }
    )
  }

  /// What training's encoder makes of the pictures.
  private func direct(_ policy: Policy, _ pictures: [[UInt8]]) -> [Float] {
    let encoder = policy.network.encoder
    let activations = PictureEncoder.Activations(encoder, capacity: pictures.count)
    for (index, picture) in pictures.enumerated() {
      picture.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        encoder.place(start, at: index, in: activations)
      }
    }
    let output = FloatBuffer(count: pictures.count * policy.configuration.width)
    encoder.forward(
      weights: policy.parameters.start, activations: activations, output: output.start,
      count: pictures.count)
    return output.values
  }

  /// What playing makes of them, `together` at a time.
  private func played(_ policy: Policy, _ pictures: [[UInt8]], together: Int) -> [Float] {
    let encoder = InferenceEncoder(of: policy)
    let memory = InferenceEncoder.Memory(encoder)
    return stride(from: 0, to: pictures.count, by: together).flatMap { start in
      let chosen = pictures[start..<min(start + together, pictures.count)]
      encoder.encode(chosen, memory: memory)
      return memory.embeddings.values.prefix(chosen.count * policy.configuration.width)
    }
  }

  @Test func `the shipped policy sees real rooms as it does in training`() throws {
    let (policy, pictures) = try Self.shipped()
    let expected = direct(policy, pictures)
    let found = played(policy, pictures, together: 8)
    // Measured: tiles are within 6 · 10⁻⁷ of the embeddings in double precision, sums by definition within half of that.
    #expect(relativeError(found, expected) <= 1.2e-6)
    let size = (expected.reduce(0) { $0 + $1 * $1 } / Float(expected.count)).squareRoot()
    let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-5 * size)
  }

  @Test func `an embedding has the same bits whatever pictures it is made with`() throws {
    let (policy, pictures) = try Self.shipped()
    let alone = played(policy, pictures, together: 1)
    #expect(played(policy, pictures, together: 8) == alone)
    #expect(played(policy, pictures, together: 3) == alone)
  }

  @Test(arguments: [([16], 0), ([16, 32], 0), ([16, 16, 32], 2), ([32], 1)], [false, true])
  func `encoders of any depth see rooms of any size as in training`(
    encoder: (channels: [Int], blocks: Int), trims: Bool
  ) throws {
    let (policy, pictures) = try Self.small(
      channels: encoder.channels, blocks: encoder.blocks, trims: trims)
    #expect(
      relativeError(played(policy, pictures, together: 8), direct(policy, pictures))
        <= GoldenTests.tolerance)
  }
}
