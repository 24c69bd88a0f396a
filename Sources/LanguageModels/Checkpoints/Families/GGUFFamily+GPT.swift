internal import Numerics

/// The families with layer norms and an MLP of two matrices.
extension GGUFFamily {
  /// Hugging Face stores these weights turned round.
  static let gpt2 = GGUFFamily(
    "gpt2", "gpt2", "GPT2LMHeadModel",
    outer: [
      .init("transformer.wte", "token_embd"), .init("transformer.wpe", "position_embd"),
      .init("transformer.ln_f", "output_norm"), .init("lm_head", "output"),
    ],
    layers: "transformer.h",
    inner: [
      [
        .init("ln_1", "attn_norm"), .init("ln_2", "ffn_norm"),
        .fusedInputs("attn.c_attn", .turned), .init("attn.c_proj", "attn_output", .turned),
        .init("mlp.c_fc", "ffn_up", .turned), .init("mlp.c_proj", "ffn_down", .turned),
      ]
    ]
  ) { keys in
    try keys.requirePlainHeads()
    return try keys.layerEpsilon("layer_norm_epsilon") + [
      "n_embd": .integer(try keys.integer("embedding_length")),
      "n_layer": .integer(try keys.integer("block_count")),
      "n_head": .integer(try keys.headCount),
      "n_inner": .integer(try keys.integer("feed_forward_length")),
      "n_positions": .integer(try keys.integer("context_length")),
      "activation_function": .string("gelu_new"),
    ]
  }

  static let gptNeoX = GGUFFamily(
    "gptneox", "gpt_neox", "GPTNeoXForCausalLM",
    outer: [
      .init("gpt_neox.embed_in", "token_embd"), .init("gpt_neox.final_layer_norm", "output_norm"),
      .init("embed_out", "output"),
    ],
    layers: "gpt_neox.layers", inner: [headwise("attention")]
  ) { keys in
    try keys.requirePlainHeads()
    let key = keys.full("use_parallel_residual")
    let names = (base: "rotary_emb_base", share: "rotary_pct")
    return try keys.sizes() + keys.rotary(names: names) + keys.layerEpsilon("layer_norm_eps") + [
      "hidden_act": .string("gelu"),
      "use_parallel_residual": .bool(try keys.file.metadata.bool(key)),
      "attention_bias": .bool(
        keys.hasInputBias),
    ]
  }

  /// No positions but slopes, which have no end.
  static let bloom = GGUFFamily(
    "bloom", "bloom", "BloomForCausalLM",
    outer: [
      .init("transformer.word_embeddings", "token_embd"),
      .init("transformer.word_embeddings_layernorm", "token_embd_norm"),
      .init("transformer.ln_f", "output_norm"), .init("lm_head", "output"),
    ],
    layers: "transformer.h", inner: [headwise("self_attention")]
  ) { keys in
    try keys.requirePlainHeads()
    return try keys.layerEpsilon("layer_norm_epsilon") + [
      "hidden_size": .integer(try keys.integer("embedding_length")),
      "n_layer": .integer(try keys.integer("block_count")),
      "n_head": .integer(try keys.headCount),
      "seq_length": .integer(try keys.integer("context_length")),
      "intermediate_size": .integer(try keys.integer("feed_forward_length")),
    ]
  }

  static let starCoder2 = GGUFFamily(
    "starcoder2", "starcoder2", "Starcoder2ForCausalLM",
    inner: [
      norms, attention, [.init("mlp.c_fc", "ffn_up"), .init("mlp.c_proj", "ffn_down")],
    ]
  ) { keys in
    try keys.sizes() + keys.rotary() + keys.layerEpsilon("norm_epsilon") + window(keys) + [
      "hidden_act": .string("gelu_pytorch_tanh"),
      "use_bias": .bool(keys.has("blk.0.attn_output.bias")),
    ]
  }
}
