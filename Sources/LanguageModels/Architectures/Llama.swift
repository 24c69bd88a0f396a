public import LaserOps

/// Llama (arXiv:2302.13971) and its relatives: RMS norm, rotary positions, grouped keys, a gated MLP.
///
/// Mistral (arXiv:2310.06825) adds a window to the attention, Qwen2 (arXiv:2407.10671) biases to queries, keys
/// and values. Tensor names and arithmetic are those of Hugging Face transformers.
public struct Llama: LanguageModel {
  /// The sizes and constants.
  public let configuration: Configuration
  public let checkpoint: Checkpoint
  private let tokenEmbedding: Weight
  private var layers: [Layer]
  private let finalNorm: [Float]
  /// The embedding itself where the two are tied.
  private let head: ScreenedHead

  private struct Layer: Sendable {
    let attentionNorm: [Float]
    var query: Projection
    var key: Projection
    var value: Projection
    var output: Projection
    let mlpNorm: [Float]
    var gate: Projection
    var up: Projection
    var down: Projection
  }

  /// The model of `checkpoint`.
  ///
  /// - Throws: ``LanguageModelError``, `StorageError`: a configuration that contradicts itself, a tensor that is
  ///   absent or has another shape.
  public init(_ checkpoint: Checkpoint) throws {
    let configuration = try Configuration(checkpoint)
    let width = configuration.width
    let queryWidth = configuration.headCount * configuration.headWidth
    let keyWidth = configuration.keyHeadCount * configuration.headWidth
    let mlpWidth = configuration.mlpWidth
    let weights = WeightScope(checkpoint)
    tokenEmbedding = try weights["model"].weight(
      "embed_tokens", rows: configuration.vocabularySize, columns: width)
    layers = try (0..<configuration.layerCount).map { index in
      let layer = weights["model"]["layers"]["\(index)"]
      let attention = layer["self_attn"]
      let mlp = layer["mlp"]
      // Biases are there in Qwen2 and with attention_bias or mlp_bias: the tensors say it best.
      return Layer(
        attentionNorm: try layer.vector("input_layernorm.weight", count: width),
        query: try attention.projection(
          "q_proj", rows: queryWidth, columns: width, hasBias: nil),
        key: try attention.projection("k_proj", rows: keyWidth, columns: width, hasBias: nil),
        value: try attention.projection("v_proj", rows: keyWidth, columns: width, hasBias: nil),
        output: try attention.projection(
          "o_proj", rows: width, columns: queryWidth, hasBias: nil),
        mlpNorm: try layer.vector("post_attention_layernorm.weight", count: width),
        gate: try mlp.projection("gate_proj", rows: mlpWidth, columns: width, hasBias: nil),
        up: try mlp.projection("up_proj", rows: mlpWidth, columns: width, hasBias: nil),
        down: try mlp.projection("down_proj", rows: width, columns: mlpWidth, hasBias: nil))
    }
    finalNorm = try weights["model"].vector("norm.weight", count: width)
    head = ScreenedHead(
      Projection(
        configuration.isTied
          ? tokenEmbedding
          : try weights.weight("lm_head", rows: configuration.vocabularySize, columns: width)))
    self.configuration = configuration
    self.checkpoint = checkpoint
  }

