package import Numerics

/// GPT-2 (Radford et al. 2019): learned positions, a layer norm before each branch, weights stored `[inputs × outputs]`.
package struct GPT2: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let tokenEmbedding: LinearLayer
  private let positionEmbedding: LinearLayer
  private let finalNorm: Norm
  private let activation: Activation

  package struct Layer: LayerSites {
    let attentionNorm: Norm
    package var attention: AttentionWeights
    let wiring: GroupedAttention
    let mlpNorm: Norm
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let vocabulary = try reader.integer("vocab_size", default: 50_257)
    let length = try reader.integer(
      ["n_positions", "max_position_embeddings"], default: 1024)
    let width = try reader.integer(["n_embd", "hidden_size"], default: 768)
    let layerCount = try reader.integer(["n_layer", "num_hidden_layers"], default: 12)
    let headCount = try reader.headCount(
      ["n_head", "num_attention_heads"], width: width, default: 12)
    let inner = try reader.integer("n_inner", default: 4 * width)
    let epsilon = try reader.number("layer_norm_epsilon", default: 1e-5)
    let isScaled = try reader.bool("scale_attn_weights", default: true)
    let isScaledByLayer = try reader.bool("scale_attn_by_inverse_layer_idx", default: false)
    activation = try reader.activation("activation_function", default: "gelu_new")

    // The hub's own files have no prefix, fine-tuned ones have it.
    let weights = WeightScope(checkpoint)
    let model = weights.scope(["transformer", ""], having: "wte.weight")
    tokenEmbedding = try model.linear("wte", rows: vocabulary, columns: width)
    positionEmbedding = try model.linear("wpe", rows: length, columns: width)
    layers = try (0..<layerCount).map { index in
      let layer = model["h"]["\(index)"]
      let attention = try layer["attn"].turned("c_attn", inputs: width, outputs: 3 * width)
      let output = try layer["attn"].turned("c_proj", inputs: width, outputs: width)
      let first = try layer["mlp"].turned("c_fc", inputs: width, outputs: inner)
      let last = try layer["mlp"].turned("c_proj", inputs: inner, outputs: width)
      let scale = isScaled ? 1 / Float(width / headCount).squareRoot() : 1
      return Layer(
        attentionNorm: try layer.layerNorm("ln_1", width: width, epsilon: epsilon),
        attention: AttentionWeights(
          query: try attention(.columns(0..<width)),
          key: try attention(.columns(width..<2 * width)),
          value: try attention(.columns(2 * width..<3 * width)),
          output: try output(.columns(0..<width))),
        wiring: GroupedAttention(
          queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
          visibility: .causal(window: nil),
          scale: isScaledByLayer ? scale / Float(index + 1) : scale),
        mlpNorm: try layer.layerNorm("ln_2", width: width, epsilon: epsilon),
        mlp: MLPWeights(
          input: try first(.columns(0..<inner)), output: try last(.columns(0..<width))))
    }
    finalNorm = try model.layerNorm("ln_f", width: width, epsilon: epsilon)
    let isTied = try reader.bool("tie_word_embeddings", default: true)
    head = Head(try weights.head("lm_head", tiedTo: tokenEmbedding, if: isTied))
    shape = LanguageModelShape(
      vocabularySize: vocabulary, contextLength: length, width: width, layerCount: layerCount,
      keyWidth: width)
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { [tokenEmbedding, positionEmbedding] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    tokenEmbeddings(of: ids.flatMap(\.self))
      + positionEmbedding.weight.gathering(sequences.positions)
  }

  package func tokenEmbeddings(of ids: [Int]) -> Matrix { tokenEmbedding.weight.gathering(ids) }

  /// x + attention(norm x), then x + mlp(norm x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.attentionNorm)
    let (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    let attended = pass.attended(query, key, value, by: layer.wiring)
    pass.add(attended, through: layer.attention.output)

    let read = pass.normalized(pass.stream, by: layer.mlpNorm)
    pass.add(pass.inner(read, of: layer.mlp, activation), through: layer.mlp.output)
  }

  package func finish(_ pass: inout some BlockOperations) {
    pass.stream = pass.normalized(pass.stream, by: finalNorm)
  }
}
