internal import Numerics

/// GPT-NeoX and Pythia (arXiv:2204.06745, 2304.01373): layer norms, rotary positions on a part of every head, attention
/// and MLP in parallel on norms of their own; queries, keys and values in one tensor, head by head.
package struct GPTNeoX: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding
  /// `use_parallel_residual`.
  private let isParallel: Bool

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
        vocabularySize: 50_432, width: 6144, layerCount: 44, headCount: 64, hasPlainHeads: true,
        mlpWidth: 24_576, norm: .layer(isShiftOptional: false), epsilonKey: "layer_norm_eps",
        epsilon: 1e-5,
        activation: "gelu"))
    rotary = try reader.rotary(
      configuration, .init(baseKey: "rotary_emb_base", share: 0.25, shareKey: "rotary_pct"))
    isParallel = try reader.bool("use_parallel_residual", default: true)
    let hasBias = try reader.bool("attention_bias", default: true)
    let weights = WeightScope(checkpoint)
    let model = weights["gpt_neox"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      names: .init(embedding: "embed_in", norm: "final_layer_norm", head: "embed_out"))
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["attention"].headwiseAttention(
          "query_key_value", output: "dense", configuration, hasBias: hasBias),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].plainMLP(configuration, "dense_h_to_4h", "dense_4h_to_h"))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x) + mlp(norm x), or one after the other; each has a norm of its own.
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let before = pass.stream
    let normalized = pass.normalized(before, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention())
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(isParallel ? before : pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }
}
