package import Numerics

/// What the configurations of most decoders say under the same keys: Llama's and its relatives'.
///
/// Keys that a configuration leaves out have the values of the family's class in transformers.
package struct DecoderConfiguration: Sendable {
  /// The values of the keys that a configuration may leave out; nil where it may not.
  struct Defaults {
    /// `vocab_size`.
    var vocabularySize: Int?
    /// `hidden_size`.
    var width: Int?
    /// `num_hidden_layers`.
    var layerCount: Int?
    /// `num_attention_heads`.
    var headCount: Int?
    /// The keys of the number of heads.
    var headCountKeys = ["num_attention_heads"]
    /// Whether the heads share the width of the stream, each with keys of its own: the family knows neither
    /// `num_key_value_heads` nor `head_dim`.
    var hasPlainHeads = false
    /// `num_key_value_heads`; as many as query heads when nil.
    var keyHeadCount: Int?
    /// `head_dim`; the width divided by the heads when nil.
    var headWidth: Int?
    /// `intermediate_size`.
    var mlpWidth: Int?
    /// The norms.
    var norm = NormStyle.rootMeanSquare(offset: 0)
    /// The key of the epsilon, `rms_norm_eps` or `layer_norm_eps`.
    var epsilonKey = "rms_norm_eps"
    /// The epsilon.
    var epsilon = 1e-6
    /// `max_position_embeddings`.
    var trainedLength = 2048
    /// `tie_word_embeddings`.
    var isTied = false
    /// The key of the activation.
    var activationKey = "hidden_act"
    /// The activation by its name in transformers.
    var activation = "silu"
  }

  /// `vocab_size`.
  package let vocabularySize: Int
  /// `hidden_size`.
  package let width: Int
  /// `num_hidden_layers`.
  package let layerCount: Int
  /// `num_attention_heads`.
  package let headCount: Int
  /// `num_key_value_heads`.
  package let keyHeadCount: Int
  /// `head_dim`.
  package let headWidth: Int
  /// `intermediate_size`.
  package let mlpWidth: Int
  /// What the norms are.
  let norm: NormStyle
  /// The epsilon of the norms.
  package let normEpsilon: Double
  /// `max_position_embeddings`.
  package let trainedLength: Int
  /// `tie_word_embeddings`: whether the embedding serves as the head.
  package let isTied: Bool
  /// The activation of the MLP.
  package let activation: Activation
  /// `attention_bias` and `mlp_bias`: whether there are biases; nil where the tensors say it.
  let hasBias: (attention: Bool?, mlp: Bool?)

  /// The width of all query heads.
  var queryWidth: Int { headCount * headWidth }
  /// The width of all key heads.
  var keyWidth: Int { keyHeadCount * headWidth }

  /// - Throws: ``LanguageModelError``: a key that is absent, or a value that makes no sense.
  init(_ reader: ConfigurationReader, _ defaults: Defaults) throws {
    hasBias = (
      attention: try reader.optionalBool("attention_bias"),
      mlp: try reader.optionalBool("mlp_bias")
    )
    activation = try reader.activation(defaults.activationKey, default: defaults.activation)
    vocabularySize = try reader.integer("vocab_size", default: defaults.vocabularySize)
    width = try reader.integer("hidden_size", default: defaults.width)
    layerCount = try reader.integer("num_hidden_layers", default: defaults.layerCount)
    let headCountKey = try reader.first(of: defaults.headCountKeys)
    if defaults.hasPlainHeads {
      headCount = try reader.headCount([headCountKey], width: width, default: defaults.headCount)
      keyHeadCount = headCount
      headWidth = width / headCount
    } else {
      headCount = try reader.integer(headCountKey, default: defaults.headCount)
      // A null has a meaning of its own: as many as query heads.
      keyHeadCount =
        try reader.isAbsent("num_key_value_heads")
        ? defaults.keyHeadCount ?? headCount
        : reader.integer("num_key_value_heads", default: headCount)
      headWidth = try reader.integer(
        "head_dim", default: defaults.headWidth ?? max(1, width / headCount))
    }
    mlpWidth = try reader.integer("intermediate_size", default: defaults.mlpWidth)
    normEpsilon = try reader.number(defaults.epsilonKey, default: defaults.epsilon)
    norm = defaults.norm
    isTied = try reader.bool("tie_word_embeddings", default: defaults.isTied)
    trainedLength = try reader.length(
      "max_position_embeddings", default: defaults.trainedLength)
    guard headCount % keyHeadCount == 0 else {
      throw reader.wrong("num_key_value_heads", expected: "a divisor of the \(headCount) heads")
    }
  }

  /// An attention that is causal, with the window of its layer or without one.
  func attention(
    window: Int? = nil, scale: Double? = nil, softCap: Double? = nil
  ) -> GroupedAttention {
    GroupedAttention(
      queryHeads: headCount, keyHeads: keyHeadCount, headWidth: headWidth,
      visibility: .causal(window: window), scale: scale.map { Float($0) },
      softCap: softCap.map { Float($0) })
  }

  /// The sizes that callers need.
  func shape(rotary: RotaryEmbedding?) -> LanguageModelShape {
    LanguageModelShape(
      vocabularySize: vocabularySize,
      contextLength: rotary?.contextLength(trained: trainedLength) ?? trainedLength, width: width,
      layerCount: layerCount, keyWidth: keyWidth,
      dependsOnLength: rotary?.dependsOnLength ?? false)
  }
}

