internal import Numerics

/// SmolLM3 (Hugging Face, 2025): Llama, every fourth layer of which knows no positions (arXiv:2501.18795).
package struct SmolLM3: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    /// Nil in layers that know no positions.
    let rotary: RotaryEmbedding?
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 128_256, width: 2048, layerCount: 36, headCount: 16, keyHeadCount: 4,
        mlpWidth: 11_008, trainedLength: 32_768, isTied: true))
    let rotary = try reader.rotary(configuration, .init(base: 2_000_000))
    let count = configuration.layerCount
    let turns = try Self.layersWithRotary(reader, count: count)
    // `layer_types` counts in transformers whether windows are switched on or not.
    let isSwitched = try reader.bool("use_sliding_window", default: false)
    let windows = try reader.windows(count: count) { isSwitched && !turns[$0] }
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration),
        rotary: turns[index] ? rotary : nil, wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    if let rotary = layer.rotary {
      pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    }
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }

  /// `no_rope_layers` has a 0 where positions are unknown; absent, every `no_rope_layer_interval`-th layer is so.
  private static func layersWithRotary(
    _ reader: ConfigurationReader, count: Int
  ) throws -> [Bool] {
    guard let marks = try reader.integers("no_rope_layers") else {
      let interval = try reader.integer("no_rope_layer_interval", default: 4)
      return (0..<count).map { ($0 + 1) % interval != 0 }
    }
    guard marks.count == count else {
      throw reader.wrong("no_rope_layers", expected: "a 0 or 1 for each of \(count) layers")
    }
    return marks.map { $0 != 0 }
  }
}
