internal import Numerics

/// OLMo 2 (arXiv:2501.00656) and OLMo 3: norms after attention and MLP instead of before, one norm over all heads of
/// the queries and one over the keys'.
///
/// OLMo 3 adds a window to three layers of four; its scaling of rotary positions is for the others alone.
package struct OLMo: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration

  package struct Layer: LayerSites {
    package var attention: AttentionWeights
    let queryNorm: Norm
    let keyNorm: Norm
    let rotary: RotaryEmbedding
    let wiring: GroupedAttention
    let attentionNorm: Norm
    package var mlp: MLPWeights
    let mlpNorm: Norm
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let isThird = try reader.string("model_type") == "olmo3"
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 50_304, width: 4096, layerCount: 32, headCount: 32, mlpWidth: 11_008,
        epsilon: 1e-5))
    let base = isThird ? 500_000.0 : 10_000
    let rotary = try reader.rotary(
      configuration, for: isThird ? "full_attention" : nil, .init(base: base))
    let sliding =
      isThird
      ? try reader.rotary(
        configuration, for: "sliding_attention", .init(base: base, isScaled: false)) : rotary
    if isThird, case .folder = checkpoint.source,
      try reader.optionalNumber("rope_theta") ?? base != base
    {
      throw reader.wrong(
        "rope_theta",
        expected: "\(base): transformers gives another to the layers without a window alone")
    }
    let windows =
      isThird
      ? try reader.windows(count: configuration.layerCount, default: 4096) { ($0 + 1) % 4 != 0 }
      : Array(repeating: nil, count: configuration.layerCount)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      return Layer(
        attention: try attention.attention(configuration),
        queryNorm: try attention.norm("q_norm", configuration, width: configuration.queryWidth),
        keyNorm: try attention.norm("k_norm", configuration, width: configuration.keyWidth),
        rotary: window == nil ? rotary : sliding, wiring: configuration.attention(window: window),
        attentionNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration),
        mlpNorm: try layer.norm("post_feedforward_layernorm", configuration))
    }
    self.configuration = configuration
  }

  /// x + norm(attention x), then x + norm(mlp x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    var (query, key, value) = pass.attentionInputs(of: pass.stream, by: layer.attention)
    query = pass.normalized(query, by: layer.queryNorm)
    key = pass.normalized(key, by: layer.keyNorm)
    pass.rotate(&query, &key, by: layer.rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    let mixed = pass.product(attended, by: layer.attention.output)
    pass.add(pass.normalized(mixed, by: layer.attentionNorm))

    let inner = pass.inner(pass.stream, of: layer.mlp, configuration.activation)
    pass.add(pass.normalized(pass.product(inner, by: layer.mlp.output), by: layer.mlpNorm))
  }
}
