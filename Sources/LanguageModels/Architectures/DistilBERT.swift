package import Numerics

/// DistilBERT (arXiv:1910.01108): half of BERT's layers, without token types, under names of its own.
package struct DistilBERT: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [BERTLayer]
  package let head: Head
  private let embeddings: BERTEmbeddings
  private let wiring: GroupedAttention
  private let activation: Activation
  private let headDense: LinearLayer
  private let headNorm: Norm

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let sizes = try BERTSizes(distilled: reader)
    let (width, inner, epsilon) = (sizes.width, sizes.mlpWidth, sizes.normEpsilon)
    let weights = WeightScope(checkpoint)
    let model = weights.scope(["distilbert", ""], having: "embeddings.word_embeddings.weight")
    embeddings = try BERTEmbeddings(model["embeddings"], sizes, hasTypes: false)
    layers = try (0..<sizes.layerCount).map { index in
      let layer = model["transformer"]["layer"]["\(index)"]
      func square(_ name: String) throws -> LinearLayer {
        try layer["attention"].linear(name, rows: width, columns: width, hasBias: true)
      }
      return BERTLayer(
        attention: AttentionWeights(
          query: try square("q_lin"), key: try square("k_lin"), value: try square("v_lin"),
          output: try square("out_lin")),
        attentionNorm: try layer.layerNorm("sa_layer_norm", width: width, epsilon: epsilon),
        mlp: MLPWeights(
          input: try layer["ffn"].linear("lin1", rows: inner, columns: width, hasBias: true),
          output: try layer["ffn"].linear("lin2", rows: width, columns: inner, hasBias: true)),
        mlpNorm: try layer.layerNorm("output_layer_norm", width: width, epsilon: epsilon))
    }
    headDense = try weights.linear("vocab_transform", rows: width, columns: width, hasBias: true)
    headNorm = try weights.layerNorm("vocab_layer_norm", width: width, epsilon: epsilon)
    head = Head(
      try weights.head(
        "vocab_projector", tiedTo: embeddings.words, if: sizes.isTied, hasBias: true))
    shape = sizes.shape(contextLength: sizes.positionCount)
    wiring = sizes.wiring
    activation = sizes.activation
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { embeddings.tables + [headDense] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    embeddings.rows(of: ids.flatMap(\.self), at: sequences.positions)
  }

  package func block(_ layer: BERTLayer, _ pass: inout some BlockOperations) {
    layer.block(&pass, wiring, activation)
  }

  package func finish(_ pass: inout some BlockOperations) {
    let transformed = pass.activated(pass.stream, by: headDense, activation)
    pass.stream = pass.normalized(transformed, by: headNorm)
  }
}

extension BERTSizes {
  /// The sizes under DistilBERT's keys.
  fileprivate init(distilled reader: ConfigurationReader) throws {
    activation = try reader.activation("activation", default: "gelu")
    vocabularySize = try reader.integer("vocab_size", default: 30_522)
    width = try reader.integer(["dim", "hidden_size"], default: 768)
    layerCount = try reader.integer(["n_layers", "num_hidden_layers"], default: 6)
    mlpWidth = try reader.integer("hidden_dim", default: 3072)
    positionCount = try reader.integer("max_position_embeddings", default: 512)
    tokenTypeCount = 0
    normEpsilon = 1e-12
    isTied = try reader.bool("tie_word_embeddings", default: true)
    let headCount = try reader.headCount(
      ["n_heads", "num_attention_heads"], width: width, default: 12)
    wiring = Self.wiring(width: width, headCount: headCount)
  }
}
