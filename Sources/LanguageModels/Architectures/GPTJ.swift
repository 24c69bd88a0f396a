internal import Foundation
public import LaserOps

/// GPT-J (Wang and Komatsuzaki 2021): attention and MLP in parallel on one layer norm, rotary positions on a part
/// of every head, neighbouring dimensions paired.
///
/// Tensor names and arithmetic are those of Hugging Face transformers.
public struct GPTJ: LanguageModel {
  /// The sizes and constants.
  public let configuration: Configuration
  public let checkpoint: Checkpoint
  private let tokenEmbedding: Weight
  private var layers: [Layer]
  private let finalNorm: AffineNorm
  private let head: Projection

  private struct Layer: Sendable {
    let norm: AffineNorm
    var query: Projection
    var key: Projection
    var value: Projection
    var output: Projection
    var input: Projection
    var down: Projection
  }

  /// The model of `checkpoint`.
  ///
  /// - Throws: ``LanguageModelError``, `StorageError`: a configuration that contradicts itself, a tensor that is
  ///   absent or has another shape.
  public init(_ checkpoint: Checkpoint) throws {
    let configuration = try Configuration(checkpoint)
    let width = configuration.width
    let mlpWidth = configuration.mlpWidth
    let epsilon = configuration.normEpsilon
    let weights = WeightScope(checkpoint)
    let transformer = weights["transformer"]
    tokenEmbedding = try transformer.weight(
      "wte", rows: configuration.vocabularySize, columns: width)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = transformer["h"]["\(index)"]
      let attention = layer["attn"]
      let mlp = layer["mlp"]
      return Layer(
        norm: try AffineNorm(layer["ln_1"], width: width, epsilon: epsilon),
        query: try attention.projection("q_proj", rows: width, columns: width),
        key: try attention.projection("k_proj", rows: width, columns: width),
        value: try attention.projection("v_proj", rows: width, columns: width),
        output: try attention.projection("out_proj", rows: width, columns: width),
        input: try mlp.projection("fc_in", rows: mlpWidth, columns: width, hasBias: true),
        down: try mlp.projection("fc_out", rows: width, columns: mlpWidth, hasBias: true))
    }
    finalNorm = try AffineNorm(transformer["ln_f"], width: width, epsilon: epsilon)
    head =
      configuration.isTied
      ? Projection(
        tokenEmbedding,
        bias: try weights["lm_head"].vector("bias", count: configuration.vocabularySize))
      : try weights.projection(
        "lm_head", rows: configuration.vocabularySize, columns: width, hasBias: true)
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  public var shape: LanguageModelShape {
    LanguageModelShape(
      vocabularySize: configuration.vocabularySize, contextLength: configuration.contextLength,
      width: configuration.width, layerCount: layers.count, keyWidth: configuration.width,
      isMasked: false, dependsOnLength: false)
  }

  public func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix {
    tokenEmbedding.gathering(ids.flatMap(\.self))
  }

  public func advance(
    _ stream: ResidualStream, through range: Range<Int>, reading rows: [Int]?,
    cache: inout KeyValueCache?, using workers: Workers
  ) -> ResidualStream {
    let angles = configuration.rotary.angles(
      positions: stream.sequences.positions, lengths: stream.sequences.lengthOfEveryRow)
    var pass = ForwardPass(
      stream, through: range, reading: rows, cache: cache.take(), using: workers)
    let scratch = Scratch(configuration, rows: stream.rows.rows)
    for index in range { advance(&pass, through: index, angles, scratch) }
    cache = pass.cache
    return pass.result
  }

  /// One block: x + attention(norm x) + mlp(norm x), both of the same norm.
  private func advance(
    _ pass: inout ForwardPass, through index: Int, _ angles: RotaryEmbedding.Angles,
    _ scratch: Scratch
  ) {
    let layer = layers[index]
    let workers = pass.workers
    let headWidth = configuration.headWidth
    var angles = angles
    var scratch = scratch

    layer.norm.apply(to: pass.stream, into: scratch.normalized, using: workers)
    Projection.apply(
      [(layer.key, scratch.keys), (layer.value, scratch.values)], to: scratch.normalized,
      using: workers)
    configuration.rotary.rotate(scratch.keys, headWidth: headWidth, by: angles, using: workers)
    let memory = pass.remember(keys: scratch.keys, values: scratch.values, layer: index)
    if let wanted = pass.rowsWanted(in: index) {
      pass.keep(wanted)
      angles = angles.gathering(wanted)
      scratch = Scratch(
        configuration, rows: wanted.count, normalized: scratch.normalized.gathering(wanted))
    }
    layer.query.apply(to: scratch.normalized, into: scratch.queries, using: workers)
    configuration.rotary.rotate(scratch.queries, headWidth: headWidth, by: angles, using: workers)
    GroupedAttention(
      queryHeads: configuration.headCount, keyHeads: configuration.headCount,
      headWidth: headWidth, visibility: .causal(window: nil)
    ).forward(
      queries: scratch.queries, keys: memory.keys, values: memory.values,
      output: scratch.attended, positions: pass.sequences.positions,
      spans: memory.spans(pass.sequences), using: workers)
    layer.output.apply(to: scratch.attended, into: pass.stream, adding: true, using: workers)

    let inner = scratch.inner
    Projection.apply([(layer.input, inner)], to: scratch.normalized, using: workers) {
      for token in $0 {
        let start = inner.row(token) + $1.lowerBound
        GELU.forward(input: start, output: start, count: $1.count)
      }
    }
    layer.down.apply(to: inner, into: pass.stream, adding: true, using: workers)
  }

