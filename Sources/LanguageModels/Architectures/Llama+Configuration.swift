public import LaserOps
internal import Foundation

extension Llama {
  /// The sizes and constants of a Llama, from `config.json` or the metadata of a GGUF file.
  public struct Configuration: Sendable, Equatable {
    /// `vocab_size`.
    public let vocabularySize: Int
    /// `hidden_size`.
    public let width: Int
    /// `num_hidden_layers`.
    public let layerCount: Int
    /// `num_attention_heads`.
    public let headCount: Int
    /// `num_key_value_heads`, as many as query heads when absent.
    public let keyHeadCount: Int
    /// `head_dim`, the width divided by the heads when absent.
    public let headWidth: Int
    /// `intermediate_size`.
    public let mlpWidth: Int
    /// `rms_norm_eps`.
    public let normEpsilon: Double
    /// `max_position_embeddings`.
    public let trainedLength: Int
    /// `rope_theta` and the scaling, as `rope_parameters` or `rope_scaling` has it.
    public let rotary: RotaryEmbedding
    /// `tie_word_embeddings`: whether the embedding serves as the head.
    public let isTied: Bool
    /// Every layer's attention window, nil where it sees all earlier tokens.
    public let windows: [Int?]

    /// The most tokens of one sequence: the trained length, times the factor of a scaling that extends it.
    public var contextLength: Int {
      switch rotary.scaling {
      // transformers leaves max_position_embeddings at the trained length for these two.
      case .linear(let factor), .dynamic(let factor, _):
        max(trainedLength, Int(min(Double(trainedLength) * factor, 1e9)))
      case .none, .llama3: trainedLength
      }
    }

    init(_ checkpoint: Checkpoint) throws {
      switch checkpoint.source {
      case .folder(let url, _):
        let file = url.appendingPathComponent("config.json")
        try self.init(
          ConfigurationReader(try JSONValue(contentsOf: file), file: file.path))
      case .gguf(let file):
        try self.init(
          file.metadata, vocabularySize: try file.tensor("token_embd.weight").shape.first ?? 0,
          isTied: file.tensors["output.weight"] == nil,
          rotaryDivisors: file.tensors[RotaryDivisors.tensor])
      }
    }
  }
}

// MARK: - config.json

extension Llama.Configuration {
  private init(_ reader: ConfigurationReader) throws {
    try reader.require("hidden_act", oneOf: ["silu"])
    vocabularySize = try reader.integer("vocab_size")
    width = try reader.integer("hidden_size")
    layerCount = try reader.integer("num_hidden_layers")
    headCount = try reader.integer("num_attention_heads")
    keyHeadCount = try reader.integer("num_key_value_heads", default: headCount)
    headWidth = try reader.integer("head_dim", default: max(1, width / headCount))
    mlpWidth = try reader.integer("intermediate_size")
    normEpsilon = try reader.number("rms_norm_eps", default: 1e-6)
    let isQwen = try reader.string("model_type") == "qwen2"
    isTied = try reader.bool("tie_word_embeddings", default: false)
    guard headCount % keyHeadCount == 0 else {
      throw reader.wrong("num_key_value_heads", expected: "a divisor of the \(headCount) heads")
    }
    guard headWidth % 2 == 0 else {
      throw reader.wrong("head_dim", expected: "an even number, for rotary pairs")
    }
    trainedLength = try reader.integer("max_position_embeddings", default: 2048)
    let rope = try Self.rope(reader, trainedLength: trainedLength)
    rotary = RotaryEmbedding(
      width: headWidth, base: rope.base, pairing: .halves, scaling: rope.scaling)
    windows = try Self.windows(reader, layerCount: layerCount, isQwen: isQwen)
  }

  /// transformers 5 writes `rope_parameters`, 4 wrote `rope_theta` and `rope_scaling`.
  private static func rope(
    _ reader: ConfigurationReader, trainedLength: Int
  ) throws -> (base: Double, scaling: RotaryEmbedding.Scaling) {
    let parameters = try reader.object("rope_parameters")
    let outerBase = try reader.number("rope_theta", default: 10_000)
    let base = try parameters?.number("rope_theta", default: outerBase) ?? outerBase
    guard let scaling = try parameters ?? reader.object("rope_scaling") else {
      return (base, .none)
    }
    let kind = try scaling.string("rope_type") ?? scaling.string("type") ?? "default"
    switch kind {
    case "default": return (base, .none)
    case "linear": return (base, .linear(factor: try scaling.number("factor")))
    case "dynamic":
      return (
        base, .dynamic(factor: try scaling.number("factor"), trainedLength: trainedLength)
      )
    case "llama3":
      return (
        base,
        .llama3(
          factor: try scaling.number("factor"), lowFactor: try scaling.number("low_freq_factor"),
          highFactor: try scaling.number("high_freq_factor"),
          trainedLength: try scaling.integer("original_max_position_embeddings"))
      )
    default:
      throw scaling.wrong("rope_type", expected: "default, linear, dynamic or llama3")
    }
  }

