internal import Numerics

/// StarCoder2 (arXiv:2402.19173): layer norms, rotary positions, grouped keys, a plain MLP, biases everywhere.
package struct StarCoder2: Decoder {
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
      reader,
      .init(
        vocabularySize: 49_152, width: 3072, layerCount: 30, headCount: 24, keyHeadCount: 2,
        mlpWidth: 12_288, norm: .layer(isShiftOptional: false), epsilonKey: "norm_epsilon",
        epsilon: 1e-5, trainedLength: 4096, isTied: true, activation: "gelu_pytorch_tanh"))
    rotary = try reader.rotary(configuration)
    let hasBias = try reader.bool("use_bias", default: true)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    let windows = try reader.uniformWindows(count: configuration.layerCount)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration, hasBias: hasBias),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].plainMLP(configuration, "c_fc", "c_proj", hasBias: hasBias))
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
}
