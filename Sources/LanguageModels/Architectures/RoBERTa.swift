internal import Foundation
public import LaserOps

/// RoBERTa (arXiv:1907.11692) with its masked-token head: learned positions, attention both ways, a layer norm
/// after every addition.
///
/// Tensor names and arithmetic are those of Hugging Face transformers. Prompts are packed, so there is no padding
/// to be masked.
public struct RoBERTa: LanguageModel {
  /// The sizes and constants.
  public let configuration: Configuration
  public let checkpoint: Checkpoint
  private let wordEmbedding: Weight
  private let positionEmbedding: Weight
  /// The row of the only token type that prompts have.
  private let typeEmbedding: [Float]
  private let embeddingNorm: AffineNorm
  private var layers: [Layer]
  private let headDense: Projection
  private let headNorm: AffineNorm
  private let decoder: Projection

  private struct Layer: Sendable {
    var query: Projection
    var key: Projection
    var value: Projection
    var output: Projection
    let attentionNorm: AffineNorm
    var input: Projection
    var down: Projection
    let mlpNorm: AffineNorm
  }

  /// The model of `checkpoint`.
  ///
  /// - Throws: ``LanguageModelError``, `StorageError`: a configuration that contradicts itself, a tensor that is
  ///   absent or has another shape.
  public init(_ checkpoint: Checkpoint) throws {
    let configuration = try Configuration(checkpoint)
    let width = configuration.width
    let mlpWidth = configuration.mlpWidth
    let vocabulary = configuration.vocabularySize
    let epsilon = configuration.normEpsilon

    func square(_ scope: WeightScope, _ name: String) throws -> Projection {
      try scope.projection(name, rows: width, columns: width, hasBias: true)
    }

    let weights = WeightScope(checkpoint)
    let embeddings = weights["roberta"]["embeddings"]
    wordEmbedding = try embeddings.weight("word_embeddings", rows: vocabulary, columns: width)
    positionEmbedding = try embeddings.weight(
      "position_embeddings", rows: configuration.positionCount, columns: width)
    typeEmbedding = try embeddings.weight(
      "token_type_embeddings", rows: configuration.tokenTypeCount, columns: width
    ).gathering([0]).values
    embeddingNorm = try AffineNorm(embeddings["LayerNorm"], width: width, epsilon: epsilon)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = weights["roberta"]["encoder"]["layer"]["\(index)"]
      let attention = layer["attention"]
      return Layer(
        query: try square(attention["self"], "query"),
        key: try square(attention["self"], "key"),
        value: try square(attention["self"], "value"),
        output: try square(attention["output"], "dense"),
        attentionNorm: try AffineNorm(
          attention["output"]["LayerNorm"], width: width, epsilon: epsilon),
        input: try layer["intermediate"].projection(
          "dense", rows: mlpWidth, columns: width, hasBias: true),
        down: try layer["output"].projection(
          "dense", rows: width, columns: mlpWidth, hasBias: true),
        mlpNorm: try AffineNorm(layer["output"]["LayerNorm"], width: width, epsilon: epsilon))
    }
    let head = weights["lm_head"]
    headDense = try square(head, "dense")
    headNorm = try AffineNorm(head["layer_norm"], width: width, epsilon: epsilon)
    decoder = Projection(
      configuration.isTied
        ? wordEmbedding : try head.weight("decoder", rows: vocabulary, columns: width),
      bias: try head.vector(
        head.contains("bias") ? "bias" : "decoder.bias", count: vocabulary))
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  public var shape: LanguageModelShape {
    LanguageModelShape(
      vocabularySize: configuration.vocabularySize, contextLength: configuration.contextLength,
      width: configuration.width, layerCount: layers.count, keyWidth: configuration.width,
      isMasked: true, dependsOnLength: false)
  }

