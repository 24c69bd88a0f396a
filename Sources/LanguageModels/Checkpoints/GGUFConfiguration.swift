internal import Numerics

/// The `config.json` that the metadata of a GGUF file amount to.
extension GGUFFile {
  /// The configuration, in the keys of transformers 4, which 5 reads as well.
  ///
  /// - Throws: ``CheckpointError`` for metadata that are absent or make no sense.
  func configuration() throws -> JSONValue {
    let architecture = try metadata.string("general.architecture")
    let isQwen = architecture == "qwen2"

    func integer(_ key: String, default fallback: Int? = nil) throws -> JSONValue {
      let key = "\(architecture).\(key)"
      if let fallback, !metadata.contains(key) { return .integer(fallback) }
      let value = try metadata.integer(key)
      guard value > 0, value <= 1 << 20 else {
        throw CheckpointError.wrongMetadata(
          key: key, file: path, expected: "an integer from 1 to \(1 << 20)", found: "\(value)")
      }
      return .integer(value)
    }

    let width = try integer("embedding_length")
    let headCount = try integer("attention.head_count")
    let heads = headCount.integer ?? 1
    let headWidth = try integer(
      "attention.key_length", default: max(1, (width.integer ?? 0) / heads))
    let base = try base(architecture)
    var members: [(key: String, value: JSONValue)] = [
      ("architectures", .array([.string(isQwen ? "Qwen2ForCausalLM" : "LlamaForCausalLM")])),
      ("model_type", .string(isQwen ? "qwen2" : "llama")),
      ("hidden_act", .string("silu")),
      ("hidden_size", width),
      ("intermediate_size", try integer("feed_forward_length")),
      ("num_hidden_layers", try integer("block_count")),
      ("num_attention_heads", headCount),
      ("num_key_value_heads", try integer("attention.head_count_kv", default: heads)),
      ("head_dim", headWidth),
      ("max_position_embeddings", try integer("context_length")),
      ("rms_norm_eps", try epsilon("\(architecture).attention.layer_norm_rms_epsilon")),
      ("rope_theta", .number(base)),
      ("tie_word_embeddings", .bool(tensors["output.weight"] == nil)),
      ("torch_dtype", .string("float32")),
      ("vocab_size", .integer(try tensor("token_embd.weight").shape.first ?? 0)),
    ]
    if let scaling = try scaling(architecture, headWidth: headWidth.integer ?? 0, base: base) {
      members.append(("rope_scaling", scaling))
    }
    if !isQwen {
      members.append(("attention_bias", .bool(tensors["blk.0.attn_q.bias"] != nil)))
    }
    for (key, name) in [("bos_token_id", "bos"), ("eos_token_id", "eos")] {
      let ownKey = "tokenizer.ggml.\(name)_token_id"
      if metadata.contains(ownKey) { members.append((key, .integer(try metadata.integer(ownKey)))) }
    }
    return .object(members.sorted { $0.key < $1.key })
  }

  private func epsilon(_ key: String) throws -> JSONValue {
    let epsilon = try metadata.number(key)
    guard epsilon > 0 else {
      throw CheckpointError.wrongMetadata(
        key: key, file: path, expected: "a positive number", found: "\(epsilon)")
    }
    return .number(epsilon)
  }

  private func base(_ architecture: String) throws -> Double {
    let key = "\(architecture).rope.freq_base"
    let base = metadata.contains(key) ? try metadata.number(key) : 10_000
    guard base > 0, base.isFinite else {
      throw CheckpointError.wrongMetadata(
        key: key, file: path, expected: "a positive number", found: "\(base)")
    }
    return base
  }

  private func scaling(
    _ architecture: String, headWidth: Int, base: Double
  ) throws -> JSONValue? {
    let key = "\(architecture).rope.scaling.type"
    // As llama.cpp has it: a factor without a type is that of linear scaling, and old files call it by another name.
    let factor = try number(
      "\(architecture).rope.scaling.factor", "\(architecture).rope.scale_linear")
    let kind = metadata.contains(key) ? try metadata.string(key) : factor == nil ? "none" : "linear"
    if let tensor = tensors[RotaryDivisors.tensor] {
      let divisors = try tensor.vector(count: headWidth / 2)
      guard kind == "none",
        let scaling = RotaryDivisors.scaling(divisors, width: headWidth, base: base)
      else {
        throw CheckpointError.wrongMetadata(
          key: RotaryDivisors.tensor, file: path,
          expected: "the divisors of Llama 3.1's scaling and no other scaling (for others use the "
            + "model's Hugging Face folder)", found: "\(divisors)")
      }
      return scaling
    }
    switch kind {
    case "none": return nil
    case "linear":
      // No factor, 0 and 1 all mean that nothing is scaled.
      guard let factor, factor != 0, factor != 1 else { return nil }
      guard factor > 0, factor.isFinite else {
        throw CheckpointError.wrongMetadata(
          key: "\(architecture).rope.scaling.factor", file: path, expected: "a positive number",
          found: "\(factor)")
      }
      return .object([("rope_type", .string("linear")), ("factor", .number(factor))])
    default:
      throw CheckpointError.wrongMetadata(
        key: key, file: path, expected: "none or linear", found: kind)
    }
  }

  /// The number under the first of the keys that is there.
  private func number(_ keys: String...) throws -> Double? {
    try keys.first(where: metadata.contains).map(metadata.number)
  }
}
