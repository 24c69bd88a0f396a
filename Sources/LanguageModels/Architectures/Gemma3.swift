internal import Numerics

/// Gemma 3 (arXiv:2503.19786), the text model, also where it lies within one that sees pictures: Gemma 2 with norms over
/// each head of queries and keys instead of caps, five layers with a window to one without, and rotary positions of
/// their own for the two.
package struct Gemma3: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let configuration: DecoderConfiguration

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let queryNorm: Norm
    let keyNorm: Norm
    let rotary: RotaryEmbedding
    let wiring: GroupedAttention
    let attendedNorm: Norm
    let mlpNorm: Norm
    package var mlp: MLPWeights
    let mixedNorm: Norm
  }

  package init(_ checkpoint: Checkpoint) throws {
    let outer = try checkpoint.configuration()
    let reader = try outer.object("text_config") ?? outer
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 262_208, width: 2304, layerCount: 26, headCount: 8, keyHeadCount: 4,
        headWidth: 256, mlpWidth: 9216, norm: .rootMeanSquare(offset: 1), trainedLength: 131_072,
        isTied: try outer.bool("tie_word_embeddings", default: true),
        activationKey: "hidden_activation", activation: "gelu_pytorch_tanh"))
    try reader.refuse(
      "use_bidirectional_attention", because: "only models that predict the next token are known")
    let rotary = try reader.rotary(configuration, for: "full_attention", .init(base: 1_000_000))
    let sliding = try reader.rotary(
      configuration, for: "sliding_attention",
      .init(baseKey: "rope_local_base_freq", isScaled: false))
    let pattern =
      try reader.optionalInteger("sliding_window_pattern")
      ?? reader.integer("_sliding_window_pattern", default: 6)
    let windows = try reader.windows(count: configuration.layerCount, default: 4096) {
      ($0 + 1) % pattern != 0
    }
    let scale = 1 / (try reader.number("query_pre_attn_scalar", default: 256)).squareRoot()
    let cap = try reader.optionalNumber("attn_logit_softcapping")
    // Files of GGUF say it for llama.cpp; transformers reads the key, and caps no scores.
    if case .folder = checkpoint.source, cap != nil {
      throw reader.wrong(
        "attn_logit_softcapping", expected: "null: transformers caps no scores of Gemma 3")
    }
    let all = WeightScope(checkpoint)
    let weights = all.scope(
      ["", "language_model", "model.language_model"], having: "model.embed_tokens.weight")
    let model = all.scope(
      ["model", "language_model.model", "model.language_model"], having: "embed_tokens.weight")
    frame = try DecoderFrame(
      weights, inner: model, configuration, rotary: rotary,
      embeddingScale: Double(configuration.width).squareRoot(),
      softCap: try reader.optionalNumber("final_logit_softcapping"))
    layers = try windows.enumerated().map { index, window in
      let layer = model["layers"]["\(index)"]
      let attention = layer["self_attn"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try attention.attention(configuration),
        queryNorm: try attention.norm("q_norm", configuration, width: configuration.headWidth),
        keyNorm: try attention.norm("k_norm", configuration, width: configuration.headWidth),
        rotary: window == nil ? rotary : sliding,
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
    query = pass.normalized(query, by: layer.queryNorm)
    key = pass.normalized(key, by: layer.keyNorm)
    pass.rotate(&query, &key, by: layer.rotary, headWidth: configuration.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    let output = pass.product(attended, by: layer.attention.output)
    pass.add(pass.normalized(output, by: layer.attendedNorm))

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(pass.normalized(pass.product(inner, by: layer.mlp.output), by: layer.mixedNorm))
  }
}