/// How the norms of a family are stored.
enum NormStyle: Sendable {
  /// Root mean square, its scales less by `offset` in the file.
  case rootMeanSquare(offset: Float)
  /// Mean and variance, with a shift; without one where the file has none and `isShiftOptional`.
  case layer(isShiftOptional: Bool)
}

// MARK: - Weights under the same names

extension WeightScope {
  /// The norm called `name`, of `width` numbers, or of the stream.
  ///
  /// - Throws: As ``vector(_:count:)``.
  func norm(
    _ name: String, _ configuration: DecoderConfiguration, width: Int? = nil
  ) throws -> Norm {
    let width = width ?? configuration.width
    let epsilon = configuration.normEpsilon
    return switch configuration.norm {
    case .rootMeanSquare(let offset):
      try rmsNorm(name, width: width, epsilon: epsilon, offset: offset)
    case .layer(let isShiftOptional):
      try layerNorm(
        name, width: width, epsilon: epsilon, hasBias: isShiftOptional ? nil : true)
    }
  }

  /// `q_proj`, `k_proj`, `v_proj` and an output projection.
  ///
  /// - Parameters:
  ///   - configuration: The sizes.
  ///   - output: The name of the output projection.
  ///   - hasBias: Whether there are biases; nil when `attention_bias` decides, and the checkpoint without it.
  ///   - inputsHaveBias: Whether the first three have one; nil when they are as the fourth.
  /// - Returns: The four layers.
  /// - Throws: As ``linear(_:rows:columns:hasBias:)``.
  func attention(
    _ configuration: DecoderConfiguration, output: String = "o_proj", hasBias: Bool? = nil,
    inputsHaveBias: Bool? = nil
  ) throws -> AttentionWeights {
    let width = configuration.width
    let hasBias = hasBias ?? configuration.hasBias.attention
    func input(_ name: String, _ rows: Int) throws -> LinearLayer {
      try linear(name, rows: rows, columns: width, hasBias: inputsHaveBias ?? hasBias)
    }
    return AttentionWeights(
      query: try input("q_proj", configuration.queryWidth),
      key: try input("k_proj", configuration.keyWidth),
      value: try input("v_proj", configuration.keyWidth),
      output: try linear(
        output, rows: width, columns: configuration.queryWidth, hasBias: hasBias))
  }

  /// Queries, keys and values of every head one after the other in the tensor `inputs`, and an output projection.
  ///
  /// - Parameters:
  ///   - inputs: The tensor, of every head its query, its key, its value.
  ///   - output: The name of the output projection.
  ///   - configuration: The sizes, of plain heads.
  ///   - hasBias: Whether there are biases.
  /// - Returns: The four layers.
  /// - Throws: As ``fused(_:shape:hasBias:)``.
  func headwiseAttention(
    _ inputs: String, output: String, _ configuration: DecoderConfiguration, hasBias: Bool
  ) throws -> AttentionWeights {
    let (width, head) = (configuration.width, configuration.headWidth)
    let inputs = try fused(inputs, shape: [3 * width, width], hasBias: hasBias)
    return AttentionWeights(
      query: try inputs(.groups(0..<head, height: 3 * head)),
      key: try inputs(.groups(head..<2 * head, height: 3 * head)),
      value: try inputs(.groups(2 * head..<3 * head, height: 3 * head)),
      output: try linear(output, rows: width, columns: width, hasBias: hasBias))
  }

  /// `gate_proj`, `up_proj` and `down_proj`. `Uin` is the gate, as in the authors' code.
  ///
  /// - Parameters:
  ///   - configuration: The sizes.
  ///   - inner: The number of outputs of the gate, `intermediate_size` when nil.
  ///   - names: The three names.
  /// - Returns: The three layers.
  /// - Throws: As ``linear(_:rows:columns:hasBias:)``.
  func gatedMLP(
    _ configuration: DecoderConfiguration, inner: Int? = nil,
    names: (gate: String, up: String, down: String) = ("gate_proj", "up_proj", "down_proj")
  ) throws -> MLPWeights {
    let width = configuration.width
    let inner = inner ?? configuration.mlpWidth
    let hasBias = configuration.hasBias.mlp
    return MLPWeights(
      input: try linear(names.gate, rows: inner, columns: width, hasBias: hasBias),
      up: try linear(names.up, rows: inner, columns: width, hasBias: hasBias),
      output: try linear(names.down, rows: width, columns: inner, hasBias: hasBias))
  }

  /// A first and a last matrix, without a gate.
  ///
  /// - Throws: As ``linear(_:rows:columns:hasBias:)``.
  func plainMLP(
    _ configuration: DecoderConfiguration, _ input: String, _ output: String,
    hasBias: Bool? = true
  ) throws -> MLPWeights {
    let (width, inner) = (configuration.width, configuration.mlpWidth)
    return MLPWeights(
      input: try linear(input, rows: inner, columns: width, hasBias: hasBias),
      output: try linear(output, rows: width, columns: inner, hasBias: hasBias))
  }
}
