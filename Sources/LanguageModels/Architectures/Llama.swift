internal import Numerics

/// Llama (arXiv:2302.13971): RMS norm, rotary positions, grouped keys, a gated MLP.
///
/// Mistral (arXiv:2310.06825) adds a window to the attention, Qwen2 (arXiv:2407.10671) biases to queries, keys
/// and values. Tensor names and arithmetic are those of Hugging Face transformers.
package struct Llama: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader, Self.defaults(of: reader.string("model_type")))
    rotary = try reader.rotary(configuration)
    let inputsHaveBias: Bool? = try reader.string("model_type") == "qwen2" ? true : nil
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    // Biases are there in Qwen2 and with attention_bias or mlp_bias; where these are absent, the tensors say it.
    layers = try Self.windows(reader, configuration.layerCount).enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration, inputsHaveBias: inputsHaveBias),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }

  /// Sizes have to be there; of the rest the three classes in transformers differ in these.
  private static func defaults(of model: String?) -> DecoderConfiguration.Defaults {
    switch model {
    case "mistral": .init(keyHeadCount: 8, trainedLength: 131_072)
    case "qwen2": .init(keyHeadCount: 32, trainedLength: 32_768)
    default: .init()
    }
  }

  /// Mistral's window holds for every layer; Qwen2's only when it is switched on, from a layer upwards.
  private static func windows(_ reader: ConfigurationReader, _ count: Int) throws -> [Int?] {
    switch try reader.string("model_type") {
    case "qwen2": try reader.windowsFromLayer(count: count)
    // transformers reads a Mistral with layer_types as a Ministral, which obeys them.
    case "mistral": try reader.windows(count: count, default: 4096) { _ in true }
    default: Array(repeating: nil, count: count)
    }
  }
}