  /// Mistral's window holds for every layer; Qwen2's only when it is switched on, from a layer upwards.
  private static func windows(
    _ reader: ConfigurationReader, layerCount: Int, isQwen: Bool
  ) throws -> [Int?] {
    let isOn = try reader.bool("use_sliding_window", default: !isQwen)
    guard isOn, try reader.string("model_type") != "llama" else {
      return Array(repeating: nil, count: layerCount)
    }
    let window = try reader.integer("sliding_window", default: 0)
    guard window > 0 else { return Array(repeating: nil, count: layerCount) }
    if let types = try reader.strings("layer_types"), types.count == layerCount {
      return types.map { $0 == "sliding_attention" ? window : nil }
    }
    let first = isQwen ? try reader.integer("max_window_layers", default: 28, least: 0) : 0
    return (0..<layerCount).map { $0 >= first ? window : nil }
  }
}

// MARK: - GGUF

extension Llama.Configuration {
  private init(
    _ metadata: GGUFMetadata, vocabularySize: Int, isTied: Bool, rotaryDivisors: StoredTensor?
  ) throws {
    let architecture = try metadata.string("general.architecture")

    func integer(_ key: String, default fallback: Int? = nil) throws -> Int {
      let key = "\(architecture).\(key)"
      if let fallback, !metadata.contains(key) { return fallback }
      let value = try metadata.integer(key)
      guard value > 0, value <= 1 << 20 else {
        throw CheckpointError.wrongMetadata(
          key: key, file: metadata.file, expected: "an integer from 1 to \(1 << 20)",
          found: "\(value)")
      }
      return value
    }

    self.vocabularySize = vocabularySize
    self.isTied = isTied
    width = try integer("embedding_length")
    layerCount = try integer("block_count")
    headCount = try integer("attention.head_count")
    keyHeadCount = try integer("attention.head_count_kv", default: headCount)
    headWidth = try integer("attention.key_length", default: max(1, width / headCount))
    mlpWidth = try integer("feed_forward_length")
    trainedLength = try integer("context_length")
    let epsilonKey = "\(architecture).attention.layer_norm_rms_epsilon"
    normEpsilon = try metadata.number(epsilonKey)
    guard normEpsilon > 0 else {
      throw CheckpointError.wrongMetadata(
        key: epsilonKey, file: metadata.file, expected: "a positive number",
        found: "\(normEpsilon)")
    }
    guard headCount % keyHeadCount == 0, headWidth % 2 == 0 else {
      throw CheckpointError.wrongMetadata(
        key: "\(architecture).attention.head_count_kv", file: metadata.file,
        expected: "a divisor of the \(headCount) heads, and heads of even width",
        found: "\(keyHeadCount), with heads of \(headWidth)")
    }
    windows = Array(repeating: nil, count: layerCount)
    let plain = RotaryEmbedding(
      width: headWidth, base: try Self.base(metadata, architecture), pairing: .halves,
      scaling: try Self.scaling(metadata, architecture))
    rotary = try rotaryDivisors.map { try Self.scaled(plain, $0, file: metadata.file) } ?? plain
  }

  private static func scaled(
    _ rotary: RotaryEmbedding, _ tensor: StoredTensor, file: String
  ) throws -> RotaryEmbedding {
    let divisors = try tensor.vector(count: rotary.width / 2)
    guard rotary.scaling == .none, let scaling = RotaryDivisors.scaling(divisors, of: rotary) else {
      throw CheckpointError.wrongMetadata(
        key: RotaryDivisors.tensor, file: file,
        expected: "the divisors of Llama 3.1's scaling and no other scaling (for others use the "
          + "model's Hugging Face folder)", found: "\(divisors)")
    }
    return RotaryEmbedding(
      width: rotary.width, base: rotary.base, pairing: rotary.pairing, scaling: scaling)
  }

  private static func base(_ metadata: GGUFMetadata, _ architecture: String) throws -> Double {
    let key = "\(architecture).rope.freq_base"
    let base = metadata.contains(key) ? try metadata.number(key) : 10_000
    guard base > 0, base.isFinite else {
      throw CheckpointError.wrongMetadata(
        key: key, file: metadata.file, expected: "a positive number", found: "\(base)")
    }
    return base
  }

  private static func scaling(
    _ metadata: GGUFMetadata, _ architecture: String
  ) throws -> RotaryEmbedding.Scaling {
    let key = "\(architecture).rope.scaling.type"
    let kind = metadata.contains(key) ? try metadata.string(key) : "none"
    switch kind {
    case "none": return .none
    case "linear":
      return .linear(factor: try metadata.number("\(architecture).rope.scaling.factor"))
    default:
      throw CheckpointError.wrongMetadata(
        key: key, file: metadata.file, expected: "none or linear", found: kind)
    }
  }
}
