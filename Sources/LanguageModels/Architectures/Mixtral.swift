internal import Numerics

/// Mixtral (arXiv:2401.04088): Mistral with eight MLPs a layer, of which every token is sent to two.
package struct Mixtral: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: FeedForward
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 32_000, width: 4096, layerCount: 32, headCount: 32, keyHeadCount: 8,
        mlpWidth: 14_336, epsilon: 1e-5, trainedLength: 131_072))
    rotary = try reader.rotary(configuration, .init(base: 1_000_000))
    let mixture = try MixtureConfiguration(
      reader,
      .init(
        expertCount: 8, chosenCount: 2, expertWidth: 14_336, expertWidthKey: "intermediate_size",
        isNormalized: true))
    guard mixture.isNormalized else {
      throw reader.wrong("norm_topk_prob", expected: "true, which Mixtral's class always does")
    }
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    let windows = try reader.uniformWindows(count: configuration.layerCount)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer.scope(["block_sparse_moe", "mlp"], having: "gate.weight").feedForward(
          configuration, mixture, layer: index, names: ("w1", "w3", "w2")))
    }
    self.configuration = configuration
  }

  /// x + attention(norm x), then x + experts(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    pass.add(read, through: layer.mlp, configuration.activation)
  }
}
