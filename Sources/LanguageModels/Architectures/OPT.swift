package import Numerics

/// OPT (arXiv:2205.01068): learned positions from the third row of their table, layer norms before each branch, or after
/// each addition in the model of 350M, whose embeddings are narrower than its stream.
package struct OPT: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let tokenEmbedding: LinearLayer
  private let positionEmbedding: LinearLayer
  /// Between the embedding's width and the stream's; nil where they are one.
  private let projections: (input: LinearLayer, output: LinearLayer)?
  private let finalNorm: Norm?
  private let wiring: GroupedAttention
  private let activation: Activation
  /// `do_layer_norm_before`.
  private let normsComeFirst: Bool

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let vocabulary = try reader.integer("vocab_size", default: 50_272)
    let length = try reader.integer("max_position_embeddings", default: 2048)
    let width = try reader.integer("hidden_size", default: 768)
    let embeddingWidth = try reader.integer("word_embed_proj_dim", default: width)
    let layerCount = try reader.integer("num_hidden_layers", default: 12)
    let headCount = try reader.headCount(["num_attention_heads"], width: width, default: 12)
    let inner = try reader.integer("ffn_dim", default: 3072)
    let hasBias = try reader.bool("enable_bias", default: true)
    let hasScales = try reader.bool("layer_norm_elementwise_affine", default: true)
    let normsComeFirst = try reader.bool("do_layer_norm_before", default: true)
    let hasFinalNorm =
      try normsComeFirst && !reader.bool("_remove_final_layer_norm", default: false)
    activation = try reader.activation("activation_function", default: "relu")
    wiring = GroupedAttention(
      queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
      visibility: .causal(window: nil))

    let weights = WeightScope(checkpoint)
    let model = weights.scope(["model.decoder", "decoder"], having: "embed_tokens.weight")
    tokenEmbedding = try model.linear("embed_tokens", rows: vocabulary, columns: embeddingWidth)
    positionEmbedding = try model.linear(
      "embed_positions", rows: length + Self.firstPosition, columns: width)
    projections =
      embeddingWidth == width
      ? nil
      : (
        try model.linear("project_in", rows: width, columns: embeddingWidth),
        try model.linear("project_out", rows: embeddingWidth, columns: width)
      )
    func norm(_ scope: WeightScope, _ name: String) throws -> Norm {
      guard hasScales else {
        return Norm(.layer, scale: Array(repeating: 1, count: width), epsilon: 1e-5)
      }
      return try scope.layerNorm(name, width: width, epsilon: 1e-5)
    }
    layers = try (0..<layerCount).map { index in
      let layer = model["layers"]["\(index)"]
      func square(_ name: String) throws -> LinearLayer {
        try layer["self_attn"].linear(name, rows: width, columns: width, hasBias: hasBias)
      }
      return Layer(
        attentionNorm: try norm(layer, "self_attn_layer_norm"),
        attention: AttentionWeights(
          query: try square("q_proj"), key: try square("k_proj"), value: try square("v_proj"),
          output: try square("out_proj")),
        mlpNorm: try norm(layer, "final_layer_norm"),
        mlp: MLPWeights(
          input: try layer.linear("fc1", rows: inner, columns: width, hasBias: hasBias),
          output: try layer.linear("fc2", rows: width, columns: inner, hasBias: hasBias)))
    }
    finalNorm = hasFinalNorm ? try norm(model, "final_layer_norm") : nil
    let isTied = try reader.bool("tie_word_embeddings", default: true)
    head = Head(try weights.head("lm_head", tiedTo: tokenEmbedding, if: isTied))
    shape = LanguageModelShape(
      vocabularySize: vocabulary, contextLength: length, width: width, layerCount: layerCount,
      keyWidth: width)
    self.normsComeFirst = normsComeFirst
    self.checkpoint = checkpoint
  }

  /// The row of the first position: the table begins with two that fairseq kept for padding.
  private static let firstPosition = 2

  package var tables: [LinearLayer] {
    [tokenEmbedding, positionEmbedding] + (projections.map { [$0.input, $0.output] } ?? [])
  }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    let positions = sequences.positions.map { $0 + Self.firstPosition }
    return tokenEmbeddings(of: ids.flatMap(\.self))
      + positionEmbedding.weight.gathering(positions)
  }

  package func tokenEmbeddings(of ids: [Int]) -> Matrix {
    let tokens = tokenEmbedding.weight.gathering(ids)
    return projections.map { $0.input.projection.product(tokens) } ?? tokens
  }

  /// x + attention(norm x), then x + mlp(norm x); or norm(x + attention x), then norm(x + mlp x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    var read = pass.stream
    if normsComeFirst { read = pass.normalized(read, by: layer.attentionNorm) }
    let (query, key, value) = pass.attentionInputs(of: read, by: layer.attention)
    pass.add(pass.attended(query, key, value, by: wiring), through: layer.attention.output)
    if !normsComeFirst { pass.stream = pass.normalized(pass.stream, by: layer.attentionNorm) }

    read = pass.stream
    if normsComeFirst { read = pass.normalized(read, by: layer.mlpNorm) }
    pass.add(pass.inner(read, of: layer.mlp, activation), through: layer.mlp.output)
    if !normsComeFirst { pass.stream = pass.normalized(pass.stream, by: layer.mlpNorm) }
  }

  package func finish(_ pass: inout some BlockOperations) {
    if let finalNorm { pass.stream = pass.normalized(pass.stream, by: finalNorm) }
    if let output = projections?.output { pass.stream = pass.product(pass.stream, by: output) }
  }
}

extension Projection {
  /// `W rows + b`, on one thread.
  fileprivate func product(_ rows: Matrix) -> Matrix {
    Activations.matrix(rows: rows.rows, columns: weight.rows) {
      apply(to: Activations(rows), into: $0, using: Workers(count: 1))
    }
  }
}
