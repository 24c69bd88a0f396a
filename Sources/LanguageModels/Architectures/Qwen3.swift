internal import Numerics

/// Qwen3 (arXiv:2505.09388) and its mixtures: Llama with a norm over each head of queries and keys.
package struct Qwen3: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let queryNorm: Norm
    let keyNorm: Norm
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: FeedForward
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let isMixture = try reader.string("model_type") == "qwen3_moe"
    let configuration = try DecoderConfiguration(
      reader, isMixture ? Self.mixtureDefaults : Self.denseDefaults)
    rotary = try reader.rotary(configuration)
    let mixture = isMixture ? try MixtureConfiguration(reader, Self.expertDefaults) : nil
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    let count = configuration.layerCount
    // A mixture slides everywhere where it is switched on.
    let windows =
      isMixture
      ? try reader.uniformWindows(
        count: count, default: 4096, isOn: reader.bool("use_sliding_window", default: false))
      : try reader.windowsFromLayer(count: count)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration),
        queryNorm: try attention.norm("q_norm", configuration, width: configuration.headWidth),
        keyNorm: try attention.norm("k_norm", configuration, width: configuration.headWidth),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].feedForward(configuration, mixture, layer: index))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    query = pass.normalized(query, by: layer.queryNorm)
    key = pass.normalized(key, by: layer.keyNorm)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    pass.add(read, through: layer.mlp, configuration.activation)
  }

  private static let denseDefaults = DecoderConfiguration.Defaults(
    vocabularySize: 151_936, width: 4096, layerCount: 32, headCount: 32, keyHeadCount: 32,
    headWidth: 128, mlpWidth: 22_016, trainedLength: 32_768)
  private static let mixtureDefaults = DecoderConfiguration.Defaults(
    vocabularySize: 151_936, width: 2048, layerCount: 24, headCount: 32, keyHeadCount: 4,
    mlpWidth: 6144, trainedLength: 32_768)
  private static let expertDefaults = MixtureConfiguration.Defaults(
    expertCount: 128, chosenCount: 8, expertWidth: 768)
}
