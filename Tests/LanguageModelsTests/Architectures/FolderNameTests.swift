import Files
import Foundation
import LanguageModels
import LaserOps
import Numerics
import Testing

/// Folders as other programs write them.
@Suite struct FolderNameTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A committed model, its tensors under other names, its configuration changed.
  private func write(
    _ name: String, configuration: (String) -> String = { $0 },
    without left: Set<String> = [], adding more: [SafetensorsEntry] = [],
    names: (String) -> String
  ) throws -> URL {
    let source = Golden.folder.appendingPathComponent(name)
    let model = try SafetensorsFolder(source)
    try SafetensorsFile.write(
      model.tensors.filter { !left.contains($0.key) }.map { name, tensor in
        SafetensorsEntry(names(name), copying: tensor)
      } + more, to: folder["model.safetensors"])
    let text = try String(
      contentsOf: source.appendingPathComponent("config.json"), encoding: .utf8)
    try AtomicFile.write(configuration(text), to: folder["config.json"])
    return folder.url
  }

  private func logits(_ model: some LanguageModel) throws -> Matrix {
    try Inference(model).logits(of: [4, 9, 2])
  }

  @Test(arguments: ["_orig_mod.", "module."])
  func `names that a wrapper has begun are those behind it`(wrapper: String) throws {
    let wrapped = try LanguageModelLoader.load(write("llama-plain") { wrapper + $0 })
    #expect(try logits(wrapped) == logits(Golden.load("llama-plain").model))
  }

  @Test(arguments: [
    ("llama-grouped-biased-tied", "model."), ("qwen2", "model."),
    ("gptj-deep-tied", "transformer."),
  ])
  func `the base of a model is loaded by its shorter names, and written with the usual ones`(
    name: String, prefix: String
  ) throws {
    let base = try LanguageModelLoader.load(
      write(name) { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 })
    #expect(try logits(base) == logits(Golden.load(name).model))
    let edits = try Intervention.list(parsing: "Uin:0:0.5")
    try export(base, edits, to: folder["edited"])
    let edited = try LanguageModelLoader.load(folder["edited"])
    #expect(try logits(edited) != logits(base))
    #expect(
      try SafetensorsFolder(folder["edited"]).tensors.keys.allSatisfy {
        $0.hasPrefix(prefix) || $0.hasPrefix("lm_head")
      })
  }

  private func export(
    _ model: some LanguageModel, _ edits: [Intervention], to folder: URL
  ) throws {
    _ = try ModelExport(model.applying(edits), to: folder)
  }

  @Test(arguments: [
    "vocab.txt", "spiece.model", "sentencepiece.bpe.model", "chat_template.json", "merges.txt",
  ])
  func `the files of a tokenizer go along with an edited model`(name: String) throws {
    let source = try write("llama-plain") { $0 }
    try AtomicFile.write("content", to: folder[name])
    try export(LanguageModelLoader.load(source), [], to: folder["edited"])
    #expect(
      try String(contentsOf: folder["edited"].appendingPathComponent(name), encoding: .utf8)
        == "content")
  }

  @Test(arguments: ["llama-plain", "gptj-one-layer"])
  func `a head of its own counts although the configuration ties it`(name: String) throws {
    let tied = try write(name) { $0 }
    let text = try String(contentsOf: folder["config.json"], encoding: .utf8)
    try AtomicFile.write(
      text.replacing(
        try Regex(#""tie_word_embeddings": *false"#), with: #""tie_word_embeddings": true"#),
      to: folder["config.json"])
    #expect(try logits(LanguageModelLoader.load(tied)) == logits(Golden.load(name).model))
  }

  @Test func `a head of its own counts in a masked model too`() throws {
    let head = SafetensorsEntry(
      "lm_head.decoder.weight", Matrix(rows: 107, columns: 24, repeating: 0))
    let logits = try logits(LanguageModelLoader.load(write("roberta", adding: [head]) { $0 }))
    // Nothing but the bias is left, at every position.
    #expect(logits.values.prefix(107) == logits.values.suffix(107))
  }

  @Test func `a model of four million positions is loaded`() throws {
    let url = try write(
      "llama-plain",
      configuration: {
        $0.replacing(
          #/"max_position_embeddings": *\d+/#, with: #""max_position_embeddings": 4194304"#)
      }
    ) { $0 }
    #expect(try LanguageModelLoader.load(url).shape.contextLength == 4_194_304)
  }

  @Test(arguments: ["gptq", "awq", "bitsandbytes", "fp8", "compressed-tensors", "mxfp4"])
  func `quantised weights are refused by the name of their method`(method: String) throws {
    let url = try write("llama-plain") { $0 }
    let text = try String(contentsOf: folder["config.json"], encoding: .utf8)
    try AtomicFile.write(
      text.replacing(
        try Regex(#"\}\s*$"#), with: #", "quantization_config": {"quant_method": "\#(method)"}}"#),
      to: folder["config.json"])
    #expect(throws: LanguageModelError.quantised(method: method, file: folder["config.json"].path))
    {
      try LanguageModelLoader.load(url)
    }
  }

  @Test func `codes of quantised weights are known where no configuration speaks of them`() throws {
    let url = try write("llama-plain") {
      $0 == "model.layers.0.mlp.up_proj.weight" ? "model.layers.0.mlp.up_proj.qweight" : $0
    }
    let error = #expect(throws: LanguageModelError.self) { try LanguageModelLoader.load(url) }
    #expect(error?.description.contains("model.layers.0.mlp.up_proj.qweight") == true)
  }
}
