import Files
import Numerics
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct RotaryDivisorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Those of Llama 3.2 1B: the formula of transformers' "llama3" scaling with a factor of 32, in double precision.
  private static let published: [Float] =
    Array(repeating: 1, count: 15) + [1.651329, 3.292262, 9.666729]
    + Array(repeating: 32, count: 14)

  private func rotary(_ divisors: [Float], scaling: String? = nil) throws -> RotaryEmbedding {
    var builder = GGUFBuilder()
    builder.add("general.architecture", "llama")
    for (key, value) in [
      ("embedding_length", 128), ("block_count", 1), ("attention.head_count", 2),
      ("feed_forward_length", 4), ("context_length", 131_072),
    ] {
      builder.add("llama.\(key)", UInt32(value))
    }
    for (key, value) in [
      ("attention.layer_norm_rms_epsilon", Float(1e-5)), ("rope.freq_base", 500_000),
      ("rope.scaling.factor", scaling == nil ? 1 : 2),
    ] {
      builder.add("llama.\(key)", type: 6, GGUFBuilder.integer(value.bitPattern))
    }
    if let scaling { builder.add("llama.rope.scaling.type", scaling) }
    builder.addTensor("rope_freqs.weight", dimensions: [UInt64(divisors.count)], offset: 0)
    builder.data = divisors.flatMap { GGUFBuilder.integer($0.bitPattern) }
    builder.addTensor(
      "token_embd.weight", dimensions: [128, 1], offset: UInt64(builder.data.count))
    builder.data += Array(repeating: 0, count: 512)
    let url = folder["model.gguf"]
    try AtomicFile.write(builder.bytes, to: url)
    let reader = try Checkpoint(url).configuration()
    return try reader.rotary(DecoderConfiguration(reader, .init()))
  }

  @Test func `the divisors of a published file are its scaling`() throws {
    let rotary = try self.rotary(Self.published)
    #expect(
      rotary.scaling == .llama3(factor: 32, lowFactor: 1, highFactor: 4, trainedLength: 8192))
    try check(rotary, Self.published)
  }

  @Test func `divisors of one are no scaling at all`() throws {
    let rotary = try self.rotary(Array(repeating: 1, count: 32))
    #expect(
      rotary.frequencies(length: 1)
        == RotaryEmbedding(width: 64, base: 500_000, pairing: .halves).frequencies(length: 1))
  }

  @Test(arguments: [Float.nan, .infinity, 0, -1])
  func `divisors that are no positive numbers are refused`(divisor: Float) throws {
    var divisors = Self.published
    divisors[20] = divisor
    let error = #expect(throws: CheckpointError.self) { try rotary(divisors) }
    #expect(error?.description.contains("rope_freqs.weight") == true)
  }

  @Test func `divisors that no formula gives are taken as they are`() throws {
    var divisors = Self.published
    divisors[20] = 2
    try check(rotary(divisors), divisors)
  }

  @Test func `linear scaling divides once more`() throws {
    try check(rotary(Self.published, scaling: "linear"), Self.published.map { 2 * $0 })
  }

  @Test func `divisors beside yarn are refused`() throws {
    #expect(throws: CheckpointError.self) { try rotary(Self.published, scaling: "yarn") }
  }

  private func check(_ rotary: RotaryEmbedding, _ divisors: [Float]) throws {
    let plain = RotaryEmbedding(width: 64, base: 500_000, pairing: .halves).frequencies(length: 1)
    for length in [1, 131_073] {
      for ((found, frequency), divisor) in zip(
        zip(rotary.frequencies(length: length), plain), divisors)
      {
        #expect(abs(found * divisor / frequency - 1) <= 1e-5)
      }
    }
  }

  @Test func `as many divisors as frequencies are needed`() throws {
    #expect(throws: StorageError.self) { try rotary(Array(Self.published.dropLast())) }
  }
}
