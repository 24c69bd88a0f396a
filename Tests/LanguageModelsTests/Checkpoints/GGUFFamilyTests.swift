import Foundation
import Numerics
import Testing

@testable import LanguageModels

/// How GGUF's families are translated to Hugging Face's names, shapes and configurations, on files in memory.
@Suite struct GGUFFamilyTests {
  /// A file of `architecture`: width 4, two heads of 2, two layers, MLP of 3; every tensor counts from 0.
  private struct Sample {
    var builder = GGUFBuilder()
    let architecture: String

    init(_ architecture: String, keyHeads: UInt32 = 2) {
      self.architecture = architecture
      builder.add("general.architecture", architecture)
      let sizes: [(String, UInt32)] = [
        ("embedding_length", 4), ("block_count", 2), ("attention.head_count", 2),
        ("attention.head_count_kv", keyHeads), ("feed_forward_length", 3), ("context_length", 64),
      ]
      for (key, value) in sizes { builder.add("\(architecture).\(key)", value) }
      for key in ["layer_norm_rms_epsilon", "layer_norm_epsilon"] {
        add("attention.\(key)", number: 1e-5)
      }
      add("token_embd.weight", shape: [7, 4])
    }

    mutating func add(_ key: String, number value: Float) {
      builder.add("\(architecture).\(key)", type: 6, GGUFBuilder.integer(value.bitPattern))
    }

    mutating func add(_ key: String, _ value: UInt32) {
      builder.add("\(architecture).\(key)", value)
    }

    mutating func add(_ key: String, _ value: Bool) {
      builder.add("\(architecture).\(key)", type: 7, [value ? 1 : 0])
    }

    mutating func add(_ key: String, _ text: String) { builder.add("\(architecture).\(key)", text) }

    mutating func add(_ name: String, shape: [Int]) {
      builder.addTensor(
        name, dimensions: shape.reversed().map { UInt64($0) }, offset: UInt64(builder.data.count))
      for index in 0..<shape.reduce(1, *) {
        builder.data += GGUFBuilder.integer(Float(index).bitPattern)
      }
      builder.data += Array(repeating: 0, count: (32 - builder.data.count % 32) % 32)
    }

    func checkpoint() throws -> Checkpoint {
      try Checkpoint(GGUFFile(MappedFile(builder.bytes, path: "model.gguf")))
    }

    /// What the configuration says under `key`, as JSON.
    func setting(_ key: String) throws -> String? { try value(key).map(\.plainText) }

    /// The same, not yet written.
    func value(_ key: String) throws -> JSONValue? {
      try GGUFNames(GGUFFile(MappedFile(builder.bytes, path: "model.gguf"))).configuration()[key]
    }
  }

  private func column(_ matrix: MappedMatrix) -> [Int] {
    let matrix = matrix.matrix()
    return (0..<matrix.rows).map { Int(matrix[$0, 0]) / matrix.columns }
  }

