internal import Numerics

/// Granite (IBM, 2024): Llama whose embeddings, scores, branches and logits are each multiplied with a number.
package struct Granite: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding
  private let attention: GroupedAttention
  /// `residual_multiplier`.
  private let branchScale: Float

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 32_000, width: 4096, layerCount: 32, headCount: 32, mlpWidth: 11_008))
    rotary = try reader.rotary(configuration)
    attention = configuration.attention(
      scale: try reader.number("attention_multiplier", default: 1))
    branchScale = Float(try reader.number("residual_multiplier", default: 1))
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      embeddingScale: try reader.number("embedding_multiplier", default: 1),
      headScale: 1 / (try reader.number("logits_scaling", default: 1)))
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration))
    }
    self.configuration = configuration
  }

  /// x + r · attention(norm x), then x + r · mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: attention)
    pass.add(attended, through: layer.attention.output, times: branchScale)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output, times: branchScale)
  }
}
