internal import Numerics

/// Phi 1 to 4.
extension GGUFFamily {
  static let phis: [GGUFFamily] = [
    // Old files have queries, keys and values in one tensor.
    GGUFFamily(
      "phi2", "phi", "PhiForCausalLM",
      outer: [
        .init("model.embed_tokens", "token_embd"), .init("model.final_layernorm", "output_norm"),
        .init("lm_head", "output"),
      ],
      inner: [
        GGUFModule.attentionInputs(),
        [
          .init("input_layernorm", "attn_norm"), .init("self_attn.dense", "attn_output"),
          .init("mlp.fc1", "ffn_up"), .init("mlp.fc2", "ffn_down"),
        ],
      ]
    ) { keys in
      try keys.sizes() + keys.rotary() + keys.layerEpsilon("layer_norm_eps") + [
        "hidden_act": .string("gelu_new")
      ]
    },
    // The gate lies above what it multiplies; two lists of divisors for texts within the trained length and longer ones.
    GGUFFamily(
      "phi3", "phi3", "Phi3ForCausalLM",
      inner: [
        norms, [.fusedInputs("self_attn.qkv_proj"), .init("self_attn.o_proj", "attn_output")],
        [.init("mlp.gate_up_proj", "ffn_up"), .init("mlp.down_proj", "ffn_down")],
      ]
    ) { keys in
      try keys.sizes() + keys.rotary() + keys.rmsEpsilon() + window(keys) + [
        "hidden_act": .string("silu"),
        "original_max_position_embeddings": .integer(try keys.originalLength),
      ]
    },
  ]
}
