package import Numerics

/// Llama (arXiv:2302.13971): RMS norm, rotary positions, grouped keys, a gated MLP.
///
/// Mistral (arXiv:2310.06825) adds a window to the attention, Qwen2 (arXiv:2407.10671) biases to queries, keys
/// and values. Tensor names and arithmetic are those of Hugging Face transformers.
package struct Llama: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let configuration: DecoderConfiguration
  private let rotary: RotaryEmbedding
  private let tokenEmbedding: LinearLayer
  private let finalNorm: Norm

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(reader, .init())
    let rotary = try reader.rotary(configuration)
    let windows = try Self.windows(reader, layerCount: configuration.layerCount)
    let (width, epsilon) = (configuration.width, configuration.normEpsilon)
    let weights = WeightScope(checkpoint)
    tokenEmbedding = try weights["model"].linear(
      "embed_tokens", rows: configuration.vocabularySize, columns: width)
    // Biases are there in Qwen2 and with attention_bias or mlp_bias: the tensors say it best.
    layers = try windows.enumerated().map { index, window in
      let layer = weights["model"]["layers"]["\(index)"]
      return Layer(
        attentionNorm: try layer.rmsNorm("input_layernorm", width: width, epsilon: epsilon),
        attention: try layer["self_attn"].attention(configuration),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.rmsNorm("post_attention_layernorm", width: width, epsilon: epsilon),
        mlp: try layer["mlp"].gatedMLP(width: width, inner: configuration.mlpWidth))
    }
    finalNorm = try weights["model"].rmsNorm("norm", width: width, epsilon: epsilon)
    head = Head(try weights.head(configuration, tiedTo: tokenEmbedding))
    shape = configuration.shape(rotary: rotary)
    self.rotary = rotary
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { [tokenEmbedding] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    tokenEmbedding.weight.gathering(ids.flatMap(\.self))
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let inner = pass.inner(
      pass.normalized(pass.stream, by: layer.mlpNorm), of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }

  package func finish(_ pass: inout some BlockOperations) {
    pass.stream = pass.normalized(pass.stream, by: finalNorm)
  }

  /// Mistral's window holds for every layer; Qwen2's only when it is switched on, from a layer upwards.
  private static func windows(
    _ reader: ConfigurationReader, layerCount: Int
  ) throws -> [Int?] {
    switch try reader.string("model_type") {
    case "qwen2": try reader.windowsFromLayer(count: layerCount)
    case "mistral": try reader.windows(count: layerCount) { _ in true }
    default: Array(repeating: nil, count: layerCount)
    }
  }
}
