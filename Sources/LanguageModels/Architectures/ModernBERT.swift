package import Numerics

/// ModernBERT (arXiv:2412.13663): a masked model built as decoders are: norms before the branches, rotary positions, a
/// gated MLP, and a window on both sides in two layers of three.
package struct ModernBERT: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let tokenEmbedding: LinearLayer
  private let embeddingNorm: Norm
  private let finalNorm: Norm
  private let headDense: LinearLayer
  private let headActivation: Activation
  private let headNorm: Norm
  private let configuration: DecoderConfiguration

  package struct Layer: LayerSites {
    /// Nil in the first layer.
    let attentionNorm: Norm?
    package var attention: AttentionWeights
    let rotary: RotaryEmbedding
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 50_368, width: 768, layerCount: 22, headCount: 12, hasPlainHeads: true,
        mlpWidth: 1152, norm: .layer(isShiftOptional: true), epsilonKey: "norm_eps", epsilon: 1e-5,
        trainedLength: 8192, isTied: true, activationKey: "hidden_activation",
        activation: "gelu"))
    let (width, inner) = (configuration.width, configuration.mlpWidth)
    let (count, vocabulary) = (configuration.layerCount, configuration.vocabularySize)
    headActivation = try reader.activation("classifier_activation", default: "gelu")
    let reach = try reader.integer("local_attention", default: 128) / 2
    // In transformers a name of the half, which would come before local_attention.
    if let half = try reader.optionalInteger("sliding_window"), half != reach {
      throw reader.wrong("sliding_window", expected: "\(reach), half of 'local_attention'")
    }
    let step = try reader.integer("global_attn_every_n_layers", default: 3)
    let isFull =
      try reader.layerTypes(count: count)?.map { $0 == "full_attention" }
      ?? (0..<count).map { $0 % step == 0 }
    let rotary = try reader.rotary(
      configuration, for: "full_attention", .init(base: 160_000, baseKey: "global_rope_theta"))
    let local = try reader.rotary(
      configuration, for: "sliding_attention", .init(baseKey: "local_rope_theta"))

    // Biases of which the configuration says nothing may be there all the same.
    let hasBias: (attention: Bool?, mlp: Bool?, head: Bool?) = (
      configuration.hasBias.attention, configuration.hasBias.mlp,
      try reader.optionalBool("classifier_bias")
    )
    let weights = WeightScope(checkpoint)
    let model = weights["model"]
    tokenEmbedding = try model["embeddings"].linear(
      "tok_embeddings", rows: vocabulary, columns: width)
    embeddingNorm = try model["embeddings"].norm("norm", configuration)
    layers = try isFull.enumerated().map { index, isFull in
      let layer = model["layers"]["\(index)"]
      let inputs = try layer["attn"].fused(
        "Wqkv", shape: [3 * width, width], hasBias: hasBias.attention)
      let gates = try layer["mlp"].fused(
        "Wi", shape: [2 * inner, width], hasBias: hasBias.mlp)
      return Layer(
        attentionNorm: index == 0 ? nil : try layer.norm("attn_norm", configuration),
        attention: AttentionWeights(
          query: try inputs(.rows(0..<width)), key: try inputs(.rows(width..<2 * width)),
          value: try inputs(.rows(2 * width..<3 * width)),
          output: try layer["attn"].linear(
            "Wo", rows: width, columns: width, hasBias: hasBias.attention)),
        rotary: isFull ? rotary : local,
        wiring: GroupedAttention(
          queryHeads: configuration.headCount, keyHeads: configuration.keyHeadCount,
          headWidth: configuration.headWidth,
          visibility: isFull ? .everything : .around(reach: reach)),
        mlpNorm: try layer.norm("mlp_norm", configuration),
        mlp: MLPWeights(
          input: try gates(.rows(0..<inner)), up: try gates(.rows(inner..<2 * inner)),
          output: try layer["mlp"].linear(
            "Wo", rows: width, columns: inner, hasBias: hasBias.mlp)))
    }
    finalNorm = try model.norm("final_norm", configuration)
    headDense = try weights["head"].linear(
      "dense", rows: width, columns: width, hasBias: hasBias.head)
    headNorm = try weights["head"].norm("norm", configuration)
    head = Head(
      try weights.head(
        "decoder", tiedTo: tokenEmbedding, if: configuration.isTied,
        hasBias: reader.bool("decoder_bias", default: true)))
    shape = LanguageModelShape(
      vocabularySize: vocabulary, contextLength: configuration.trainedLength, width: width,
      layerCount: count, keyWidth: width, isMasked: true)
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { [tokenEmbedding, headDense] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    embeddingNorm.normalizing(tokenEmbedding.weight.gathering(ids.flatMap(\.self)))
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = layer.attentionNorm.map { pass.normalized(pass.stream, by: $0) } ?? pass.stream
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(&query, &key, by: layer.rotary, headWidth: layer.wiring.headWidth)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    let inner = pass.inner(read, of: layer.mlp, configuration.activation)
    pass.add(inner, through: layer.mlp.output)
  }

  package func finish(_ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: finalNorm)
    let transformed = pass.activated(normalized, by: headDense, headActivation)
    pass.stream = pass.normalized(transformed, by: headNorm)
  }
}