  @Test func `GPT-2's weights are turned round again`() throws {
    var sample = Sample("gpt2")
    sample.add("blk.1.attn_qkv.weight", shape: [12, 4])
    sample.add("blk.1.attn_qkv.bias", shape: [12])
    let checkpoint = try sample.checkpoint()
    let tensor = try checkpoint.tensor("transformer.h.1.attn.c_attn.weight")
    #expect(tensor.shape == [4, 12] && tensor.plain == nil)
    #expect(column(try tensor.mapped(.columns(4..<8), of: [4, 12])) == [4, 5, 6, 7])
    #expect(try Array(tensor.values()[0..<3]) == [0, 4, 8])
    #expect(
      try checkpoint.vector("transformer.h.1.attn.c_attn.bias", count: 12)
        == (0..<12).map { Float($0) })
  }

  @Test(arguments: [
    ("gptneox", "gpt_neox.layers.0.attention"), ("bloom", "transformer.h.0.self_attention"),
  ])
  func `queries, keys and values are put together head by head`(
    architecture: String, prefix: String
  ) throws {
    var sample = Sample(architecture)
    sample.add("blk.0.attn_qkv.weight", shape: [12, 4])
    sample.add("blk.0.attn_qkv.bias", shape: [12])
    let checkpoint = try sample.checkpoint()
    let tensor = try checkpoint.tensor("\(prefix).query_key_value.weight")
    let keys = try tensor.mapped(.groups(2..<4, height: 6), of: [12, 4])
    #expect(column(keys) == [4, 5, 6, 7])
    #expect(keys.rowOrder == .stored)
    #expect(
      try checkpoint.vector("\(prefix).query_key_value.bias", count: 12)
        == [0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11])
  }

  @Test func `experts are taken out of their stack, alone or with gate and up in one`() throws {
    var sample = Sample("qwen2moe")
    sample.add("expert_count", 3)
    sample.add("blk.0.ffn_down_exps.weight", shape: [3, 4, 2])
    sample.add("blk.0.ffn_gate_up_exps.weight", shape: [3, 4, 4])
    sample.add("blk.1.ffn_down.2.weight", shape: [4, 2])
    sample.add("blk.0.ffn_gate_inp_shexp.weight", shape: [4])
    let checkpoint = try sample.checkpoint()
    func rows(_ name: String, _ rows: Int, _ columns: Int) throws -> [Int] {
      column(try checkpoint.matrix("model.layers.\(name).weight", rows: rows, columns: columns))
    }
    #expect(try rows("0.mlp.experts.2.down_proj", 4, 2) == [8, 9, 10, 11])
    #expect(try rows("0.mlp.experts.1.gate_proj", 2, 4) == [4, 5])
    #expect(try rows("0.mlp.experts.1.up_proj", 2, 4) == [6, 7])
    #expect(try rows("1.mlp.experts.2.down_proj", 4, 2) == [0, 1, 2, 3])
    #expect(try rows("0.mlp.shared_expert_gate", 1, 4) == [0])
    #expect(!checkpoint.contains("model.layers.1.mlp.experts.1.down_proj.weight"))
    #expect(throws: StorageError.self) { try rows("0.mlp.experts.3.down_proj", 4, 2) }
  }

  @Test(arguments: ["llama", "qwen2"])
  func `queries, keys and values come out of one tensor, of Llama with their rows interleaved`(
    architecture: String
  ) throws {
    var sample = Sample(architecture, keyHeads: 1)
    sample.add("attention.key_length", UInt32(4))
    sample.add("blk.0.attn_qkv.weight", shape: [16, 4])
    let checkpoint = try sample.checkpoint()
    func rows(_ name: String) throws -> [Int] {
      column(
        try checkpoint.matrix("model.layers.0.self_attn.\(name).weight", rows: 4, columns: 4))
    }
    #expect(try rows("k_proj") == (architecture == "llama" ? [8, 10, 9, 11] : [8, 9, 10, 11]))
    #expect(try rows("v_proj") == [12, 13, 14, 15])
  }

  @Test func `Phi-3's fused tensor is put together from three`() throws {
    var sample = Sample("phi3", keyHeads: 1)
    sample.add("blk.0.attn_q.weight", shape: [4, 4])
    sample.add("blk.0.attn_k.weight", shape: [2, 4])
    sample.add("blk.0.attn_v.weight", shape: [2, 4])
    let tensor = try sample.checkpoint().tensor("model.layers.0.self_attn.qkv_proj.weight")
    #expect(tensor.shape == [8, 4])
    #expect(column(try tensor.mapped(.rows(4..<6), of: [8, 4])) == [0, 1])
    #expect(throws: StorageError.self) { try tensor.mapped(.rows(3..<6), of: [8, 4]) }
  }

  @Test func `Gemma's norms lose the one that was added`() throws {
    var sample = Sample("gemma2")
    sample.add("blk.0.post_ffw_norm.weight", shape: [4])
    sample.add("blk.0.ffn_norm.weight", shape: [4])
    let checkpoint = try sample.checkpoint()
    for name in ["post_feedforward_layernorm", "pre_feedforward_layernorm"] {
      #expect(
        try checkpoint.vector("model.layers.0.\(name).weight", count: 4) == [-1, 0, 1, 2])
    }
  }

  @Test func `the norms of StableLM's heads are rows of one tensor`() throws {
    var sample = Sample("stablelm")
    sample.add("blk.0.attn_k_norm.weight", shape: [2, 2])
    let checkpoint = try sample.checkpoint()
    let name = "model.layers.0.self_attn.k_layernorm.norms"
    #expect(try checkpoint.vector("\(name).1.weight", count: 2) == [2, 3])
    #expect(throws: StorageError.self) { try checkpoint.vector("\(name).2.weight", count: 2) }
    #expect(try checkpoint.allTensors.map(\.name).filter { $0.hasPrefix(name) }.count == 2)
  }

  @Test func `a tensor that nobody asks for is an error`() throws {
    var sample = Sample("phi3")
    sample.add("blk.0.attn_sinks.weight", shape: [2])
    sample.add("rope_factors_long.weight", shape: [1])
    let checkpoint = try sample.checkpoint()
    _ = try checkpoint.tensor("model.embed_tokens.weight")
    #expect(
      throws: CheckpointError.unreadTensors(
        ["blk.0.attn_sinks.weight"], file: "model.gguf", architecture: "phi3")
    ) { try checkpoint.requireAllRead(by: "phi3") }
  }

  // MARK: - Configurations

  @Test func `several families share an architecture`() throws {
    #expect(try Sample("llama").setting("model_type") == #""llama""#)
    var mixtral = Sample("llama")
    mixtral.add("expert_count", 3)
    mixtral.add("expert_used_count", 2)
    #expect(try mixtral.setting("model_type") == #""mixtral""#)
    #expect(try mixtral.setting("num_local_experts") == "3")
    #expect(try Sample("olmo2").setting("model_type") == #""olmo2""#)
    var windows = Sample("olmo2")
    windows.add("attention.sliding_window", 5)
    #expect(try windows.setting("model_type") == #""olmo3""#)
  }

  @Test func `what a file leaves out is what llama.cpp takes`() throws {
    #expect(try Sample("llama").setting("rope_theta") == "10000.0")
    #expect(try Sample("gemma2").setting("sliding_window") == "4096")
    #expect(try Sample("gemma2").setting("attn_logit_softcapping") == "50.0")
    #expect(try Sample("gemma3").setting("sliding_window") == nil)
    #expect(try Sample("gemma3").setting("rope_local_base_freq") == "10000.0")
    #expect(try Sample("gemma3").setting("query_pre_attn_scalar") == "2")
    var granite = Sample("granite")
    granite.add("logit_scale", number: 2)
    #expect(try granite.setting("attention_multiplier") == "\(1 / Double(2).squareRoot())")
    #expect(try granite.setting("residual_multiplier") == "1.0")
    #expect(throws: CheckpointError.missingMetadata(key: "granite.logit_scale", file: "model.gguf"))
    {
      try Sample("granite").setting("logits_scaling")
    }
  }

  @Test func `every sixth layer of Gemma 3 sees everything, unless the file says otherwise`() throws
  {
    func kinds(_ change: (inout Sample) -> Void) throws -> [String]? {
      var sample = Sample("gemma3")
      sample.add("attention.sliding_window", 5)
      change(&sample)
      return try sample.value("layer_types")?.elements?.compactMap(\.string)
    }
    #expect(try kinds { _ in } == ["sliding_attention", "sliding_attention"])
    #expect(
      try kinds { $0.add("attention.sliding_window_pattern", UInt32(2)) }
        == ["sliding_attention", "full_attention"])
    let list = GGUFBuilder.integer(UInt32(7)) + GGUFBuilder.integer(UInt64(2)) + [0, 1]
    #expect(
      try kinds {
        $0.builder.add("gemma3.attention.sliding_window_pattern", type: 9, list)
      } == ["full_attention", "sliding_attention"])
    #expect(throws: CheckpointError.self) {
      try kinds { $0.add("attention.sliding_window_pattern", "often") }
    }
  }

  @Test(arguments: ["rope.scaling.factor", "rope.scale_linear"])
  func `a factor without a type is linear scaling`(key: String) throws {
    var sample = Sample("qwen2")
    sample.add(key, number: 4)
    #expect(try sample.value("rope_scaling")?["rope_type"]?.plainText == #""linear""#)
    #expect(try sample.value("rope_scaling")?["factor"]?.plainText == "4.0")
  }

  @Test func `yarn comes with its attention factor`() throws {
    var sample = Sample("qwen2")
    sample.add("rope.scaling.type", "yarn")
    sample.add("rope.scaling.factor", number: 4)
    sample.add("rope.scaling.yarn_beta_fast", number: 16)
    let plain = try sample.value("rope_scaling")
    #expect(plain?["original_max_position_embeddings"]?.plainText == "64")
    #expect(
      plain?["beta_fast"]?.plainText == "16.0" && plain?["attention_factor"]?.plainText == nil)
    sample.add("rope.scaling.yarn_attn_factor", number: 1.5)
    #expect(try sample.value("rope_scaling")?["attention_factor"]?.plainText == "1.5")
  }

  @Test func `yarn that stretches nothing keeps its attention factor`() throws {
    var sample = Sample("qwen2")
    sample.add("rope.scaling.type", "yarn")
    sample.add("rope.scaling.factor", number: 1)
    #expect(try sample.value("rope_scaling") == nil)
    sample.add("rope.scaling.attn_factor", number: 1.5)
    #expect(try sample.value("rope_scaling")?["attention_factor"]?.plainText == "1.5")
  }

  @Test func `a factor divides the frequencies of longrope too`() throws {
    var sample = Sample("phi3")
    sample.add("rope.dimension_count", UInt32(2))
    sample.add("rope.scaling.type", "longrope")
    sample.add("rope.scaling.factor", number: 4)
    sample.add("rope_factors_long.weight", shape: [1])
    sample.builder.data.replaceSubrange(
      (sample.builder.data.count - 32)..<(sample.builder.data.count - 28),
      with: GGUFBuilder.integer(Float(3).bitPattern))
    sample.builder.addTensor(
      "rope_factors_short.weight", dimensions: [1], offset: UInt64(sample.builder.data.count))
    sample.builder.data += GGUFBuilder.integer(Float(2).bitPattern) + Array(repeating: 0, count: 28)
    let scaling = try sample.value("rope_scaling")
    #expect(scaling?["short_factor"]?.plainText == "[8.0]")
    #expect(scaling?["long_factor"]?.plainText == "[12.0]")
  }

  @Test func `a model that reads both ways is refused, one that says it does not is read`() throws {
    var sample = Sample("qwen2")
    sample.add("attention.causal", true)
    #expect(try sample.setting("model_type") == #""qwen2""#)
    var other = Sample("qwen2")
    other.add("attention.causal", false)
    let error = #expect(throws: CheckpointError.self) { try other.setting("model_type") }
    #expect(error?.description.contains("qwen2.attention.causal") == true)
  }

  @Test func `a context of four million positions is read`() throws {
    var sample = Sample("smollm3")
    sample.add("rope.scaling.original_context_length", UInt32(1 << 22))
    #expect(
      try GGUFKeys(
        file: GGUFFile(MappedFile(sample.builder.bytes, path: "m")), architecture: "smollm3"
      ).originalLength == 1 << 22)
  }

  @Test func `two lists of divisors are longrope, one without its fellow is an error`() throws {
    var sample = Sample("phi3")
    sample.add("rope.scaling.attn_factor", number: 1.25)
    sample.add("rope_factors_long.weight", shape: [1])
    #expect(throws: (any Error).self) { try sample.setting("rope_scaling") }
    var both = Sample("phi3")
    both.add("rope.dimension_count", UInt32(2))
    both.add("rope.scaling.attn_factor", number: 1.25)
    for name in ["long", "short"] {
      both.builder.addTensor(
        "rope_factors_\(name).weight", dimensions: [1], offset: UInt64(both.builder.data.count))
      both.builder.data += GGUFBuilder.integer(Float(name == "long" ? 3 : 2).bitPattern)
      both.builder.data += Array(repeating: 0, count: 28)
    }
    let scaling = try both.value("rope_scaling")
    #expect(scaling?["rope_type"]?.plainText == #""longrope""#)
    #expect(scaling?["long_factor"]?.plainText == "[3.0]")
    #expect(scaling?["attention_factor"]?.plainText == "1.25")
  }

  @Test func `a part of a head is the part that its share amounts to`() {
    for whole in 1...256 {
      for part in 1...whole {
        #expect(Int(Double(whole) * GGUFKeys.share(part, of: whole)) == part)
      }
    }
  }

  @Test func `lists of one number a layer have to agree`() throws {
    var sample = GGUFBuilder()
    sample.add("general.architecture", "llama")
    sample.add("llama.attention.head_count", [Int32(4), 4])
    sample.add("llama.feed_forward_length", [Int32(4), 8])
    let keys = GGUFKeys(
      file: try GGUFFile(MappedFile(sample.bytes, path: "model.gguf")), architecture: "llama")
    #expect(try keys.headCount == 4)
    #expect(throws: CheckpointError.self) { try keys.integer("feed_forward_length") }
  }

  @Test func `every family has names for its embedding, its last norm and its head`() {
    for family in GGUFFamily.all {
      let tensors = Set(family.modules.values.flatMap { $0.choices.joined().map(\.tensor) })
      #expect(
        tensors.isSuperset(of: ["token_embd", "output_norm", "output"]), "\(family.modelType)")
      #expect(
        LanguageModelLoader.architectures.contains(family.modelType), "\(family.modelType)")
    }
  }
}

extension JSONValue {
  /// The value as JSON, on one line.
  fileprivate var plainText: String { text.trimmingCharacters(in: .newlines) }
}
