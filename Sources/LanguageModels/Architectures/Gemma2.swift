internal import Numerics

/// Gemma 2 (arXiv:2408.00118): Gemma with a norm before and one after each branch, caps on scores and logits, and a
/// window in every other layer.
package struct Gemma2: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let wiring: GroupedAttention
    let attendedNorm: Norm
    let mlpNorm: Norm
    package var mlp: MLPWeights
    let mixedNorm: Norm
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 256_000, width: 2304, layerCount: 26, headCount: 8, keyHeadCount: 4,
        headWidth: 256, mlpWidth: 9216, norm: .rootMeanSquare(offset: 1), trainedLength: 8192,
        isTied: true, activationKey: "hidden_activation", activation: "gelu_pytorch_tanh"))
    try reader.refuse(
      "use_bidirectional_attention", because: "only models that predict the next token are known")
    rotary = try reader.rotary(configuration)
    let windows = try reader.windows(count: configuration.layerCount, default: 4096) {
      $0 % 2 == 0
    }
    let scale = 1 / (try reader.number("query_pre_attn_scalar", default: 256)).squareRoot()
    let cap = try reader.numberOrNull("attn_logit_softcapping", default: 50)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      embeddingScale: Double(configuration.width).squareRoot(),
      softCap: try reader.numberOrNull("final_logit_softcapping", default: 30))
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try layer["self_attn"].attention(configuration),
        wiring: configuration.attention(window: window, scale: scale, softCap: cap),
        attendedNorm: try layer.norm("post_attention_layernorm", configuration),
        mlpNorm: try layer.norm("pre_feedforward_layernorm", configuration),
        mlp: try layer["mlp"].gatedMLP(configuration),
        mixedNorm: try layer.norm("post_feedforward_layernorm", configuration))
    }
    self.configuration = configuration
  }

  /// x + norm(attention(norm x)), then x + norm(mlp(norm x)).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    let output = pass.product(attended, by: layer.attention.output)
    pass.add(pass.normalized(output, by: layer.attendedNorm))

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(pass.normalized(pass.product(inner, by: layer.mlp.output), by: layer.mixedNorm))
  }
}
