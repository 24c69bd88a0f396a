package import Numerics

/// GPT-Neo (Black et al. 2021; TinyStories, arXiv:2305.07759): GPT-2 with a window in some layers, scores that are not
/// divided by √D, and weights stored as usual.
package struct GPTNeo: Architecture {
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
    let length = try reader.integer("max_position_embeddings", default: 2048)
    let width = try reader.integer("hidden_size", default: 2048)
    let layerCount = try reader.integer(["num_layers", "num_hidden_layers"], default: 24)
    let headCount = try reader.headCount(
      ["num_heads", "num_attention_heads"], width: width, default: 16)
    let inner = try reader.integer("intermediate_size", default: 4 * width)
    let epsilon = try reader.number("layer_norm_epsilon", default: 1e-5)
    let window = try reader.integer("window_size", default: 256)
    let isLocal = try Self.localLayers(reader, count: layerCount)
    activation = try reader.activation("activation_function", default: "gelu_new")

    let weights = WeightScope(checkpoint)
    let model = weights.scope(["transformer", ""], having: "wte.weight")
    tokenEmbedding = try model.linear("wte", rows: vocabulary, columns: width)
    positionEmbedding = try model.linear("wpe", rows: length, columns: width)
    layers = try isLocal.enumerated().map { index, isLocal in
      let layer = model["h"]["\(index)"]
      let (attention, mlp) = (layer["attn"]["attention"], layer["mlp"])
      func square(_ name: String, hasBias: Bool = false) throws -> LinearLayer {
        try attention.linear(name, rows: width, columns: width, hasBias: hasBias)
      }
      return Layer(
        attentionNorm: try layer.layerNorm("ln_1", width: width, epsilon: epsilon),
        attention: AttentionWeights(
          query: try square("q_proj"), key: try square("k_proj"), value: try square("v_proj"),
          output: try square("out_proj", hasBias: true)),
        wiring: GroupedAttention(
          queryHeads: headCount, keyHeads: headCount, headWidth: width / headCount,
          visibility: .causal(window: isLocal ? window : nil), scale: 1),
        mlpNorm: try layer.layerNorm("ln_2", width: width, epsilon: epsilon),
        mlp: MLPWeights(
          input: try mlp.linear("c_fc", rows: inner, columns: width, hasBias: true),
          output: try mlp.linear("c_proj", rows: width, columns: inner, hasBias: true)))
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

  /// `attention_types` has patterns, each with how often it comes: `[[["global", "local"], 12]]`.
  private static func localLayers(_ reader: ConfigurationReader, count: Int) throws -> [Bool] {
    let key = "attention_types"
    let fallback = JSONValue.array([
      .array([.array([.string("global"), .string("local")]), .integer((count + 1) / 2)])
    ])
    var kinds: [String] = []
    for pattern in (reader.json(key) ?? fallback).elements ?? [] {
      guard let parts = pattern.elements, parts.count == 2, let names = parts[0].elements,
        let times = parts[1].integer, (0...count).contains(times), names.count <= count
      else { throw reader.wrong(key, expected: "a list of patterns and how often each comes") }
      for _ in 0..<times { kinds += names.compactMap(\.string) }
    }
    if reader.json(key) == nil { kinds = Array(kinds.prefix(count)) }
    guard kinds.count == count, kinds.allSatisfy({ ["global", "local"].contains($0) }) else {
      throw reader.wrong(key, expected: "'global' or 'local' for each of \(count) layers")
    }
    return kinds.map { $0 == "local" }
  }
}
