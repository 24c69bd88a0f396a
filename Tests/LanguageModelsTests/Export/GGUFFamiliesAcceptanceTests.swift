import Foundation
import LaserOps
import Numerics
import Testing

@testable import LanguageModels

/// A small model of every family in GGUF, with logits of a reference implementation: read, edited and written again.
@Suite(
  .serialized,
  .enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
struct GGUFFamiliesAcceptanceTests {
  private struct Expected: Decodable {
    let ids: [Int]
    /// Of the last positions.
    let logits: [[Float]]
  }

  private static let names = [
    "bloom", "command-r", "gemma", "gemma2", "gemma3", "gpt2", "gptneox-parallel",
    "gptneox-sequential", "granite", "llama-yarn", "mixtral", "olmo2", "olmo3", "olmoe", "phi2",
    "phi3", "phi3-long", "qwen2-yarn", "qwen2moe", "qwen3", "qwen3moe", "smollm3", "stablelm",
    "starcoder2",
  ]

  private static func file(_ name: String) throws -> URL {
    try #require(TestResources.data).appending(path: "models/gguf-families/\(name)")
  }

  private static func goldens() throws -> [String: [Expected]] {
    try JSONDecoder().decode(
      [String: [Expected]].self, from: Data(contentsOf: file("gold.json")))
  }

  @Test func `logits of every family are those of the reference`() throws {
    let goldens = try Self.goldens()
    #expect(goldens.keys.sorted() == Self.names)
    for (name, cases) in goldens {
      let model = try LanguageModelLoader.load(Self.file("\(name).gguf"))
      for expected in cases {
        let logits = try logits(model, expected.ids)
        let largest = expected.logits.joined().map(abs).max() ?? 0
        for (row, golden) in expected.logits.enumerated() {
          let found = logits.row(logits.rows - expected.logits.count + row)
          #expect(zip(found, golden).allSatisfy { abs($0 - $1) <= 1e-4 * largest }, "\(name)")
        }
      }
    }
  }

  @Test(arguments: names) func `without an edit the file is the same`(name: String) throws {
    let folder = try TemporaryFolder()
    let input = try Self.file("\(name).gguf")
    try export(LanguageModelLoader.load(input), to: folder["out.gguf"])
    #expect(try Data(contentsOf: folder["out.gguf"]) == Data(contentsOf: input))
  }

  @Test(arguments: names)
  func `edited matrices come back into their rows and their tensors, and nothing else changes`(
    name: String
  ) throws {
    let folder = try TemporaryFolder()
    let input = try Self.file("\(name).gguf")
    try checkEdit(LanguageModelLoader.load(input), input, folder["out.gguf"])
  }

  private func checkEdit(_ model: some LanguageModel, _ input: URL, _ output: URL) throws {
    let edited = try model.applying(Self.edits(model))
    let export = try GGUFExport(edited, to: output, storage: .type(.float32))
    let written = try LanguageModelLoader.load(output)
    for site in model.weightSites {
      #expect(weight(written, site) == edited.weight(at: site).matrix, "\(site)")
    }
    let (before, after) = (try GGUFFile(input), try GGUFFile(output))
    let names = export.edited.map(\.name)
    #expect(!names.isEmpty && names.count < before.tensors.count)
    for (name, tensor) in before.tensors where !names.contains(name) {
      let bytes = tensor.withBytes { Array($0) }
      #expect(try after.tensor(name).withBytes { Array($0) } == bytes, "\(name)")
    }
  }

  @Test(arguments: names)
  func `the Hugging Face folder computes what the file does`(name: String) throws {
    let folder = try TemporaryFolder()
    let model = try LanguageModelLoader.load(Self.file("\(name).gguf"))
    let ids = Array(20..<60)
    try exportFolder(model, to: folder["model"])
    let (found, expected) = (
      try logits(LanguageModelLoader.load(folder["model"]), ids), try logits(model, ids)
    )
    let largest = expected.values.map(abs).max() ?? 0
    #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
  }

  // MARK: - llama.cpp

  private struct Case: Encodable {
    let model: String
    let ids: [Int]
    let logits: [Float]
    let bound: Double
  }

  @Test(
    .enabled(
      if: LlamaPython.path != nil, "LASER_PYTHON does not name a Python with gguf and xllamacpp"))
  func `llama.cpp computes the same with edited files of every family`() throws {
    let folder = try TemporaryFolder()
    var cases: [Case] = []
    for (name, expected) in try Self.goldens() {
      let model = try LanguageModelLoader.load(Self.file("\(name).gguf"))
      // The longest: llama.cpp takes the list of longrope for long texts whatever the text.
      let ids = try #require(expected.map(\.ids).max { $0.count < $1.count })
      // llama.cpp looks GELU up in a table of 16 bits, and leaves OLMo 3's factor of yarn (1.2 for 1.208) out.
      cases.append(
        try edit(model, ids, to: folder["\(name).gguf"], storage: .type(.float32), bound: 0.02))
    }
    try check(cases, folder)
  }

  @Test(
    .enabled(
      if: LlamaPython.path != nil, "LASER_PYTHON does not name a Python with gguf and xllamacpp"),
    .enabled(if: TestResources.smolLM2 != nil, "SmolLM2 is not in the cache; run make model"))
  func `llama.cpp computes the same with edited files of SmolLM2`() throws {
    let folder = try TemporaryFolder()
    let model = try LanguageModelLoader.load(try #require(TestResources.smolLM2))
    let text = "The capital of France is Paris. The capital of Germany is Berlin. The capital of"
    let ids = try Tokenizer(contentsOf: try #require(TestResources.smolLM2)).encode(text)
    // Before a quantised matrix llama.cpp rounds to eight bits, which counts for more than any rounding of a matrix.
    let storages: [GGUFExport.Storage] = [.type(.q80), .same]
    var cases = try storages.enumerated().map { index, storage in
      try edit(model, ids, to: folder["\(index).gguf"], storage: storage, bound: 0.8)
    }
    // Every matrix but the embedding in 16 bits leaves little of it.
    let edits =
      WeightKind.allCases.map { "prune:\($0.rawValue):*:0" } + ["Uout:28:0.4", "Uin:3:0.2"]
    cases.append(
      try edit(
        model, ids, to: folder["whole.gguf"], storage: .type(.float16), bound: 0.25,
        edits: Intervention.list(parsing: edits.joined(separator: ","))))
    try check(cases, folder)
  }

  private func edit(
    _ model: some LanguageModel, _ ids: [Int], to file: URL, storage: GGUFExport.Storage,
    bound: Double, edits: [Intervention]? = nil
  ) throws -> Case {
    let edits = try edits ?? Self.edits(model)
    _ = try GGUFExport(model.applying(edits), to: file, storage: storage)
    let logits = try logits(LanguageModelLoader.load(file), ids)
    return Case(
      model: file.path, ids: ids, logits: Array(logits.row(logits.rows - 1)), bound: bound)
  }

  private func check(_ cases: [Case], _ folder: TemporaryFolder) throws {
    let file = folder["cases.json"]
    try JSONEncoder().encode(cases).write(to: file)
    let script = TestResources.fixture("check_gguf.py").path
    #expect(try LlamaPython.run(try #require(LlamaPython.path), [script, file.path]) == 0)
  }

  // MARK: - Parts

  /// Matrices of each kind; of a mixture all experts of one layer, and one of another.
  private static func edits(_ model: some LanguageModel) throws -> [Intervention] {
    let sites = model.weightSites
    let hasExperts = sites.contains { $0.expert != nil }
    let hasUp = sites.contains { $0.kind == .mlpUp }
    let edits =
      ["Wq:0:0.5", "Wk:1:0.5", "Wv:0:0.5", "Wo:1:0.4", "Uout:0:0.4"]
      + (hasUp ? ["Uup:1:0.3"] : []) + (hasExperts ? ["Uin:1#1:0.2"] : ["Uin:1:0.2"])
    return try Intervention.list(parsing: edits.joined(separator: ","))
  }

  private func logits(_ model: some LanguageModel, _ ids: [Int]) throws -> Matrix {
    try Inference(model).logits(of: ids)
  }

  private func weight(_ model: some LanguageModel, _ site: WeightSite) -> Matrix {
    model.weight(at: site).matrix
  }

  private func export(_ model: some LanguageModel, to file: URL) throws {
    _ = try GGUFExport(model, to: file)
  }

  private func exportFolder(_ model: some LanguageModel, to folder: URL) throws {
    _ = try ModelExport(model, to: folder)
  }
}

extension Matrix {
  /// The values of one row.
  fileprivate func row(_ row: Int) -> ArraySlice<Float> {
    values[row * columns..<(row + 1) * columns]
  }
}
