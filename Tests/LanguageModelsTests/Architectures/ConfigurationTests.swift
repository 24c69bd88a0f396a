import Numerics
import Testing

@testable import LanguageModels

@Suite struct ConfigurationTests {
  private func reader(_ members: (key: String, value: JSONValue)...) -> ConfigurationReader {
    ConfigurationReader(.object(members), file: "config.json")
  }

  private func message(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return "read"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Heads

  private func sizes(
    hasPlainHeads: Bool, _ members: (key: String, value: JSONValue)...
  ) throws -> DecoderConfiguration {
    try DecoderConfiguration(
      ConfigurationReader(.object(members), file: "config.json"),
      .init(
        vocabularySize: 10, width: 64, layerCount: 1, headCount: 8, hasPlainHeads: hasPlainHeads,
        keyHeadCount: 4, mlpWidth: 16))
  }

  @Test func `heads that share the width of the stream know no keys of other families`() throws {
    let sizes = try sizes(
      hasPlainHeads: true, ("num_key_value_heads", .integer(1)), ("head_dim", .integer(64)))
    #expect(sizes.keyHeadCount == 8 && sizes.headWidth == 8 && sizes.keyWidth == 64)
  }

  @Test func `heads that do not divide the width are named`() {
    let message = message {
      try sizes(hasPlainHeads: true, ("num_attention_heads", .integer(3)))
    }
    #expect(message.contains("'num_attention_heads'") && message.contains("64"))
  }

  @Test func `a number of key heads that is absent is the class's, null means as many as heads`()
    throws
  {
    #expect(try sizes(hasPlainHeads: false).keyHeadCount == 4)
    #expect(try sizes(hasPlainHeads: false, ("num_key_value_heads", .null)).keyHeadCount == 8)
  }

  // MARK: Rotary positions

  private let longrope = JSONValue.object([
    ("type", .string("longrope")), ("short_factor", .array([.number(1), .number(2)])),
    ("long_factor", .array([.number(3), .number(4)])),
  ])

  private func scaling(
    _ reader: ConfigurationReader, _ defaults: ConfigurationReader.RotaryDefaults = .init()
  ) throws -> RotaryEmbedding.Scaling {
    try reader.rotary(headWidth: 4, trainedLength: 131_072, defaults).scaling
  }

  @Test func `the class's original length holds where the file has none`() throws {
    guard
      case .longrope(_, _, let length, let magnitude) = try scaling(
        reader(("rope_scaling", longrope)), .init(originalLength: 4096))
    else { throw Mismatch() }
    // √(1 + ln 32 / ln 4096), from 2^5 and 2^12.
    #expect(length == 4096 && abs(magnitude - (1 + 5.0 / 12).squareRoot()) < 1e-12)
  }

  @Test func `an original length beside the scaling comes before the class's`() throws {
    let reader = reader(
      ("rope_scaling", longrope), ("original_max_position_embeddings", .integer(8192)))
    guard
      case .longrope(_, _, let length, _) = try scaling(reader, .init(originalLength: 4096))
    else { throw Mismatch() }
    #expect(length == 8192)
  }

  @Test func `scalings in both styles at once are refused`() {
    let both = reader(
      ("rope_scaling", longrope), ("rope_parameters", .object([("rope_theta", .integer(500))])))
    #expect(message { try scaling(both) }.contains("'rope_scaling'"))
  }

  @Test func `layers whose scaling is another's keep the base of the file`() throws {
    let reader = reader(
      (
        "rope_parameters",
        .object([
          ("rope_theta", .integer(7000)), ("rope_type", .string("linear")),
          ("factor", .integer(2)),
        ])
      ))
    let rotary = try reader.rotary(
      headWidth: 4, trainedLength: 64, for: "sliding_attention",
      .init(base: 500_000, isScaled: false))
    #expect(rotary.base == 7000 && rotary.scaling == .none)
  }

  @Test func `a base that is no base is named`() {
    let reader = reader(("rope_theta", .integer(1)))
    #expect(message { try scaling(reader) }.contains("'rope_theta'"))
  }

  // MARK: Windows

  @Test func `windows that nobody switches on are none`() throws {
    let reader = reader(("sliding_window", .integer(16)))
    #expect(try reader.switchedWindows(count: 2) { _ in true } == [nil, nil])
  }

  @Test func `windows that are switched on are those of the layers that slide`() throws {
    let reader = reader(("sliding_window", .integer(16)), ("use_sliding_window", .bool(true)))
    #expect(try reader.switchedWindows(count: 3) { $0 % 2 == 0 } == [16, nil, 16])
  }

  /// Another kind of scaling than the test is about.
  private struct Mismatch: Error {}
}