  public var shape: LanguageModelShape {
    var dependsOnLength = false
    if case .dynamic = configuration.rotary.scaling { dependsOnLength = true }
    return LanguageModelShape(
      vocabularySize: configuration.vocabularySize, contextLength: configuration.contextLength,
      width: configuration.width, layerCount: layers.count,
      keyWidth: configuration.keyHeadCount * configuration.headWidth, isMasked: false,
      dependsOnLength: dependsOnLength)
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

  /// One block: x + attention(norm x), then x + mlp(norm x).
  private func advance(
    _ pass: inout ForwardPass, through index: Int, _ angles: RotaryEmbedding.Angles,
    _ scratch: Scratch
  ) {
    let layer = layers[index]
    let workers = pass.workers
    var angles = angles
    var scratch = scratch

    normalize(pass.stream, by: layer.attentionNorm, into: scratch.normalized, workers)
    let wanted = pass.rowsWanted(in: index)
    var projections = [(layer.key, scratch.keys), (layer.value, scratch.values)]
    if wanted == nil { projections.append((layer.query, scratch.queries)) }
    Projection.apply(projections, to: scratch.normalized, using: workers)
    configuration.rotary.rotate(
      scratch.keys, headWidth: configuration.headWidth, by: angles, using: workers)
    let memory = pass.remember(keys: scratch.keys, values: scratch.values, layer: index)
    if let wanted {
      pass.keep(wanted)
      angles = angles.gathering(wanted)
      scratch = Scratch(
        configuration, rows: wanted.count, normalized: scratch.normalized.gathering(wanted))
      layer.query.apply(to: scratch.normalized, into: scratch.queries, using: workers)
    }
    configuration.rotary.rotate(
      scratch.queries, headWidth: configuration.headWidth, by: angles, using: workers)
    GroupedAttention(
      queryHeads: configuration.headCount, keyHeads: configuration.keyHeadCount,
      headWidth: configuration.headWidth,
      visibility: .causal(window: configuration.windows[index])
    ).forward(
      queries: scratch.queries, keys: memory.keys, values: memory.values,
      output: scratch.attended, positions: pass.sequences.positions,
      spans: memory.spans(pass.sequences), using: workers)
    layer.output.apply(to: scratch.attended, into: pass.stream, adding: true, using: workers)

    normalize(pass.stream, by: layer.mlpNorm, into: scratch.normalized, workers)
    let (gate, up) = (scratch.gate, scratch.up)
    Projection.apply([(layer.gate, gate), (layer.up, up)], to: scratch.normalized, using: workers) {
      for token in $0 {
        SiLU.multiplyGate(
          gate.row(token) + $1.lowerBound, by: up.row(token) + $1.lowerBound, count: $1.count)
      }
    }
    layer.down.apply(to: scratch.gate, into: pass.stream, adding: true, using: workers)
  }

  public func logits(of rows: Matrix, candidates: [Int]?, using workers: Workers) -> Matrix {
    head.projection.scores(of: normalized(rows, workers), candidates: candidates, using: workers)
  }

  public func likeliestTokens(after rows: Matrix, using workers: Workers) -> [Int?] {
    head.greatest(of: normalized(rows, workers), using: workers)
  }

  /// What the head reads.
  private func normalized(_ rows: Matrix, _ workers: Workers) -> Activations {
    let normalized = Activations(rows: rows.rows, columns: rows.columns)
    normalize(Activations(rows), by: finalNorm, into: normalized, workers)
    return normalized
  }

  private func normalize(
    _ input: Activations, by gain: [Float], into output: Activations, _ workers: Workers
  ) {
    let epsilon = Float(configuration.normEpsilon)
    workers.forEachBlock(ofRows: input.rows, width: input.columns) { rows in
      RMSNorm.forward(
        input: input.row(rows.lowerBound), scale: gain, epsilon: epsilon,
        output: output.row(rows.lowerBound), rows: rows.count, width: input.columns)
    }
  }

  /// Memory that all layers share, one row a token.
  private struct Scratch: Sendable {
    let normalized: Activations
    let keys: Activations
    let values: Activations
    let queries: Activations
    let attended: Activations
    let gate: Activations
    let up: Activations

    init(_ configuration: Configuration, rows: Int, normalized: Activations? = nil) {
      let queryWidth = configuration.headCount * configuration.headWidth
      let keyWidth = configuration.keyHeadCount * configuration.headWidth
      self.normalized = normalized ?? Activations(rows: rows, columns: configuration.width)
      keys = Activations(rows: rows, columns: keyWidth)
      values = Activations(rows: rows, columns: keyWidth)
      queries = Activations(rows: rows, columns: queryWidth)
      attended = Activations(rows: rows, columns: queryWidth)
      gate = Activations(rows: rows, columns: configuration.mlpWidth)
      up = Activations(rows: rows, columns: configuration.mlpWidth)
    }
  }
}

// MARK: - Editing

extension Llama {
  /// Where a layer keeps its matrices. `Uin` is the gate, as in the authors' code.
  private static var editing: LayerEditing<Layer> {
    LayerEditing { kind in
      switch kind {
      case .query: \.query
      case .key: \.key
      case .value: \.value
      case .attentionOutput: \.output
      case .mlpInput: \.gate
      case .mlpUp: \.up
      case .mlpOutput: \.down
      }
    }
  }

  public var weightSites: [WeightSite] { Self.editing.sites(in: layers) }

  public func weight(at site: WeightSite) -> Weight {
    Self.editing.weight(at: site, in: layers)
  }

  public func replacing(_ site: WeightSite, with weight: Weight) -> Llama {
    var edited = self
    Self.editing.replace(site, with: weight, in: &edited.layers)
    return edited
  }

  public func tensorName(of site: WeightSite) -> String {
    let part =
      switch site.kind {
      case .query: "self_attn.q_proj"
      case .key: "self_attn.k_proj"
      case .value: "self_attn.v_proj"
      case .attentionOutput: "self_attn.o_proj"
      case .mlpInput: "mlp.gate_proj"
      case .mlpUp: "mlp.up_proj"
      case .mlpOutput: "mlp.down_proj"
      }
    return "model.layers.\(site.layer).\(part)"
  }

  public func damage() -> LanguageModelError? {
    firstNotFinite(among: [
      ("model.embed_tokens", tokenEmbedding), ("lm_head", head.projection.weight),
    ])
  }
}
