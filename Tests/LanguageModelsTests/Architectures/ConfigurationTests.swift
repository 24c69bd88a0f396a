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

  @Test func `an original length that the class does not read has to be the one that it takes`() {
    let scaling = JSONValue.object([
      ("rope_type", .string("yarn")), ("factor", .integer(2)),
      ("original_max_position_embeddings", .integer(8192)),
    ])
    let key = "original_max_position_embeddings"
    // Phi-3's takes 4096 from the outside, all others the one within.
    #expect(
      message { try self.scaling(reader(("rope_scaling", scaling)), .init(originalLength: 4096)) }
        .contains("'\(key)'"))
    #expect(
      message { try self.scaling(reader(("rope_scaling", scaling), (key, .integer(4096)))) }
        .contains("'\(key)'"))
    #expect(
      message { try self.scaling(reader(("rope_scaling", scaling), (key, .integer(8192)))) }
        == "read")
  }

  private func rotary(
    _ reader: ConfigurationReader, for kind: String? = nil,
    _ defaults: ConfigurationReader.RotaryDefaults = .init()
  ) throws -> RotaryEmbedding {
    try reader.rotary(headWidth: 8, trainedLength: 64, for: kind, defaults)
  }

  private let linear = JSONValue.object([
    ("rope_type", .string("linear")), ("factor", .integer(2)),
  ])

  @Test func `base and share within an old scaling come before those beside it`() throws {
    let scaling = JSONValue.object([
      ("type", .string("linear")), ("factor", .integer(2)), ("rope_theta", .integer(7000)),
      ("partial_rotary_factor", .number(0.5)),
    ])
    let reader = reader(
      ("rope_scaling", scaling), ("rope_theta", .integer(500)),
      ("partial_rotary_factor", .number(0.25)))
    let rotary = try self.rotary(reader, .init(shareKey: "partial_rotary_factor"))
    #expect(rotary.base == 7000 && rotary.width == 4)
  }

  @Test func `a share within an old scaling is refused by a class that turns whole heads`() {
    let scaling = JSONValue.object([
      ("type", .string("default")), ("partial_rotary_factor", .number(0.5)),
    ])
    #expect(
      message { try rotary(reader(("rope_scaling", scaling))) }
        .contains("'partial_rotary_factor'"))
  }

  @Test func `base and share under other families' keys have to be those that are taken`() {
    let defaults = ConfigurationReader.RotaryDefaults(
      baseKey: "rotary_emb_base", share: 0.25, shareKey: "rotary_pct")
    #expect(
      message { try rotary(reader(("rope_theta", .integer(500))), defaults) }
        .contains("'rope_theta'"))
    #expect(
      message { try rotary(reader(("partial_rotary_factor", .number(0.5))), defaults) }
        .contains("'partial_rotary_factor'"))
    let same = reader(
      ("rope_theta", .integer(500)), ("rotary_emb_base", .integer(500)),
      ("partial_rotary_factor", .number(0.5)), ("rotary_pct", .number(0.5)))
    #expect(message { try rotary(same, defaults) } == "read")
  }

  @Test func `an old scaling is for both kinds of layers, unless the class says otherwise`() throws
  {
    let reader = reader(("rope_scaling", linear))
    #expect(try rotary(reader, for: "sliding_attention").scaling == .linear(factor: 2))
    #expect(try rotary(reader, for: "sliding_attention", .init(isScaled: false)).scaling == .none)
  }

  @Test func `a kind of layer of which nothing is said has not what is said of the other`() throws {
    let reader = reader(
      ("rope_parameters", .object([("full_attention", linear), ("rope_theta", .integer(7000))])))
    let rotary = try self.rotary(reader, for: "sliding_attention")
    #expect(rotary.base == 10_000 && rotary.scaling == .none)
  }

  @Test func `what is said of all layers is refused by classes with two kinds`() {
    let reader = reader(("rope_parameters", linear))
    #expect(message { try rotary(reader, for: "full_attention") }.contains("'rope_parameters'"))
  }

  @Test func `an old name of the type is refused by classes with two kinds`() {
    let scaling = JSONValue.object([("type", .string("linear")), ("factor", .integer(2))])
    #expect(
      message { try rotary(reader(("rope_scaling", scaling)), for: "full_attention") }
        .contains("'type'"))
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

  @Test func `one window for all layers holds unless the kinds of layers say otherwise`() throws {
    let window = (key: "sliding_window", value: JSONValue.integer(16))
    #expect(try reader(window).uniformWindows(count: 2) == [16, 16])
    #expect(try reader(window).uniformWindows(count: 2, isOn: false) == [nil, nil])
    let types = JSONValue.array([.string("sliding_attention"), .string("full_attention")])
    #expect(
      message { try reader(window, ("layer_types", types)).uniformWindows(count: 2) }
        .contains("'layer_types'"))
  }

  // MARK: Names

  @Test func `two names of one size have to agree`() throws {
    let keys = ["n_head", "num_attention_heads"]
    #expect(try reader(("num_attention_heads", .integer(4))).integer(keys, default: 12) == 4)
    #expect(
      try reader(("n_head", .integer(4)), ("num_attention_heads", .integer(4))).integer(keys) == 4)
    let message = message {
      try reader(("n_head", .integer(12)), ("num_attention_heads", .integer(4))).integer(keys)
    }
    #expect(message.contains("'num_attention_heads'") && message.contains("12"))
  }

  /// Another kind of scaling than the test is about.
  private struct Mismatch: Error {}
}
