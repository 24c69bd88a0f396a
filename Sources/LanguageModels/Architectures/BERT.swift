package import Numerics

/// BERT (arXiv:1810.04805) with its masked-token head: learned positions from the first on, token types, attention both
/// ways, a layer norm after every addition.
///
/// The layers are RoBERTa's too; what lies around them differs in names and positions.
package struct BERT: Architecture {
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
    let sizes = try BERTSizes(reader, vocabularySize: 30_522, positionCount: 512)
    let weights = WeightScope(checkpoint)
    let model = weights.scope(["bert", ""], having: "embeddings.word_embeddings.weight")
    embeddings = try BERTEmbeddings(model["embeddings"], sizes)
    layers = try (0..<sizes.layerCount).map {
      try BERTLayer(model["encoder"]["layer"]["\($0)"], sizes)
    }
    let ending = weights["cls"]["predictions"]
    headDense = try ending["transform"].linear(
      "dense", rows: sizes.width, columns: sizes.width, hasBias: true)
    headNorm = try ending["transform"].layerNorm(
      "LayerNorm", width: sizes.width, epsilon: sizes.normEpsilon)
    head = try Head(ending, sizes, tiedTo: embeddings.words)
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

/// A layer of BERT and of RoBERTa.
package struct BERTLayer: LayerSites {
  package var attention: AttentionWeights
  private let attentionNorm: Norm
  package var mlp: MLPWeights
  private let mlpNorm: Norm

  /// The layer whose names begin as those of `layer`.
  init(_ layer: WeightScope, _ sizes: BERTSizes) throws {
    let (width, inner, epsilon) = (sizes.width, sizes.mlpWidth, sizes.normEpsilon)
    let (inputs, output) = (layer["attention"]["self"], layer["attention"]["output"])
    func square(_ scope: WeightScope, _ name: String) throws -> LinearLayer {
      try scope.linear(name, rows: width, columns: width, hasBias: true)
    }
    attention = AttentionWeights(
      query: try square(inputs, "query"), key: try square(inputs, "key"),
      value: try square(inputs, "value"), output: try square(output, "dense"))
    attentionNorm = try output.layerNorm("LayerNorm", width: width, epsilon: epsilon)
    mlp = MLPWeights(
      input: try layer["intermediate"].linear("dense", rows: inner, columns: width, hasBias: true),
      output: try layer["output"].linear("dense", rows: width, columns: inner, hasBias: true))
    mlpNorm = try layer["output"].layerNorm("LayerNorm", width: width, epsilon: epsilon)
  }

  /// A layer of these weights, under whatever names its family has them.
  init(attention: AttentionWeights, attentionNorm: Norm, mlp: MLPWeights, mlpNorm: Norm) {
    self.attention = attention
    self.attentionNorm = attentionNorm
    self.mlp = mlp
    self.mlpNorm = mlpNorm
  }

  /// x ← norm(x + attention x), then x ← norm(x + mlp x).
  func block(
    _ pass: inout some BlockOperations, _ wiring: GroupedAttention, _ activation: Activation
  ) {
    let (query, key, value) = pass.attentionInputs(of: pass.stream, by: attention)
    pass.add(pass.attended(query, key, value, by: wiring), through: attention.output)
    pass.stream = pass.normalized(pass.stream, by: attentionNorm)
    pass.add(pass.inner(pass.stream, of: mlp, activation), through: mlp.output)
    pass.stream = pass.normalized(pass.stream, by: mlpNorm)
  }
}

/// Words, positions and the only token type that prompts have, summed and normalised.
struct BERTEmbeddings: Sendable {
  let words: LinearLayer
  let positions: LinearLayer
  /// Nil for a family without token types.
  private let type: [Float]?
  private let norm: Norm

  /// The embeddings whose names begin as those of `scope`.
  init(_ scope: WeightScope, _ sizes: BERTSizes, hasTypes: Bool = true) throws {
    let width = sizes.width
    words = try scope.linear("word_embeddings", rows: sizes.vocabularySize, columns: width)
    positions = try scope.linear("position_embeddings", rows: sizes.positionCount, columns: width)
    type =
      hasTypes
      ? try scope.linear("token_type_embeddings", rows: sizes.tokenTypeCount, columns: width)
        .weight.gathering([0]).values : nil
    norm = try scope.layerNorm("LayerNorm", width: width, epsilon: sizes.normEpsilon)
  }

  /// The matrices.
  var tables: [LinearLayer] { [words, positions] }

  /// The rows of tokens at positions.
  func rows(of ids: [Int], at places: [Int]) -> Matrix {
    var sum = words.weight.gathering(ids)
    let position = positions.weight.gathering(places)
    for index in sum.values.indices {
      sum.values[index] += (type?[index % sum.columns] ?? 0) + position.values[index]
    }
    return norm.normalizing(sum)
  }
}

/// The sizes and constants of BERT and RoBERTa.
struct BERTSizes: Sendable {
  var vocabularySize: Int
  var width: Int
  var layerCount: Int
  var mlpWidth: Int
  var positionCount: Int
  var tokenTypeCount: Int
  var normEpsilon: Double
  var activation: Activation
  var isTied: Bool
  var wiring: GroupedAttention

  /// - Throws: ``LanguageModelError``: a value that makes no sense, or a variant that is not known.
  init(_ reader: ConfigurationReader, vocabularySize: Int? = nil, positionCount: Int? = nil) throws
  {
    try reader.require("position_embedding_type", oneOf: ["absolute"])
    try reader.refuse("is_decoder", because: "only models that fill masks are known")
    activation = try reader.activation("hidden_act", default: "gelu")
    self.vocabularySize = try reader.integer("vocab_size", default: vocabularySize)
    width = try reader.integer("hidden_size", default: 768)
    layerCount = try reader.integer("num_hidden_layers", default: 12)
    mlpWidth = try reader.integer("intermediate_size", default: 3072)
    self.positionCount = try reader.integer("max_position_embeddings", default: positionCount)
    tokenTypeCount = try reader.integer("type_vocab_size", default: 2)
    normEpsilon = try reader.number("layer_norm_eps", default: 1e-12)
    isTied = try reader.bool("tie_word_embeddings", default: true)
    let headCount = try reader.headCount(["num_attention_heads"], width: width, default: 12)
    wiring = Self.wiring(width: width, headCount: headCount)
  }

  /// An attention of `headCount` heads, which divide `width`, that sees both sides.
  static func wiring(width: Int, headCount: Int) -> GroupedAttention {
    GroupedAttention(
      queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
      visibility: .everything)
  }

  /// The sizes that callers need.
  func shape(contextLength: Int) -> LanguageModelShape {
    LanguageModelShape(
      vocabularySize: vocabularySize, contextLength: contextLength, width: width,
      layerCount: layerCount, keyWidth: width, isMasked: true)
  }
}

extension Head {
  /// `decoder`, or the embedding where the two are tied, with a bias under one of two names: where both are there, and
  /// differ, transformers adds the decoder's.
  init(_ scope: WeightScope, _ sizes: BERTSizes, tiedTo embedding: LinearLayer) throws {
    let decoder = try scope.head("decoder", tiedTo: embedding, if: sizes.isTied)
    let name = scope.contains("decoder.bias") ? "decoder.bias" : "bias"
    self.init(decoder.biased(by: try scope.vector(name, count: sizes.vocabularySize)))
  }
}
