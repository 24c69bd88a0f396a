package import Numerics

/// RoBERTa (arXiv:1907.11692) with its masked-token head: learned positions, attention both ways, a layer norm
/// after every addition.
///
/// Tensor names and arithmetic are those of Hugging Face transformers. Prompts are packed, so there is no padding
/// to be masked.
package struct RoBERTa: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [Layer]
  package let head: Head
  private let configuration: Configuration
  private let wordEmbedding: LinearLayer
  private let positionEmbedding: LinearLayer
  /// The row of the only token type that prompts have.
  private let typeEmbedding: [Float]
  private let embeddingNorm: Norm
  private let headDense: LinearLayer
  private let headNorm: Norm

  package struct Layer: LayerSites {
    package var attention: AttentionWeights
    let attentionNorm: Norm
    package var mlp: MLPWeights
    let mlpNorm: Norm
  }

  package init(_ checkpoint: Checkpoint) throws {
    let configuration = try Configuration(checkpoint.configuration())
    let (width, mlpWidth) = (configuration.width, configuration.mlpWidth)
    let vocabulary = configuration.vocabularySize
    let epsilon = configuration.normEpsilon

    func square(_ scope: WeightScope, _ name: String) throws -> LinearLayer {
      try scope.linear(name, rows: width, columns: width, hasBias: true)
    }

    let weights = WeightScope(checkpoint)
    let embeddings = weights["roberta"]["embeddings"]
    wordEmbedding = try embeddings.linear("word_embeddings", rows: vocabulary, columns: width)
    positionEmbedding = try embeddings.linear(
      "position_embeddings", rows: configuration.positionCount, columns: width)
    typeEmbedding = try embeddings.linear(
      "token_type_embeddings", rows: configuration.tokenTypeCount, columns: width
    ).weight.gathering([0]).values
    embeddingNorm = try embeddings.layerNorm("LayerNorm", width: width, epsilon: epsilon)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = weights["roberta"]["encoder"]["layer"]["\(index)"]
      let attention = layer["attention"]
      return Layer(
        attention: AttentionWeights(
          query: try square(attention["self"], "query"), key: try square(attention["self"], "key"),
          value: try square(attention["self"], "value"),
          output: try square(attention["output"], "dense")),
        attentionNorm: try attention["output"].layerNorm(
          "LayerNorm", width: width, epsilon: epsilon),
        mlp: MLPWeights(
          input: try layer["intermediate"].linear(
            "dense", rows: mlpWidth, columns: width, hasBias: true),
          output: try layer["output"].linear(
            "dense", rows: width, columns: mlpWidth, hasBias: true)),
        mlpNorm: try layer["output"].layerNorm("LayerNorm", width: width, epsilon: epsilon))
    }
    let ending = weights["lm_head"]
    headDense = try square(ending, "dense")
    headNorm = try ending.layerNorm("layer_norm", width: width, epsilon: epsilon)
    let decoder =
      configuration.isTied
      ? wordEmbedding : try ending.linear("decoder", rows: vocabulary, columns: width)
    head = Head(
      decoder.biased(
        by: try ending.vector(ending.contains("bias") ? "bias" : "decoder.bias", count: vocabulary))
    )
    shape = LanguageModelShape(
      vocabularySize: vocabulary, contextLength: configuration.contextLength, width: width,
      layerCount: layers.count, keyWidth: width, isMasked: true)
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { [wordEmbedding, positionEmbedding, headDense] }

  /// Word, position and type, summed and normalised.
  ///
  /// Positions count the tokens that are not padding, from `padding + 1`; padding itself has the padding's own.
  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    let padding = configuration.paddingID
    let positions = ids.flatMap { ids in
      var next = padding
      return ids.map { id in
        if id != padding { next += 1 }
        return id == padding ? padding : next
      }
    }
    var sum = wordEmbedding.weight.gathering(ids.flatMap(\.self))
    let position = positionEmbedding.weight.gathering(positions)
    for index in sum.values.indices {
      sum.values[index] += typeEmbedding[index % sum.columns] + position.values[index]
    }
    return embeddingNorm.normalizing(sum)
  }

  /// x ← norm(x + attention x), then x ← norm(x + mlp x).
  package func block(_ layer: Layer, _ pass: inout some BlockOperations) {
    let (query, key, value) = pass.attentionInputs(of: pass.stream, by: layer.attention)
    let attended = pass.attended(query, key, value, by: configuration.attention)
    pass.add(attended, through: layer.attention.output)
    pass.stream = pass.normalized(pass.stream, by: layer.attentionNorm)
    pass.add(pass.inner(pass.stream, of: layer.mlp, .gelu), through: layer.mlp.output)
    pass.stream = pass.normalized(pass.stream, by: layer.mlpNorm)
  }

  package func finish(_ pass: inout some BlockOperations) {
    let transformed = pass.activated(pass.stream, by: headDense, .gelu)
    pass.stream = pass.normalized(transformed, by: headNorm)
  }
}

extension RoBERTa {
  /// The sizes and constants of a RoBERTa, from `config.json`.
  private struct Configuration {
    let vocabularySize: Int
    let width: Int
    let layerCount: Int
    let mlpWidth: Int
    /// `max_position_embeddings`, 514 in the original.
    let positionCount: Int
    let tokenTypeCount: Int
    let normEpsilon: Double
    let paddingID: Int
    /// `tie_word_embeddings`, true when absent.
    let isTied: Bool
    let attention: GroupedAttention

    /// The most tokens of a prompt: positions start after the padding's.
    var contextLength: Int { positionCount - paddingID - 1 }

    init(_ reader: ConfigurationReader) throws {
      try reader.require("hidden_act", oneOf: ["gelu"])
      try reader.require("position_embedding_type", oneOf: ["absolute"])
      vocabularySize = try reader.integer("vocab_size")
      width = try reader.integer("hidden_size")
      layerCount = try reader.integer("num_hidden_layers")
      mlpWidth = try reader.integer("intermediate_size")
      positionCount = try reader.integer("max_position_embeddings")
      tokenTypeCount = try reader.integer("type_vocab_size", default: 2)
      normEpsilon = try reader.number("layer_norm_eps", default: 1e-12)
      paddingID = try reader.integer("pad_token_id", default: 1, least: 0)
      isTied = try reader.bool("tie_word_embeddings", default: true)
      let headCount = try reader.headCount("num_attention_heads", width: width)
      attention = GroupedAttention(
        queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
        visibility: .everything)
      guard positionCount > paddingID + 1 else {
        throw reader.wrong("max_position_embeddings", expected: "more than \(paddingID + 1)")
      }
    }
  }
}