  /// Word, position and type, summed and normalised.
  ///
  /// Positions count the tokens that are not padding, from `padding + 1`; padding itself has the padding's own.
  public func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    let padding = configuration.paddingID
    let positions = ids.flatMap { ids in
      var next = padding
      return ids.map { id in
        if id != padding { next += 1 }
        return id == padding ? padding : next
      }
    }
    var sum = wordEmbedding.gathering(ids.flatMap(\.self))
    let position = positionEmbedding.gathering(positions)
    for index in sum.values.indices {
      sum.values[index] += typeEmbedding[index % sum.columns] + position.values[index]
    }
    let rows = Activations(sum)
    embeddingNorm.apply(to: rows, into: rows, using: Workers(count: 1))
    return rows.matrix
  }

  public func advance(
    _ stream: ResidualStream, through range: Range<Int>, reading rows: [Int]?,
    cache: inout KeyValueCache?, using workers: Workers
  ) -> ResidualStream {
    precondition(cache == nil, "tokens that see both sides cannot come one by one")
    var pass = ForwardPass(stream, through: range, reading: rows, cache: nil, using: workers)
    let scratch = Scratch(configuration, rows: stream.rows.rows)
    for index in range { advance(&pass, through: index, scratch) }
    return pass.result
  }

  /// One block: x ← norm(x + attention x), then x ← norm(x + mlp x).
  private func advance(_ pass: inout ForwardPass, through index: Int, _ scratch: Scratch) {
    let layer = layers[index]
    let workers = pass.workers
    var scratch = scratch

    Projection.apply(
      [(layer.key, scratch.keys), (layer.value, scratch.values)], to: pass.stream, using: workers)
    let memory = pass.remember(keys: scratch.keys, values: scratch.values, layer: index)
    if let wanted = pass.rowsWanted(in: index) {
      pass.keep(wanted)
      scratch = Scratch(configuration, rows: wanted.count)
    }
    layer.query.apply(to: pass.stream, into: scratch.queries, using: workers)
    GroupedAttention(
      queryHeads: configuration.headCount, keyHeads: configuration.headCount,
      headWidth: configuration.headWidth, visibility: .everything
    ).forward(
      queries: scratch.queries, keys: memory.keys, values: memory.values,
      output: scratch.attended, positions: pass.sequences.positions,
      spans: memory.spans(pass.sequences), using: workers)
    layer.output.apply(to: scratch.attended, into: pass.stream, adding: true, using: workers)
    layer.attentionNorm.apply(to: pass.stream, into: pass.stream, using: workers)

    activate(layer.input, of: pass.stream, into: scratch.inner, workers)
    layer.down.apply(to: scratch.inner, into: pass.stream, adding: true, using: workers)
    layer.mlpNorm.apply(to: pass.stream, into: pass.stream, using: workers)
  }

  public func logits(of rows: Matrix, candidates: [Int]?, using workers: Workers) -> Matrix {
    decoder.scores(of: transformed(rows, workers), candidates: candidates, using: workers)
  }

  public func likeliestTokens(after rows: Matrix, using workers: Workers) -> [Int?] {
    decoder.greatest(of: transformed(rows, workers), using: workers)
  }

  /// What the decoder of the head reads.
  private func transformed(_ rows: Matrix, _ workers: Workers) -> Activations {
    let transformed = Activations(rows: rows.rows, columns: rows.columns)
    activate(headDense, of: Activations(rows), into: transformed, workers)
    headNorm.apply(to: transformed, into: transformed, using: workers)
    return transformed
  }

  /// `output ← GELU(layer(input))`.
  private func activate(
    _ layer: Projection, of input: Activations, into output: Activations, _ workers: Workers
  ) {
    Projection.apply([(layer, output)], to: input, using: workers) { tokens, outputs in
      for token in tokens {
        ExactGELU.apply(to: output.row(token) + outputs.lowerBound, count: outputs.count)
      }
    }
  }

  /// Memory that all layers share, one row a token.
  private struct Scratch: Sendable {
    let keys: Activations
    let values: Activations
    let queries: Activations
    let attended: Activations
    let inner: Activations

    init(_ configuration: Configuration, rows: Int) {
      let width = configuration.width
      keys = Activations(rows: rows, columns: width)
      values = Activations(rows: rows, columns: width)
      queries = Activations(rows: rows, columns: width)
      attended = Activations(rows: rows, columns: width)
      inner = Activations(rows: rows, columns: configuration.mlpWidth)
    }
  }
}

