internal import Numerics

/// Gemma 1, 2 and 3: one is added to the scales of all norms in the file, and Hugging Face's classes add it again.
extension GGUFFamily {
  static let gemmas: [GGUFFamily] = [
    GGUFFamily(
      "gemma", "gemma", "GemmaForCausalLM", outer: gemmaOuter,
      inner: [greater(norms), attention, gatedMLP]
    ) { try gemma($0) },
    GGUFFamily(
      "gemma2", "gemma2", "Gemma2ForCausalLM", outer: gemmaOuter,
      inner: [greater(fourNorms), attention, gatedMLP]
    ) { keys in
      try gemma(keys) + keys.windows(default: 4096, pattern: 2) + scale(keys, layersOf27B: 46) + [
        "attn_logit_softcapping": try cap("attn_logit_softcapping", default: 50, keys),
        "final_logit_softcapping": try cap("final_logit_softcapping", default: 30, keys),
      ]
    },
    GGUFFamily(
      "gemma3", "gemma3_text", "Gemma3ForCausalLM", outer: gemmaOuter,
      inner: [greater(fourNorms), attention, greater(headNorms), gatedMLP]
    ) { keys in
      // Layers with a window have positions of their own, which nothing scales.
      try gemma(keys) + keys.windows(pattern: 6) + scale(keys, layersOf27B: 62) + [
        "rope_local_base_freq": .number(try keys.number("rope.freq_base_swa", default: 10_000)),
        "attn_logit_softcapping": try cap("attn_logit_softcapping", default: nil, keys),
        "final_logit_softcapping": try cap("final_logit_softcapping", default: nil, keys),
      ]
    },
  ]

  private static func greater(_ norms: [GGUFModule]) -> [GGUFModule] {
    norms.map { GGUFModule(name: $0.name, choices: $0.choices, arrangement: .greaterByOne) }
  }

  private static let gemmaOuter: [GGUFModule] = [
    .init("model.embed_tokens", "token_embd"), .init("model.norm", "output_norm", .greaterByOne),
    .init("lm_head", "output"),
  ]

  /// A norm before and one after each branch.
  private static let fourNorms: [GGUFModule] = [
    .init("input_layernorm", "attn_norm"),
    .init("post_attention_layernorm", "post_attention_norm"),
    .init("pre_feedforward_layernorm", "ffn_norm"),
    .init("post_feedforward_layernorm", "post_ffw_norm"),
  ]

  private static func gemma(_ keys: GGUFKeys) throws -> GGUFKeys.Settings {
    try keys.sizes() + keys.rotary() + keys.rmsEpsilon() + [
      "hidden_act": .string("gelu_pytorch_tanh"), "hidden_activation": .string("gelu_pytorch_tanh"),
    ]
  }

  /// The largest models divide scores by the root of the width of the stream over the heads, which llama.cpp knows
  /// them by their number of layers to do.
  private static func scale(_ keys: GGUFKeys, layersOf27B: Int) throws -> GGUFKeys.Settings {
    if let scale = try keys.optionalNumber("attention.scale") {
      return ["query_pre_attn_scalar": .number(1 / (scale * scale))]
    }
    let isLargest = try keys.integer("block_count") == layersOf27B
    let width = try keys.integer("embedding_length") / keys.headCount
    return ["query_pre_attn_scalar": .integer(isLargest ? width : try keys.headWidth)]
  }

  /// A cap on scores or logits; 0 is none.
  private static func cap(
    _ key: String, default fallback: Double?, _ keys: GGUFKeys
  ) throws -> JSONValue {
    let cap = keys.contains(key) ? try keys.optionalNumber(key) : fallback
    return cap.map { .number($0) } ?? .null
  }
}
