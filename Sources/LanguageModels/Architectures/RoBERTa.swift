package import Numerics

/// RoBERTa (arXiv:1907.11692): BERT's layers, with positions that count from behind the padding's, and another head.
///
/// Tensor names and arithmetic are those of Hugging Face transformers. Prompts are packed, so there is no padding
/// to be masked.
package struct RoBERTa: Architecture {
  package let shape: LanguageModelShape
  package let checkpoint: Checkpoint
  package var layers: [BERTLayer]
  package let head: Head
  private let embeddings: BERTEmbeddings
  private let wiring: GroupedAttention
  private let activation: Activation
  private let headDense: LinearLayer
  private let headNorm: Norm
  private let paddingID: Int

  package init(_ checkpoint: Checkpoint) throws {
    let reader = try checkpoint.configuration()
    let sizes = try BERTSizes(reader)
    paddingID = try reader.integer("pad_token_id", default: 1, least: 0)
    guard sizes.positionCount > paddingID + 1 else {
      throw reader.wrong("max_position_embeddings", expected: "more than \(paddingID + 1)")
    }
    let weights = WeightScope(checkpoint)
    let model = weights["roberta"]
    embeddings = try BERTEmbeddings(model["embeddings"], sizes)
    layers = try (0..<sizes.layerCount).map {
      try BERTLayer(model["encoder"]["layer"]["\($0)"], sizes)
    }
    let ending = weights["lm_head"]
    headDense = try ending.linear(
      "dense", rows: sizes.width, columns: sizes.width, hasBias: true)
    headNorm = try ending.layerNorm("layer_norm", width: sizes.width, epsilon: sizes.normEpsilon)
    head = try Head(ending, sizes, tiedTo: embeddings.words)
    shape = sizes.shape(contextLength: sizes.positionCount - paddingID - 1)
    wiring = sizes.wiring
    activation = sizes.activation
    self.checkpoint = checkpoint
  }

  package var tables: [LinearLayer] { embeddings.tables + [headDense] }

  /// Positions count the tokens that are not padding, from `padding + 1`; padding itself has the padding's own.
  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    let positions = ids.flatMap { ids in
      var next = paddingID
      return ids.map { id in
        if id != paddingID { next += 1 }
        return id == paddingID ? paddingID : next
      }
    }
    return embeddings.rows(of: ids.flatMap(\.self), at: positions)
  }

  package func block(_ layer: BERTLayer, _ pass: inout some BlockOperations) {
    layer.block(&pass, wiring, activation)
  }

  /// The head's transformation always has the exact GELU, whatever the layers have.
  package func finish(_ pass: inout some BlockOperations) {
    let transformed = pass.activated(pass.stream, by: headDense, .gelu)
    pass.stream = pass.normalized(transformed, by: headNorm)
  }
}