  public func logits(of rows: Matrix, candidates: [Int]?, using workers: Workers) -> Matrix {
    head.scores(of: normalized(rows, workers), candidates: candidates, using: workers)
  }

  public func likeliestTokens(after rows: Matrix, using workers: Workers) -> [Int?] {
    head.greatest(of: normalized(rows, workers), using: workers)
  }

  /// What the head reads.
  private func normalized(_ rows: Matrix, _ workers: Workers) -> Activations {
    let normalized = Activations(rows: rows.rows, columns: rows.columns)
    finalNorm.apply(to: Activations(rows), into: normalized, using: workers)
    return normalized
  }

  /// Memory that all layers share, one row a token.
  private struct Scratch: Sendable {
    let normalized: Activations
    let keys: Activations
    let values: Activations
    let queries: Activations
    let attended: Activations
    let inner: Activations

    init(_ configuration: Configuration, rows: Int, normalized: Activations? = nil) {
      let width = configuration.width
      self.normalized = normalized ?? Activations(rows: rows, columns: width)
      keys = Activations(rows: rows, columns: width)
      values = Activations(rows: rows, columns: width)
      queries = Activations(rows: rows, columns: width)
      attended = Activations(rows: rows, columns: width)
      inner = Activations(rows: rows, columns: configuration.mlpWidth)
    }
  }
}

// MARK: - Configuration

extension GPTJ {
  /// The sizes and constants of a GPT-J, from `config.json`.
  public struct Configuration: Sendable, Equatable {
    /// `vocab_size`; the original's 50,400 are more than its tokenizer's 50,257.
    public let vocabularySize: Int
    /// `n_positions`.
    public let contextLength: Int
    /// `n_embd`.
    public let width: Int
    /// `n_layer`.
    public let layerCount: Int
    /// `n_head`.
    public let headCount: Int
    /// `n_inner`, four times the width when absent.
    public let mlpWidth: Int
    /// `layer_norm_epsilon`.
    public let normEpsilon: Double
    /// `rotary_dim`; the whole head when absent.
    public let rotary: RotaryEmbedding
    /// `tie_word_embeddings`.
    public let isTied: Bool

    /// The width of one head.
    public var headWidth: Int { width / headCount }

    init(_ checkpoint: Checkpoint) throws {
      guard case .folder(let url, _) = checkpoint.source else {
        throw LanguageModelError.missingKey("n_embd", file: checkpoint.path)
      }
      let file = url.appendingPathComponent("config.json")
      let reader = ConfigurationReader(try JSONValue(contentsOf: file), file: file.path)
      try reader.require("activation_function", oneOf: ["gelu_new"])
      vocabularySize = try reader.integer("vocab_size")
      contextLength = try reader.integer("n_positions", default: 2048)
      width = try reader.integer("n_embd")
      layerCount = try reader.integer("n_layer")
      headCount = try reader.integer("n_head")
      mlpWidth = try reader.integer("n_inner", default: 4 * width)
      normEpsilon = try reader.number("layer_norm_epsilon", default: 1e-5)
      isTied = try reader.bool("tie_word_embeddings", default: false)
      guard width % headCount == 0 else {
        throw reader.wrong("n_head", expected: "a divisor of the width \(width)")
      }
      let rotaryWidth = try reader.integer("rotary_dim", default: width / headCount)
      guard rotaryWidth % 2 == 0, rotaryWidth <= width / headCount else {
        throw reader.wrong(
          "rotary_dim", expected: "even and at most a head's \(width / headCount)")
      }
      rotary = RotaryEmbedding(width: rotaryWidth, base: 10_000, pairing: .neighbours)
    }
  }
}

// MARK: - Editing

extension GPTJ {
  /// Where a layer keeps its matrices; GPT-J has no `Uup`.
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

  public func replacing(_ site: WeightSite, with weight: Weight) -> GPTJ {
    var edited = self
    Self.editing.replace(site, with: weight, in: &edited.layers)
    return edited
  }

  public func tensorName(of site: WeightSite) -> String {
    let part =
      switch site.kind {
      case .query: "attn.q_proj"
      case .key: "attn.k_proj"
      case .value: "attn.v_proj"
      case .attentionOutput: "attn.out_proj"
      case .mlpInput: "mlp.fc_in"
      case .mlpOutput: "mlp.fc_out"
      case .mlpUp: preconditionFailure("GPT-J has no \(site)")
      }
    return "transformer.h.\(site.layer).\(part)"
  }

  public func damage() -> LanguageModelError? {
    firstNotFinite(among: [("transformer.wte", tokenEmbedding), ("lm_head", head.weight)])
  }
}
