internal import Numerics

/// Phi-1, 1.5 and 2 (arXiv:2306.11644, 2309.05463): attention and MLP in parallel on one layer norm, rotary positions on
/// a part of every head, biases everywhere, also in the head.
package struct Phi: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let norm: Norm
    package var attention: AttentionWeights
    /// Over every head of the queries, and of the keys; nil without `qk_layernorm`.
    let headNorms: (query: Norm, key: Norm)?
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 51_200, width: 2048, layerCount: 24, headCount: 32, mlpWidth: 8192,
        norm: .layer(isShiftOptional: false), epsilonKey: "layer_norm_eps", epsilon: 1e-5,
        activation: "gelu_new"))
    rotary = try reader.rotary(configuration, .init(share: 0.5, shareKey: "partial_rotary_factor"))
    let hasHeadNorms = try reader.bool("qk_layernorm", default: false)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      names: .init(norm: "final_layernorm", headHasBias: true))
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      func headNorm(_ name: String) throws -> Norm {
        try attention.norm(name, configuration, width: configuration.headWidth)
      }
      return Layer(
        norm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration, output: "dense", hasBias: true),
        headNorms: hasHeadNorms
          ? (try headNorm("q_layernorm"), try headNorm("k_layernorm")) : nil,
        mlp: try layer["mlp"].plainMLP(configuration, "fc1", "fc2"))
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
