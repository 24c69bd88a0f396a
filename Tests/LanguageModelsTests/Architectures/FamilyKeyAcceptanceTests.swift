import Files
import Foundation
import LanguageModels
import LaserOps
import Numerics
import Testing

/// Keys and heads of families that have no committed checkpoint, as transformers' classes take them.
@Suite(
  .serialized,
  .enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
struct FamilyKeyAcceptanceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A copy of a checkpoint whose configuration has the members of `json` too, and the file the tensors `more`.
  private func copy(
    _ name: String, _ json: String = "{}", adding more: [SafetensorsEntry] = []
  ) throws -> URL {
    let source = try #require(TestResources.data).appending(path: "models/checkpoints/\(name)")
    let target = folder["\(UUID().uuidString)"]
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    let tensors = try SafetensorsFolder(source).tensors
    try SafetensorsFile.write(
      tensors.map { SafetensorsEntry($0.key, copying: $0.value) } + more,
      to: target.appending(path: "model.safetensors"))
    var members = try Self.members(Data(contentsOf: source.appending(path: "config.json")))
    members.merge(try Self.members(Data(json.utf8))) { $1 }
    try JSONSerialization.data(withJSONObject: members)
      .write(to: target.appending(path: "config.json"))
    return target
  }

  private static func members(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func logits(_ url: URL) throws -> Matrix {
    try logits(of: LanguageModelLoader.load(url))
  }

  private func logits(of model: some LanguageModel) throws -> Matrix {
    try Inference(model).logits(of: [4, 9, 2, 5, 7, 11])
  }

  @Test(arguments: [
    ("gpt2-plain", "lm_head"), ("gpt-neo", "lm_head"), ("opt-pre", "lm_head"),
    ("bloom", "lm_head"), ("bert", "cls.predictions.decoder"),
    ("distilbert", "vocab_projector"), ("modernbert", "decoder"),
  ])
  func `a head of its own counts although the configuration ties it`(
    name: String, head: String
  ) throws {
    let shape = try LanguageModelLoader.load(copy(name)).shape
    let zeros = Matrix(rows: shape.vocabularySize, columns: shape.width, repeating: 0)
    let logits = try logits(copy(name, adding: [SafetensorsEntry("\(head).weight", zeros)]))
    // Nothing but a bias is left, at every position.
    let columns = shape.vocabularySize
    #expect(logits.values.prefix(columns) == logits.values.suffix(columns))
  }

  private static let flat = #"{"rope_parameters": {"rope_type": "default", "rope_theta": 5000}}"#
  private static let oldType =
    #"{"rope_parameters": null, "rope_scaling": {"type": "linear", "factor": 2}}"#
  private static let sliding = #""sliding_attention", "sliding_attention", "sliding_attention""#

  @Test(arguments: [
    ("gemma3", flat, "'rope_parameters'"), ("olmo3", flat, "'rope_parameters'"),
    ("modernbert", flat, "'rope_parameters'"), ("gemma3", oldType, "'type'"),
    ("olmo3", oldType, "'type'"), ("modernbert", oldType, "'type'"),
    ("olmo3", #"{"rope_parameters": null, "rope_theta": 9000}"#, "'rope_theta'"),
    ("neox-sequential", #"{"rope_theta": 10000}"#, "'rope_theta'"),
    ("neox-parallel", #"{"partial_rotary_factor": 0.5}"#, "'partial_rotary_factor'"),
    ("stablelm", #"{"rotary_pct": 0.5}"#, "'rotary_pct'"),
    ("phi", #"{"rotary_pct": 0.25}"#, "'rotary_pct'"),
    ("gemma3", #"{"attn_logit_softcapping": 2}"#, "'attn_logit_softcapping'"),
    ("gemma", #"{"hidden_activation": "gelu"}"#, "'hidden_activation'"),
    ("modernbert", #"{"sliding_window": 7}"#, "'sliding_window'"),
    ("qwen3-moe", #"{"layer_types": [\#(sliding)]}"#, "'layer_types'"),
    ("phi3-plain", #"{"layer_types": [\#(sliding)]}"#, "'layer_types'"),
    ("smollm3", #"{"layer_types": [\#(sliding), "full_attention"]}"#, "'sliding_window'"),
    ("gpt2-plain", #"{"num_attention_heads": 2}"#, "'num_attention_heads'"),
    ("gpt-neo", #"{"num_hidden_layers": 2}"#, "'num_hidden_layers'"),
    ("distilbert", #"{"hidden_size": 24}"#, "'hidden_size'"),
    ("bloom", #"{"num_attention_heads": 2}"#, "'num_attention_heads'"),
    ("stablelm", #"{"use_qkv_bias": false}"#, "k_proj.bias"),
    ("qwen2-moe", #"{"qkv_bias": false}"#, "k_proj.bias"),
  ])
  func `what transformers does not take as it is said is refused`(
    name: String, json: String, named: String
  ) throws {
    #expect(Golden.message(try copy(name, json)).contains(named))
  }

  @Test func `an old scaling of ModernBERT is for both kinds of layers`() throws {
    let old = #"{"rope_parameters": null, "rope_scaling": {"rope_type": "linear", "factor": 2}}"#
    func kind(_ base: Int) -> String {
      #"{"rope_type": "linear", "factor": 2, "rope_theta": \#(base)}"#
    }
    let new = """
      {"rope_parameters": {
        "full_attention": \(kind(160_000)), "sliding_attention": \(kind(10_000))}}
      """
    let logits = try logits(copy("modernbert", old))
    #expect(try logits == self.logits(copy("modernbert", new)))
    #expect(try logits != self.logits(copy("modernbert")))
  }

  @Test func `kinds of layers of SmolLM3 count where windows are not switched on`() throws {
    let json = #"{"layer_types": [\#(Self.sliding), "full_attention"], "sliding_window": 2}"#
    #expect(try logits(copy("smollm3", json)) != logits(copy("smollm3")))
  }
}
