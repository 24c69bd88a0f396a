internal import Numerics

/// Cohere's Command-R (2024): attention and MLP in parallel on one layer norm without a shift, rotary positions of
/// neighbouring dimensions, logits times a number.
package struct Cohere: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let norm: Norm
    package var attention: AttentionWeights
    /// One for every head of the queries, and of the keys; nil without `use_qk_norm`.
    let headNorms: (query: Norm, key: Norm)?
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 256_000, width: 8192, layerCount: 40, headCount: 64, mlpWidth: 22_528,
        norm: .layer(isShiftOptional: true), epsilonKey: "layer_norm_eps", epsilon: 1e-5,
        trainedLength: 8192, isTied: true))
    rotary = try reader.rotary(configuration, .init(base: 500_000, pairing: .neighbours))
    let hasHeadNorms = try reader.bool("use_qk_norm", default: false)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      headScale: try reader.numberOrNull("logit_scale", default: 0.0625) ?? 1)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      func headNorm(_ name: String, _ count: Int) throws -> Norm {
        let width = configuration.headWidth
        return Norm(
          .layer, scale: try attention.vector("\(name).weight", shape: [count, width]),
          epsilon: configuration.normEpsilon, width: width)
      }
      return Layer(
        norm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration),
        headNorms: hasHeadNorms
          ? (
            try headNorm("q_norm", configuration.headCount),
            try headNorm("k_norm", configuration.keyHeadCount)
          ) : nil,
        mlp: try layer["mlp"].gatedMLP(configuration))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x) + mlp(norm x), both of the same norm.
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.norm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    if let norms = layer.headNorms {
      query = pass.normalized(query, by: norms.query)
      key = pass.normalized(key, by: norms.key)
    }
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention())
    pass.add(attended, through: layer.attention.output)
    let inner = pass.inner(normalized, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }
}
