package import Numerics

/// GPT-J (Wang and Komatsuzaki 2021): attention and MLP in parallel on one layer norm, rotary positions on a part
/// of every head, neighbouring dimensions paired.
///
/// Tensor names and arithmetic are those of Hugging Face transformers.
package struct GPTJ: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let configuration: Configuration
  private let tokenEmbedding: LinearLayer
  private let finalNorm: Norm

  package struct Layer: LayerSites {
    let norm: Norm
    package var attention: AttentionWeights
    package var mlp: MLPWeights
  }

  package init(_ checkpoint: Checkpoint) throws {
    let configuration = try Configuration(checkpoint.configuration())
    let (width, mlpWidth) = (configuration.width, configuration.mlpWidth)
    let vocabulary = configuration.vocabularySize
    let epsilon = configuration.normEpsilon
    let weights = WeightScope(checkpoint)
    let transformer = weights["transformer"]
    tokenEmbedding = try transformer.linear("wte", rows: vocabulary, columns: width)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = transformer["h"]["\(index)"]
      let (attention, mlp) = (layer["attn"], layer["mlp"])
      return Layer(
        norm: try layer.layerNorm("ln_1", width: width, epsilon: epsilon),
        attention: AttentionWeights(
          query: try attention.linear("q_proj", rows: width, columns: width),
          key: try attention.linear("k_proj", rows: width, columns: width),
          value: try attention.linear("v_proj", rows: width, columns: width),
          output: try attention.linear("out_proj", rows: width, columns: width)),
        mlp: MLPWeights(
          input: try mlp.linear("fc_in", rows: mlpWidth, columns: width, hasBias: true),
          output: try mlp.linear("fc_out", rows: width, columns: mlpWidth, hasBias: true)))
    }
    finalNorm = try transformer.layerNorm("ln_f", width: width, epsilon: epsilon)
    head = Head(
      try weights.head(
        "lm_head", tiedTo: tokenEmbedding, if: configuration.isTied, hasBias: true))
    shape = LanguageModelShape(
      vocabularySize: vocabulary, contextLength: configuration.contextLength, width: width,
      layerCount: layers.count, keyWidth: width)
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { [tokenEmbedding] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    tokenEmbedding.weight.gathering(ids.flatMap(\.self))
  }

  /// x + attention(norm x) + mlp(norm x), both of the same norm.
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let normalized = pass.normalized(pass.stream, by: layer.norm)
    var (query, key, value) = pass.attentionInputs(of: normalized, by: layer.attention)
    pass.rotate(
      &query, &key, by: configuration.rotary, headWidth: configuration.attention.headWidth)
    let attended = pass.attended(query, key, value, by: configuration.attention)
    pass.add(attended, through: layer.attention.output)
    pass.add(pass.inner(normalized, of: layer.mlp, .tanhGELU), through: layer.mlp.output)
  }

  package func finish(_ pass: inout some BlockOperations) {
    pass.stream = pass.normalized(pass.stream, by: finalNorm)
  }
}

extension GPTJ {
  /// The sizes and constants of a GPT-J, from `config.json`.
  private struct Configuration {
    /// `vocab_size`; the original's 50,400 are more than its tokenizer's 50,257.
    let vocabularySize: Int
    let contextLength: Int
    let width: Int
    let layerCount: Int
    /// `n_inner`, four times the width when absent.
    let mlpWidth: Int
    let normEpsilon: Double
    let attention: GroupedAttention
    /// `rotary_dim`, 64 when absent; the whole head when null.
    let rotary: RotaryEmbedding
    let isTied: Bool

    init(_ reader: ConfigurationReader) throws {
      try reader.require("activation_function", oneOf: ["gelu_new"])
      vocabularySize = try reader.integer("vocab_size")
      contextLength = try reader.integer(
        ["n_positions", "max_position_embeddings"], default: 2048)
      width = try reader.integer(["n_embd", "hidden_size"])
      layerCount = try reader.integer(["n_layer", "num_hidden_layers"])
      mlpWidth = try reader.integer("n_inner", default: 4 * width)
      normEpsilon = try reader.number("layer_norm_epsilon", default: 1e-5)
      isTied = try reader.bool("tie_word_embeddings", default: false)
      let headCount = try reader.headCount(["n_head", "num_attention_heads"], width: width)
      attention = GroupedAttention(
        queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
        visibility: .causal(window: nil))
      let rotaryWidth =
        try reader.isAbsent("rotary_dim")
        ? 64 : reader.integer("rotary_dim", default: width / headCount)
      guard rotaryWidth % 2 == 0, rotaryWidth <= width / headCount else {
        throw reader.wrong(
          "rotary_dim", expected: "even and at most a head's \(width / headCount)")
      }
      rotary = RotaryEmbedding(width: rotaryWidth, base: 10_000, pairing: .neighbours)
    }
  }
}
