internal import Numerics

/// What the configurations of mixtures of experts say under the same keys.
struct MixtureConfiguration: Sendable {
  /// The values of the keys that a configuration may leave out.
  struct Defaults {
    /// `num_experts`, also `num_local_experts`.
    var expertCount: Int
    /// `num_experts_per_tok`.
    var chosenCount: Int
    /// The width of an expert.
    var expertWidth: Int
    /// Its key.
    var expertWidthKey = "moe_intermediate_size"
    /// `norm_topk_prob`.
    var isNormalized = false
    /// `shared_expert_intermediate_size`; nil for a family without a shared expert.
    var sharedWidth: Int?
  }

  let expertCount: Int
  let chosenCount: Int
  let expertWidth: Int
  let isNormalized: Bool
  let sharedWidth: Int?
  private let step: Int
  private let denseLayers: Set<Int>

  /// - Throws: ``LanguageModelError``: a value that makes no sense.
  init(_ reader: ConfigurationReader, _ defaults: Defaults) throws {
    expertCount =
      try reader.optionalInteger("num_experts") ?? reader.optionalInteger("num_local_experts")
      ?? defaults.expertCount
    chosenCount = try reader.integer("num_experts_per_tok", default: defaults.chosenCount)
    expertWidth = try reader.integer(defaults.expertWidthKey, default: defaults.expertWidth)
    isNormalized = try reader.bool("norm_topk_prob", default: defaults.isNormalized)
    sharedWidth = try defaults.sharedWidth.map {
      try reader.integer("shared_expert_intermediate_size", default: $0)
    }
    step = try reader.integer("decoder_sparse_step", default: 1)
    denseLayers = Set(try reader.integers("mlp_only_layers") ?? [])
    guard chosenCount <= expertCount else {
      throw reader.wrong("num_experts_per_tok", expected: "at most the \(expertCount) experts")
    }
  }

  /// Whether layer `index` has experts.
  func isSparse(layer index: Int) -> Bool {
    !denseLayers.contains(index) && (index + 1) % step == 0
  }
}

extension WeightScope {
  /// The MLP of a layer, or its mixture.
  ///
  /// - Parameters:
  ///   - configuration: The sizes.
  ///   - mixture: What is said of experts; nil for a model without them.
  ///   - index: The layer.
  ///   - names: An expert's gate, up and down projections.
  /// - Returns: Every expert as a matrix of its own, also where the file has them stacked.
  /// - Throws: As ``linear(_:rows:columns:hasBias:)``.
  func feedForward(
    _ configuration: DecoderConfiguration, _ mixture: MixtureConfiguration?, layer index: Int,
    names: (gate: String, up: String, down: String) = ("gate_proj", "up_proj", "down_proj")
  ) throws -> FeedForward {
    guard let mixture, mixture.isSparse(layer: index) else {
      return .dense(try gatedMLP(configuration))
    }
    let width = configuration.width
    let experts =
      contains("experts.gate_up_proj")
      ? try stackedExperts(configuration, mixture)
      : try (0..<mixture.expertCount).map { expert in
        try self["experts"]["\(expert)"].gatedMLP(
          configuration, inner: mixture.expertWidth, names: names)
      }
    return .mixture(
      Mixture(
        router: try linear("gate", rows: mixture.expertCount, columns: width), experts: experts,
        chosenCount: mixture.chosenCount, isNormalized: mixture.isNormalized,
        shared: try mixture.sharedWidth.map { inner in
          (
            mlp: try self["shared_expert"].gatedMLP(configuration, inner: inner),
            gate: try linear("shared_expert_gate", rows: 1, columns: width)
          )
        }))
  }

  /// Experts as transformers 5 keeps them in memory: gate and up one above the other, all experts in one tensor.
  private func stackedExperts(
    _ configuration: DecoderConfiguration, _ mixture: MixtureConfiguration
  ) throws -> [MLPWeights] {
    let (count, width, inner) = (mixture.expertCount, configuration.width, mixture.expertWidth)
    let gates = try stack("experts.gate_up_proj", shape: [count, 2 * inner, width])
    let downs = try stack("experts.down_proj", shape: [count, width, inner])
    return try (0..<count).map { expert in
      let first = expert * 2 * inner
      return MLPWeights(
        input: try gates(.rows(first..<first + inner)),
        up: try gates(.rows(first + inner..<first + 2 * inner)),
        output: try downs(.rows(expert * width..<(expert + 1) * width)))
    }
  }
}
