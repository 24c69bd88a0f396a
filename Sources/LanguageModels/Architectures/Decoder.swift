package import Numerics

/// A decoder that begins with a row of a table a token and ends with a norm and a head.
package protocol Decoder: Architecture {
  /// What lies around the layers.
  var frame: DecoderFrame { get }
}

/// What lies around the layers of a decoder: embedding, last norm, head.
package struct DecoderFrame: Sendable {
  /// The sizes that callers need.
  let shape: LanguageModelShape
  /// Where the weights come from.
  let checkpoint: Checkpoint
  /// A row a token.
  let tokenEmbedding: LinearLayer
  /// What embeddings are multiplied with.
  let embeddingScale: Float
  /// Comes after the last layer.
  let finalNorm: Norm
  /// What turns the stream into logits.
  let head: Head

  /// The names of the three.
  struct Names {
    /// The embedding.
    var embedding = "embed_tokens"
    /// The last norm.
    var norm = "norm"
    /// The head, where it is not tied; it lies outside of what holds the others.
    var head = "lm_head"
    /// Whether the head has a bias.
    var headHasBias = false
  }

  /// Reads what lies around the layers.
  ///
  /// - Parameters:
  ///   - weights: All weights, the head's among them.
  ///   - inner: Those of the embedding, the layers and the last norm.
  ///   - configuration: The sizes.
  ///   - rotary: The embedding of positions, which says how long a sequence may be; nil for none.
  ///   - names: How the family calls the three.
  ///   - embeddingScale: What embeddings are multiplied with.
  ///   - headScale: What logits are multiplied with.
  ///   - softCap: The cap on logits, nil for none.
  /// - Throws: `StorageError`, ``LanguageModelError``.
  init(
    _ weights: WeightScope, inner: WeightScope, _ configuration: DecoderConfiguration,
    rotary: RotaryEmbedding? = nil, names: Names = Names(), embeddingScale: Double = 1,
    headScale: Double = 1, softCap: Double? = nil
  ) throws {
    let (vocabulary, width) = (configuration.vocabularySize, configuration.width)
    tokenEmbedding = try inner.linear(names.embedding, rows: vocabulary, columns: width)
    finalNorm = try inner.norm(names.norm, configuration)
    let layer = try weights.head(
      names.head, tiedTo: tokenEmbedding, if: configuration.isTied, hasBias: names.headHasBias)
    head = Head(layer, scale: headScale, softCap: softCap)
    shape = configuration.shape(rotary: rotary)
    checkpoint = weights.checkpoint
    self.embeddingScale = Float(embeddingScale)
  }
}

extension Decoder {
  package var shape: LanguageModelShape { frame.shape }
  package var checkpoint: Checkpoint { frame.checkpoint }
  package var head: Head { frame.head }
  package var tables: [LinearLayer] { [frame.tokenEmbedding] }

  package func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    var rows = frame.tokenEmbedding.weight.gathering(ids.flatMap(\.self))
    let scale = frame.embeddingScale
    if scale != 1 { for index in rows.values.indices { rows.values[index] *= scale } }
    return rows
  }

  package func finish(_ pass: inout some BlockOperations) {
    pass.stream = pass.normalized(pass.stream, by: frame.finalNorm)
  }
}
