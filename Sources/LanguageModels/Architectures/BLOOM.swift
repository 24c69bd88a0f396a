internal import Foundation
package import Numerics

/// BLOOM (arXiv:2211.05100): layer norms, also over the embeddings, no positions but a slope on the scores (ALiBi);
/// queries, keys and values in one tensor, head by head.
package struct BLOOM: Decoder {
  package let frame: DecoderFrame
  package var layers: [Layer]
  private let embeddingNorm: Norm
  private let attention: GroupedAttention
  /// `apply_residual_connection_post_layernorm`: a branch is added to what it read.
  private let addsToNormalized: Bool

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let width = try reader.integer(["hidden_size", "n_embed"], default: 64)
    // Slopes go on for ever: the model takes texts longer than those of its training.
    let configuration = try DecoderConfiguration(
      reader,
      .init(
        vocabularySize: 250_880, width: width,
        layerCount: try reader.integer(["n_layer", "num_hidden_layers"], default: 2),
        headCount: 8, headCountKeys: ["n_head", "num_attention_heads"], hasPlainHeads: true,
        mlpWidth: 4 * width, norm: .layer(isShiftOptional: false),
        epsilonKey: "layer_norm_epsilon", epsilon: 1e-5, trainedLength: 1 << 17, isTied: true,
        activation: "gelu_new"))
    let headCount = configuration.headCount
    attention = GroupedAttention(
      queryHeads: headCount, keyHeads: headCount, headWidth: configuration.headWidth,
      visibility: .causal(window: nil), slopes: Self.slopes(headCount))
    addsToNormalized = try reader.bool(
      "apply_residual_connection_post_layernorm", default: false)
    let weights = WeightScope(checkpoint)
    let model = weights.scope(["transformer", ""], having: "word_embeddings.weight")
    frame = try DecoderFrame(
      weights, inner: model, configuration,
      names: .init(embedding: "word_embeddings", norm: "ln_f"))
    embeddingNorm = try model.norm("word_embeddings_layernorm", configuration)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = model["h"]["\(index)"]
      let attention = layer["self_attention"]
      return Layer(
        attentionNorm: try layer.norm("input_layernorm", configuration),
        attention: try attention.headwiseAttention(
          "query_key_value", output: "dense", configuration, hasBias: true),
        mlpNorm: try layer.norm("post_attention_layernorm", configuration),
        mlp: try layer["mlp"].plainMLP(configuration, "dense_h_to_4h", "dense_4h_to_h"))
    }
  }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    embeddingNorm.normalizing(frame.tokenEmbedding.weight.gathering(ids.flatMap(\.self)))
  }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    if addsToNormalized { pass.stream = normalized }
    let (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    let attended = pass.attended(query, key, value, by: attention)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    if addsToNormalized { pass.stream = read }
    pass.add(pass.inner(read, of: layer.mlp, .tanhGELU), through: layer.mlp.output)
  }

  /// What a head adds for each position (arXiv:2108.12409 §3): powers of 2^(-8/P) for the largest power of two P that
  /// is no more than the heads, and every other power of its root for the rest.
  static func slopes(_ headCount: Int) -> [Float] {
    var power = 1
    while power * 2 <= headCount { power *= 2 }
    return (0..<headCount).map { head in
      let exponent =
        head < power
        ? 8 * Float(head + 1) / Float(power) : 4 * Float(2 * (head - power) + 1) / Float(power)
      return exp2(-exponent)
    }
  }
}
