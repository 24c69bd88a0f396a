internal import Numerics

/// Modules that several families have under the same names.
extension GGUFFamily {
  /// Embedding, last norm and head.
  static let llamaOuter: [GGUFModule] = [
    .init("model.embed_tokens", "token_embd"), .init("model.norm", "output_norm"),
    .init("lm_head", "output"),
  ]

  /// The norms before attention and MLP.
  static let norms: [GGUFModule] = [
    .init("input_layernorm", "attn_norm"), .init("post_attention_layernorm", "ffn_norm"),
  ]

  /// Queries, keys, values and the output projection.
  static let attention = GGUFModule.attentionInputs() + [.init("self_attn.o_proj", "attn_output")]

  /// The same with rows of queries and keys interleaved.
  static let interleavedAttention =
    GGUFModule.attentionInputs(isInterleaved: true) + [.init("self_attn.o_proj", "attn_output")]

  /// The norms of queries and keys.
  static let headNorms: [GGUFModule] = [
    .init("self_attn.q_norm", "attn_q_norm"), .init("self_attn.k_norm", "attn_k_norm"),
  ]

  /// Gate, up and down projections.
  static let gatedMLP: [GGUFModule] = ["gate", "up", "down"].map {
    .init("mlp.\($0)_proj", "ffn_\($0)")
  }

  /// What sends tokens to experts, and the experts, as Qwen and OLMoE name them.
  static let experts: [GGUFModule] =
    [.init("mlp.gate", "ffn_gate_inp")]
    + GGUFModule.experts("mlp.experts", ["gate_proj", "up_proj", "down_proj"])

  /// Two layer norms, a fused tensor and an MLP of two matrices, as GPT-NeoX and BLOOM have them.
  static func headwise(_ attention: String) -> [GGUFModule] {
    norms + [
      .fusedInputs("\(attention).query_key_value", .byHead),
      .init("\(attention).dense", "attn_output"), .init("mlp.dense_h_to_4h", "ffn_up"),
      .init("mlp.dense_4h_to_h", "ffn_down"),
    ]
  }
}

extension GGUFKeys {
  /// The epsilon of root mean square norms.
  func rmsEpsilon(_ name: String = "rms_norm_eps") throws -> Settings {
    [name: .number(try number("attention.layer_norm_rms_epsilon"))]
  }

  /// The epsilon of layer norms.
  func layerEpsilon(_ name: String) throws -> Settings {
    [name: .number(try number("attention.layer_norm_epsilon"))]
  }

  /// Whether queries, keys and values have biases, in tensors of their own or in one.
  var hasInputBias: Bool { has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias") }

  /// How many experts there are and how many of them a token is sent to; `names` are Hugging Face's keys of the
  /// number and of the width of an expert.
  func mixture(count: String, width: String) throws -> Settings {
    [
      count: .integer(try integer("expert_count")),
      "num_experts_per_tok": .integer(try integer("expert_used_count")),
      width: .integer(
        try innerWidth("ffn_down_exps", "ffn_down.0") ?? integer("feed_forward_length")),
    ]
  }

  /// The number of inputs of the first of these tensors of the first layer that is there: files of before a key was
  /// introduced say it in this way only.
  func innerWidth(_ names: String...) throws -> Int? {
    names.lazy.compactMap { file.tensors["blk.0.\($0).weight"]?.shape.last }.first
  }
}

extension Dictionary {
  /// Both; the right one's values come before the left one's.
  static func + (left: Self, right: Self) -> Self { left.merging(right) { $1 } }
}
