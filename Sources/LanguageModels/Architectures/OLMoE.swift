internal import Numerics

/// OLMoE (arXiv:2409.02060): Llama with experts, and one norm over all heads of the queries and one over the keys'.
package struct OLMoE: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding
  /// `clip_qkv`: queries, keys and values stay within it; nil for no limit.
  private let limit: Float?

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let queryNorm: Norm
    let keyNorm: Norm
    let mlpNorm: Norm
    package var mlp: FeedForward
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 50_304, width: 2048, layerCount: 16, headCount: 16, mlpWidth: 2048,
        epsilon: 1e-5, trainedLength: 4096))
    rotary = try reader.rotary(configuration)
    limit = try reader.optionalNumber("clip_qkv").map { Float($0) }
    let mixture = try MixtureConfiguration(
      reader,
      .init(
        expertCount: 64, chosenCount: 8, expertWidth: 2048, expertWidthKey: "intermediate_size"))
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration),
        queryNorm: try attention.norm("q_norm", configuration, width: configuration.queryWidth),
        keyNorm: try attention.norm("k_norm", configuration, width: configuration.keyWidth),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].feedForward(configuration, mixture, layer: index))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + experts(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    query = pass.normalized(query, by: layer.queryNorm)
    key = pass.normalized(key, by: layer.keyNorm)
    if let limit {
      pass.clamp(&query, to: limit)
      pass.clamp(&key, to: limit)
      pass.clamp(&value, to: limit)
    }
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention())
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    pass.add(read, through: layer.mlp, configuration.activation)
  }
}
