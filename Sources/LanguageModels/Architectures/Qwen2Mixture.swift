internal import Numerics

/// Qwen2-MoE (arXiv:2407.10671 §2.2.2): Qwen2 with small experts, and one that every token takes a share of.
///
/// The shared expert is no site: `Uin:3:0.1` cuts those that tokens choose from.
package struct Qwen2Mixture: Decoder {
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
        vocabularySize: 151_936, width: 2048, layerCount: 24, headCount: 16, keyHeadCount: 16,
        mlpWidth: 5632, trainedLength: 32_768))
    rotary = try reader.rotary(configuration)
    let mixture = try MixtureConfiguration(
      reader, .init(expertCount: 60, chosenCount: 4, expertWidth: 1408, sharedWidth: 5632))
    let inputsHaveBias = try reader.bool("qkv_bias", default: true)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    // Unlike Qwen2's: every other layer, and those below `max_window_layers`.
    let first = try reader.integer("max_window_layers", default: 28, least: 0)
    let windows = try reader.switchedWindows(count: configuration.layerCount) {
      $0 % 2 == 0 && $0 < first
    }
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration, inputsHaveBias: inputsHaveBias),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].feedForward(configuration, mixture, layer: index))
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
