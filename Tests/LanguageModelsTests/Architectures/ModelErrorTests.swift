import Files
import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

/// Damaged checkpoints: a copy of a fixture with one thing changed.
@Suite struct ModelErrorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A copy of the fixture `name` whose configuration has `keys` changed, null meaning removed.
  private func copy(_ name: String, setting keys: [String: JSONValue] = [:]) throws -> URL {
    let source = Golden.folder.appendingPathComponent(name)
    let target = folder["model"]
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: source.appendingPathComponent("model.safetensors"),
      to: target.appendingPathComponent("model.safetensors"))
    let json = try JSONValue(contentsOf: source.appendingPathComponent("config.json"))
    let members = (json.members ?? []).filter { keys[$0.key] == nil }
    let text = (members.map { ($0.key, $0.value) } + keys.filter { !$0.value.isNull }.map { $0 })
      .map { "\"\($0.0)\": \(Self.text($0.1))" }
    try AtomicFile.write(
      "{\(text.joined(separator: ", "))}", to: target.appendingPathComponent("config.json"))
    return target
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let string): "\"\(string)\""
    case .array(let elements): "[\(elements.map(text).joined(separator: ", "))]"
    case .object(let members):
      "{\(members.map { "\"\($0.key)\": \(text($0.value))" }.joined(separator: ", "))}"
    }
  }

  @Test func `a changed configuration that agrees with the tensors loads`() throws {
    #expect(Golden.message(try copy("qwen2", setting: ["rms_norm_eps": .number(0.5)])) == "loaded")
  }

  @Test func `an unknown architecture is named with those that are known`() throws {
    let message = Golden.message(try copy("qwen2", setting: ["model_type": .string("mamba")]))
    #expect(message.contains("'mamba'") && message.contains("gptj, llama, mistral"))
  }

  @Test(arguments: [
    ("qwen2", "rope_thta", "rope_theta"), ("qwen2", "rms_norm_esp", "rms_norm_eps"),
    ("qwen2", "Head_Dim", "head_dim"), ("roberta", "layer-norm-eps", "layer_norm_eps"),
  ])
  func `a key that is misspelt is named, with the one that is meant`(
    name: String, key: String, meant: String
  ) throws {
    let model = try copy(name, setting: [meant: .null, key: .integer(2)])
    #expect(Golden.message(model).contains("has '\(key)', which is not known, and no '\(meant)'"))
  }

  @Test func `a key that is known is no warning`() throws {
    #expect(try LanguageModelLoader.load(copy("roberta")).checkpoint.warnings.isEmpty)
  }

  @Test func `keys that nothing knows are warned of, unless they are switched off`() throws {
    let model = try LanguageModelLoader.load(
      copy("qwen2", setting: ["alibi": .bool(true), "attention_sinks": .bool(false)]))
    #expect(model.checkpoint.warnings.count == 1)
    #expect(model.checkpoint.warnings.first?.hasSuffix("another one: alibi") == true)
  }

  @Test func `fewer layers than the file has are refused`() throws {
    let message = Golden.message(
      try copy("llama-plain", setting: ["num_hidden_layers": .integer(1)]))
    #expect(message.contains("has no use for: model.layers.1."))
  }

  @Test(arguments: [("qwen2", "model.layers.0.self_attn.q_proj.bias")])
  func `a bias that the family has and the file has not is named`(
    name: String, tensor: String
  ) throws {
    let model = try copy(name)
    let tensors = try SafetensorsFolder(Golden.folder.appendingPathComponent(name)).tensors
    try SafetensorsFile.write(
      tensors.filter { $0.key != tensor }.map { SafetensorsEntry($0.key, copying: $0.value) },
      to: model.appendingPathComponent("model.safetensors"))
    #expect(Golden.message(model).contains("'\(tensor)'"))
  }

  @Test(arguments: [
    ("qwen2", "hidden_size"), ("gptj-one-layer", "n_embd"), ("roberta", "vocab_size"),
  ])
  func `a missing key is named`(name: String, key: String) throws {
    #expect(Golden.message(try copy(name, setting: [key: .null])).contains("no '\(key)'"))
  }

  @Test(arguments: [
    ("qwen2", "hidden_size", JSONValue.integer(-4)), ("qwen2", "hidden_size", .integer(1 << 40)),
    ("qwen2", "num_key_value_heads", .integer(3)), ("qwen2", "num_attention_heads", .integer(0)),
    ("qwen2", "rms_norm_eps", .string("small")), ("qwen2", "hidden_act", .string("relu2")),
    ("qwen2", "num_hidden_layers", .number(1.5)), ("qwen2", "head_dim", .integer(5)),
    ("qwen2", "tie_word_embeddings", .integer(1)),
    ("gptj-one-layer", "rotary_dim", .integer(3)), ("gptj-one-layer", "rotary_dim", .integer(64)),
    ("gptj-one-layer", "n_head", .integer(3)),
    ("gptj-one-layer", "activation_function", .string("relu")),
    ("roberta", "num_attention_heads", .integer(5)),
    ("roberta", "max_position_embeddings", .integer(2)),
  ])
  func `a value that makes no sense is named`(name: String, key: String, value: JSONValue) throws {
    #expect(Golden.message(try copy(name, setting: [key: value])).contains("'\(key)'"))
  }

  @Test func `an unknown rotary scaling is named`() throws {
    let url = try copy(
      "llama-plain",
      setting: ["rope_parameters": .object([("rope_type", .string("proportional"))])])
    #expect(
      Golden.message(url).contains("'rope_type'") && Golden.message(url).contains("'proportional'"))
  }

  @Test(arguments: [
    ("qwen2", "vocab_size"), ("gptj-one-layer", "n_inner"), ("roberta", "vocab_size"),
  ])
  func `a tensor of another shape is named with its file`(name: String, key: String) throws {
    let message = Golden.message(try copy(name, setting: [key: .integer(12)]))
    #expect(message.contains("tensor '") && message.contains("model.safetensors"))
    #expect(message.contains("expected [12, "))
  }

  @Test func `a layer too many is a missing tensor`() throws {
    let message = Golden.message(
      try copy("llama-plain", setting: ["num_hidden_layers": .integer(3)]))
    #expect(message.contains("no tensor 'model.layers.2.input_layernorm.weight'"))
  }

  @Test func `a weight that is no number is found when a result is none`() throws {
    let url = try damaged("model.layers.1.mlp.up_proj.weight", row: 2, column: 1)
    let message = answer(try LanguageModelLoader.load(url))
    #expect(message.contains("'model.layers.1.mlp.up_proj.weight'"))
    #expect(message.contains("row 2, column 1") && message.contains("model.safetensors"))
  }

  @Test func `a norm that is no number is refused at once`() throws {
    let url = try damaged("model.norm.weight", row: 0, column: 3)
    #expect(Golden.message(url).contains("'model.norm.weight'"))
  }

  /// A copy of llama-plain with one element that is not a number.
  private func damaged(_ name: String, row: Int, column: Int) throws -> URL {
    let url = try copy("llama-plain")
    let file = url.appendingPathComponent("model.safetensors")
    let entries = try SafetensorsFile(file).tensors.values.map { tensor in
      guard tensor.name == name else { return SafetensorsEntry(tensor.name, copying: tensor) }
      let columns = tensor.shape.last ?? 1
      var values = tensor.withBytes { Array($0.bindMemory(to: Float.self)) }
      values[row * columns + column] = .nan
      return SafetensorsEntry(tensor.name, shape: tensor.shape, values: values)
    }
    try SafetensorsFile.write(entries, to: file)
    return url
  }

  private func answer(_ model: some LanguageModel) -> String {
    do {
      _ = try lastLogits(of: model)
      return "answered"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Keys as transformers' classes read them

  @Test(arguments: ["attention_bias", "mlp_bias"])
  func `biases that the configuration denies and the file has are refused`(key: String) throws {
    let message = Golden.message(
      try copy("llama-grouped-biased-tied", setting: [key: .bool(false)]))
    #expect(message.contains("has no use for: model.layers.") && message.contains("bias"))
  }

  private static let sliding = JSONValue.array([
    .string("sliding_attention"), .string("sliding_attention"),
  ])
  private static let full = JSONValue.array([
    .string("full_attention"), .string("full_attention"),
  ])

  @Test(arguments: [
    ("llama-plain", "partial_rotary_factor", JSONValue.number(0.5)),
    ("llama-plain", "rotary_pct", .number(0.25)),
    ("llama-linear-scaling", "rotary_emb_base", .integer(10_000)),
    ("gptj-one-layer", "num_attention_heads", .integer(4)),
    ("mixtral", "layer_types", sliding), ("mixtral", "norm_topk_prob", .bool(false)),
  ])
  func `a key that the class does not read is refused where it says something else`(
    name: String, key: String, value: JSONValue
  ) throws {
    #expect(Golden.message(try copy(name, setting: [key: value])).contains("'\(key)'"))
  }

  @Test(arguments: [
    ("llama-plain", "partial_rotary_factor", JSONValue.number(1)),
    ("llama-linear-scaling", "rotary_emb_base", .integer(5000)),
    ("gptj-one-layer", "num_attention_heads", .integer(2)),
    ("mixtral", "layer_types", full), ("mixtral", "norm_topk_prob", .bool(true)),
  ])
  func `a key that the class does not read is let be where it says the same`(
    name: String, key: String, value: JSONValue
  ) throws {
    #expect(Golden.message(try copy(name, setting: [key: value])) == "loaded")
  }

  @Test func `the usual name of a size stands for the family's own`() throws {
    let url = try copy(
      "gptj-one-layer", setting: ["n_head": .null, "num_attention_heads": .integer(2)])
    #expect(Golden.message(url) == "loaded")
  }

  @Test func `a model that predicts masked tokens is not asked to continue a text`() throws {
    let model = try Golden.load("roberta").model
    #expect(throws: LanguageModelError.cannotContinueText(file: model.checkpoint.path)) {
      try self.lastLogits(of: model)
    }
  }

  private func lastLogits(of model: some LanguageModel) throws -> Matrix {
    try Inference(model).lastLogits(of: [[1, 2, 3]])
  }

  @Test func `prompts that the model cannot take are refused`() throws {
    try check(try Golden.load("llama-plain").model)
  }

  private func check(_ model: some LanguageModel) throws {
    let inference = Inference(model)
    #expect(throws: LanguageModelError.emptyPrompt) { try inference.lastLogits(of: [[]]) }
    #expect(throws: LanguageModelError.idOutOfRange(103, count: 103)) {
      try inference.lastLogits(of: [[5], [103]])
    }
    #expect(throws: LanguageModelError.idOutOfRange(-1, count: 103)) {
      try inference.lastLogits(of: [[5]], candidates: [-1])
    }
    let long = Array(repeating: 3, count: 65)
    #expect(throws: LanguageModelError.promptTooLong(tokens: 65, limit: 64)) {
      try inference.lastLogits(of: [long])
    }
    #expect(throws: LanguageModelError.promptTooLong(tokens: 65, limit: 64)) {
      try inference.continuations(of: [Array(long.dropLast())], count: 2)
    }
    #expect(throws: LanguageModelError.positionOutOfRange(1, count: 1)) {
      try inference.gradients(of: [1], predicting: [PredictedToken(position: 1, token: 2)])
    }
  }
}
