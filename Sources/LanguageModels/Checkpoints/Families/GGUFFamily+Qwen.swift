internal import Numerics

/// Qwen 2 and 3, and their mixtures, all of whose layers have experts.
extension GGUFFamily {
  static let qwens: [GGUFFamily] = [
    GGUFFamily("qwen2", "qwen2", "Qwen2ForCausalLM", inner: [norms, attention, gatedMLP]) {
      try qwen($0)
    },
    GGUFFamily(
      "qwen3", "qwen3", "Qwen3ForCausalLM", inner: [norms, attention, headNorms, gatedMLP]
    ) { try qwen($0) + ["attention_bias": .bool($0.hasInputBias)] },
    GGUFFamily(
      "qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM",
      inner: [
        norms, attention, experts,
        [.init("mlp.shared_expert_gate", "ffn_gate_inp_shexp", .row)],
        ["gate", "up", "down"].map { .init("mlp.shared_expert.\($0)_proj", "ffn_\($0)_shexp") },
      ]
    ) { keys in
      try qwen(keys) + keys.mixture(count: "num_experts", width: "moe_intermediate_size") + [
        "norm_topk_prob": .bool(false),
        "shared_expert_intermediate_size": .integer(
          try keys.innerWidth("ffn_down_shexp")
            ?? keys.integer("expert_shared_feed_forward_length")),
      ]
    },
    GGUFFamily(
      "qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM", inner: [norms, attention, headNorms, experts]
    ) { keys in
      try qwen(keys) + keys.mixture(count: "num_experts", width: "moe_intermediate_size") + [
        "norm_topk_prob": .bool(true), "attention_bias": .bool(keys.hasInputBias),
      ]
    },
  ]

  private static func qwen(_ keys: GGUFKeys) throws -> GGUFKeys.Settings {
    try keys.sizes() + keys.rotary() + keys.rmsEpsilon() + ["hidden_act": .string("silu")]
  }
}
