internal import Numerics

/// Llama and the families that are it with a few numbers more.
extension GGUFFamily {
  /// Rows of queries and keys are interleaved for rotary positions of neighbours. Mixtral has the same name, Mistral
  /// too: it is one with a window.
  static let llamas: [GGUFFamily] = [
    GGUFFamily(
      "llama", "mixtral", "MixtralForCausalLM", where: { (try? $0.expertCount) ?? nil != nil },
      inner: [
        norms, interleavedAttention, [.init("block_sparse_moe.gate", "ffn_gate_inp")],
        GGUFModule.experts("block_sparse_moe.experts", ["w1", "w3", "w2"]),
      ]
    ) { keys in
      try llama(keys) + window(keys)
        + keys.mixture(count: "num_local_experts", width: "intermediate_size")
    },
    GGUFFamily(
      "llama", "mistral", "MistralForCausalLM",
      where: { (try? $0.optionalNumber("attention.sliding_window")) ?? nil != nil },
      inner: [norms, interleavedAttention, gatedMLP]
    ) { try llama($0) + window($0) },
    GGUFFamily(
      "llama", "llama", "LlamaForCausalLM", inner: [norms, interleavedAttention, gatedMLP]
    ) { try llama($0) + llamaBiases($0) },
  ]

  private static func llama(_ keys: GGUFKeys) throws -> GGUFKeys.Settings {
    try keys.sizes() + keys.rotary(isInterleaved: true) + keys.rmsEpsilon() + [
      "hidden_act": .string("silu")
    ]
  }

  private static func llamaBiases(_ keys: GGUFKeys) -> GGUFKeys.Settings {
    [
      "attention_bias": .bool(keys.hasInputBias),
      "mlp_bias": .bool(keys.has("blk.0.ffn_down.bias")),
    ]
  }

  /// A window in all layers; none unless the file has one.
  static func window(_ keys: GGUFKeys) throws -> GGUFKeys.Settings {
    let key = "attention.sliding_window"
    return [
      "sliding_window": try keys.optionalNumber(key) == nil
        ? .null : .integer(try keys.integer(key))
    ]
  }

  /// What branches, scores, embeddings and logits are multiplied with; logits are divided.
  static let granite = GGUFFamily(
    "granite", "granite", "GraniteForCausalLM", inner: [norms, interleavedAttention, gatedMLP]
  ) { keys in
    if keys.contains("rope.scaling.finetuned"),
      try !keys.file.metadata.bool(keys.full("rope.scaling.finetuned"))
    {
      throw keys.wrong(
        "rope.scaling.finetuned", expected: "true: Granite without positions is not known",
        found: "false")
    }
    let scale = try keys.optionalNumber("attention.scale")
    return try llama(keys) + llamaBiases(keys) + [
      "attention_multiplier": .number(try scale ?? 1 / Double(keys.headWidth).squareRoot()),
      "embedding_multiplier": .number(try keys.optionalNumber("embedding_scale") ?? 1),
      "residual_multiplier": .number(try keys.optionalNumber("residual_scale") ?? 1),
      "logits_scaling": .number(try keys.number("logit_scale")),
    ]
  }

  /// Every fourth layer knows no positions; no key says so.
  static let smolLM3 = GGUFFamily(
    "smollm3", "smollm3", "SmolLM3ForCausalLM", inner: [norms, interleavedAttention, gatedMLP]
  ) { try llama($0) + llamaBiases($0) + ["no_rope_layer_interval": .integer(4)] }

  /// Rows are interleaved in Hugging Face's files as well.
  static let commandR = GGUFFamily(
    "command-r", "cohere", "CohereForCausalLM",
    inner: [[.init("input_layernorm", "attn_norm")], attention, headNorms, gatedMLP]
  ) { keys in
    try keys.sizes() + keys.rotary() + keys.layerEpsilon("layer_norm_eps") + [
      "hidden_act": .string("silu"), "logit_scale": .number(try keys.number("logit_scale")),
      "use_qk_norm": .bool(keys.has("blk.0.attn_q_norm.weight")),
    ]
  }

  /// The norms of all heads are one tensor; without a second norm, attention and MLP are parallel.
  static let stableLM = GGUFFamily(
    "stablelm", "stablelm", "StableLmForCausalLM",
    inner: [
      norms, attention, gatedMLP,
      [("q", "attn_q_norm"), ("k", "attn_k_norm")].map { name, tensor in
        GGUFModule(
          name: "self_attn.\(name)_layernorm.norms.{e}",
          choices: [[GGUFModule.Slice(tensor: tensor, rows: .head)]])
      },
    ]
  ) { keys in
    try keys.sizes() + keys.rotary() + keys.layerEpsilon("layer_norm_eps") + [
      "hidden_act": .string("silu"), "use_qkv_bias": .bool(keys.hasInputBias),
      "qk_layernorm": .bool(keys.has("blk.0.attn_q_norm.weight")),
      "use_parallel_residual": .bool(!keys.has("blk.0.ffn_norm.weight")),
    ]
  }

  /// Norms come after the branches, and go over all heads at once.
  private static let olmoModules: [[GGUFModule]] = [
    attention, headNorms, gatedMLP,
    [
      .init("post_attention_layernorm", "post_attention_norm"),
      .init("post_feedforward_layernorm", "post_ffw_norm"),
    ],
  ]

  private static func olmo(_ keys: GGUFKeys) throws -> GGUFKeys.Settings {
    try keys.sizes() + keys.rotary() + keys.rmsEpsilon() + ["hidden_act": .string("silu")]
  }

  static let olmo2 = GGUFFamily("olmo2", "olmo2", "Olmo2ForCausalLM", inner: olmoModules) {
    try olmo($0)
  }

  /// Under the same name, with a window.
  static let olmo3 = GGUFFamily(
    "olmo2", "olmo3", "Olmo3ForCausalLM",
    where: { (try? $0.optionalNumber("attention.sliding_window")) ?? nil != nil },
    inner: olmoModules
  ) { try olmo($0) + $0.windows(pattern: 4) }

  static let olmoe = GGUFFamily(
    "olmoe", "olmoe", "OlmoeForCausalLM", inner: [norms, attention, headNorms, experts]
  ) { keys in
    try olmo(keys) + keys.mixture(count: "num_experts", width: "intermediate_size") + [
      "norm_topk_prob": .bool(false),
      "clip_qkv": try keys.optionalNumber("attention.clamp_kqv").map { .number($0) } ?? .null,
    ]
  }
}
