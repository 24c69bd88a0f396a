internal import Numerics

/// Gemma (arXiv:2403.08295): Llama with the tanh form of GELU as the gate, embeddings times √width, and norms whose
/// scales are stored less by one.
package struct Gemma: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    // "gelu" in the official files means the tanh form. transformers reads no hidden_activation, which names it too.
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 256_000, width: 3072, layerCount: 28, headCount: 16, keyHeadCount: 16,
        headWidth: 256, mlpWidth: 24_576, norm: .rootMeanSquare(offset: 1), trainedLength: 8192,
        isTied: true, activationKey: "hidden_activation", activation: "gelu_pytorch_tanh"))
    try reader.require("hidden_act", oneOf: ["gelu", "gelu_pytorch_tanh"])
    try reader.require("hidden_activation", oneOf: ["gelu_pytorch_tanh"])
    try reader.refuse(
      "use_bidirectional_attention", because: "only models that predict the next token are known")
    rotary = try reader.rotary(configuration)
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      embeddingScale: Double(configuration.width).squareRoot())
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

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention())
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }
}
