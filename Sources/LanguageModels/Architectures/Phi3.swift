internal import Numerics

/// Phi-3, 3.5 and 4 (arXiv:2404.14219): Llama with queries, keys and values in one tensor, and gate and up in another.
package struct Phi3: Decoder {
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
        vocabularySize: 32_064, width: 3072, layerCount: 32, headCount: 32, mlpWidth: 8192,
        epsilon: 1e-5, trainedLength: 4096))
    let (width, inner) = (configuration.width, configuration.mlpWidth)
    let (queries, keys) = (configuration.queryWidth, configuration.keyWidth)
    rotary = try reader.rotary(
      configuration, .init(shareKey: "partial_rotary_factor", originalLength: 4096))
    switch rotary.scaling {
    case .none, .longrope: break
    default:
      throw reader.wrong(
        reader.contains("rope_parameters") ? "rope_parameters" : "rope_scaling",
        expected: "longrope or none, which Phi-3 knows")
    }
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    frame = try DecoderFrame(weights, inner: model, configuration, rotary: rotary)
    let windows = try reader.uniformWindows(count: configuration.layerCount)
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      let (attention, mlp) = (layer["self_attn"], layer["mlp"])
      let inputs = try attention.fused("qkv_proj", shape: [queries + 2 * keys, width])
      let gates = try mlp.fused("gate_up_proj", shape: [2 * inner, width])
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: AttentionWeights(
          query: try inputs(.rows(0..<queries)),
          key: try inputs(.rows(queries..<queries + keys)),
          value: try inputs(.rows(queries + keys..<queries + 2 * keys)),
          output: try attention.linear("o_proj", rows: width, columns: queries)),
        wiring: configuration.attention(window: window),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: MLPWeights(
          input: try gates(.rows(0..<inner)), up: try gates(.rows(inner..<2 * inner)),
          output: try mlp.linear("down_proj", rows: width, columns: inner)))
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