// MARK: - Configuration

extension RoBERTa {
  /// The sizes and constants of a RoBERTa, from `config.json`.
  public struct Configuration: Sendable, Equatable {
    /// `vocab_size`.
    public let vocabularySize: Int
    /// `hidden_size`.
    public let width: Int
    /// `num_hidden_layers`.
    public let layerCount: Int
    /// `num_attention_heads`.
    public let headCount: Int
    /// `intermediate_size`.
    public let mlpWidth: Int
    /// `max_position_embeddings`, 514 in the original.
    public let positionCount: Int
    /// `type_vocab_size`.
    public let tokenTypeCount: Int
    /// `layer_norm_eps`.
    public let normEpsilon: Double
    /// `pad_token_id`.
    public let paddingID: Int
    /// `tie_word_embeddings`, true when absent.
    public let isTied: Bool

    /// The width of one head.
    public var headWidth: Int { width / headCount }
    /// The most tokens of a prompt: positions start after the padding's.
    public var contextLength: Int { positionCount - paddingID - 1 }

    init(_ checkpoint: Checkpoint) throws {
      guard case .folder(let url, _) = checkpoint.source else {
        throw LanguageModelError.missingKey("hidden_size", file: checkpoint.path)
      }
      let file = url.appendingPathComponent("config.json")
      let reader = ConfigurationReader(try JSONValue(contentsOf: file), file: file.path)
      try reader.require("hidden_act", oneOf: ["gelu"])
      try reader.require("position_embedding_type", oneOf: ["absolute"])
      vocabularySize = try reader.integer("vocab_size")
      width = try reader.integer("hidden_size")
      layerCount = try reader.integer("num_hidden_layers")
      headCount = try reader.integer("num_attention_heads")
      mlpWidth = try reader.integer("intermediate_size")
      positionCount = try reader.integer("max_position_embeddings")
      tokenTypeCount = try reader.integer("type_vocab_size", default: 2)
      normEpsilon = try reader.number("layer_norm_eps", default: 1e-12)
      paddingID = try reader.integer("pad_token_id", default: 1, least: 0)
      isTied = try reader.bool("tie_word_embeddings", default: true)
      guard width % headCount == 0 else {
        throw reader.wrong("num_attention_heads", expected: "a divisor of the width \(width)")
      }
      guard positionCount > paddingID + 1 else {
        throw reader.wrong("max_position_embeddings", expected: "more than \(paddingID + 1)")
      }
    }
  }
}

// MARK: - Editing

extension RoBERTa {
  /// Where a layer keeps its matrices; RoBERTa has no `Uup`.
  private static var editing: LayerEditing<Layer> {
    LayerEditing { kind in
      switch kind {
      case .query: \.query
      case .key: \.key
      case .value: \.value
      case .attentionOutput: \.output
      case .mlpInput: \.input
      case .mlpUp: nil
      case .mlpOutput: \.down
      }
    }
  }

  public var weightSites: [WeightSite] { Self.editing.sites(in: layers) }

  public func weight(at site: WeightSite) -> Weight {
    Self.editing.weight(at: site, in: layers)
  }

  public func replacing(_ site: WeightSite, with weight: Weight) -> RoBERTa {
    var edited = self
    Self.editing.replace(site, with: weight, in: &edited.layers)
    return edited
  }

  public func tensorName(of site: WeightSite) -> String {
    let part =
      switch site.kind {
      case .query: "attention.self.query"
      case .key: "attention.self.key"
      case .value: "attention.self.value"
      case .attentionOutput: "attention.output.dense"
      case .mlpInput: "intermediate.dense"
      case .mlpOutput: "output.dense"
      case .mlpUp: preconditionFailure("RoBERTa has no \(site)")
      }
    return "roberta.encoder.layer.\(site.layer).\(part)"
  }

  public func damage() -> LanguageModelError? {
    firstNotFinite(among: [
      ("roberta.embeddings.word_embeddings", wordEmbedding),
      ("roberta.embeddings.position_embeddings", positionEmbedding),
      ("lm_head.dense", headDense.weight), ("lm_head.decoder", decoder.weight),
    ])
  }
}
