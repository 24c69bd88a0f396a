internal import Numerics

/// StableLM (arXiv:2402.17834): Llama with layer norms, rotary positions on a part of every head, and in some models
/// attention and MLP in parallel on one norm.
package struct StableLM: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    /// One for every head of the queries, and of the keys; nil without `qk_layernorm`.
    let headNorms: (query: Norm, key: Norm)?
    /// Nil with `use_parallel_residual`.
    let mlpNorm: Norm?
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 50_304, width: 2560, layerCount: 32, headCount: 32, keyHeadCount: 32,
        mlpWidth: 6912, norm: .layer(isShiftOptional: false), epsilonKey: "layer_norm_eps",
        epsilon: 1e-5, trainedLength: 4096))
    rotary = try reader.rotary(configuration, .init(share: 0.25, shareKey: "partial_rotary_factor"))
    let hasHeadNorms = try reader.bool("qk_layernorm", default: false)
    let inputsHaveBias = try reader.optionalBool("use_qkv_bias")
    let isParallel = try reader.bool("use_parallel_residual", default: false)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration, inputsHaveBias: inputsHaveBias),
        headNorms: hasHeadNorms
          ? (
            try attention.headNorms("q_layernorm", configuration, count: configuration.headCount),
            try attention.headNorms("k_layernorm", configuration, count: configuration.keyHeadCount)
          ) : nil,
        mlpNorm: isParallel ? nil : try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + mlp(norm x); or both added to x, of one norm.
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    if let norms = layer.headNorms {
      query = pass.normalized(query, by: norms.query)
      key = pass.normalized(key, by: norms.key)
    }
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention())
    pass.add(attended, through: layer.attention.output)

    let read = layer.mlpNorm.map { pass.normalized(pass.stream, by: $0) } ?? normalized
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }
}

extension WeightScope {
  /// The norms of all heads, `NAME.norms.{head}.weight`.
  fileprivate func headNorms(
    _ name: String, _ configuration: DecoderConfiguration, count: Int
  ) throws -> Norm {
    let norms = self[name]["norms"]
    let scales = try (0..<count).flatMap {
      try norms.vector("\($0).weight", count: configuration.headWidth)
    }
    return Norm(
      .layer, scale: scales, epsilon: configuration.normEpsilon, width: configuration.headWidth)
  }
}
