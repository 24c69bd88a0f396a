import Files
import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

@Suite struct EditingTests {
  private let prompts = [[4, 9, 2, 17, 5], [11, 3], [8]]

  @Test func `every architecture declares the sites that it has`() throws {
    let kinds = { (name: String) throws in
      Set(try Golden.load(name).model.weightSites.map(\.kind.rawValue))
    }
    let common: Set = ["Wq", "Wk", "Wv", "Wo", "Uin", "Uout"]
    #expect(try kinds("gptj-deep-tied") == common)
    #expect(try kinds("roberta") == common)
    #expect(try kinds("llama-plain") == common.union(["Uup"]))
    #expect(try Golden.load("gptj-deep-tied").model.weightSites.count == 6 * 6)
  }

  @Test(arguments: ["gptj-partial-rotary", "llama-grouped-biased-tied", "roberta"])
  func `a dense weight, the factors of full rank and the file's own give the same`(
    name: String
  ) throws {
    try checkStorages(try Golden.load(name).model)
  }

  private func checkStorages(_ model: some LanguageModel) throws {
    let expected = stream(model, through: 0..<model.shape.layerCount)
    for site in model.weightSites where site.layer == 0 {
      let matrix = model.weight(at: site).matrix
      let dense = model.replacing(site, with: .dense(matrix))
      #expect(stream(dense, through: 0..<model.shape.layerCount) == expected)
      let full = min(matrix.rows, matrix.columns)
      let factors = try SingularValueDecomposition(of: matrix).truncated(to: full)
      let factored = stream(
        model.replacing(site, with: .factored(factors)), through: 0..<model.shape.layerCount)
      #expect(factored.rows.relativeDifference(from: expected.rows) <= 1e-5)
    }
  }

  @Test(arguments: ["gptj-deep-tied", "llama-deep", "mistral-window", "roberta-deep"])
  func `a kept stream and the layers above it give what the whole model gives`(
    name: String
  ) throws {
    try checkResuming(try Golden.load(name).model)
  }

  private func checkResuming(_ model: some LanguageModel) throws {
    let count = model.shape.layerCount
    let edited = try model.applying([Intervention(parsing: "Uin:\(count - 1):0.3")])
    let embedded = try model.embed(prompts)
    let wanted = embedded.sequences.lastRows
    let whole = edited.advance(
      embedded, through: 0..<count, reading: wanted, using: Workers(count: 2))
    let below = stream(model, through: 0..<count - 1)
    let resumed = edited.advance(
      below, through: count - 1..<count, reading: wanted, using: Workers(count: 2))
    #expect(resumed == whole)
    // Dropping rows early changes nothing but roundings.
    let all = edited.advance(embedded, through: 0..<count, using: Workers(count: 2))
    #expect(whole.rows.relativeDifference(from: all.rows.gathering(wanted)) <= 1e-5)
  }

  @Test(arguments: ["gptj-deep-tied", "llama-deep", "roberta"])
  func `one thread and three give the same bytes`(name: String) throws {
    let model = try Golden.load(name).model
    #expect(
      stream(model, through: 0..<2, threads: 1) == stream(model, through: 0..<2, threads: 3))
  }

  private func stream(
    _ model: some LanguageModel, through layers: Range<Int>, threads: Int = 2
  ) -> ResidualStream {
    guard let embedded = try? model.embed(prompts) else {
      preconditionFailure("the prompts are in every vocabulary")
    }
    return model.advance(embedded, through: layers, using: Workers(count: threads))
  }
}

@Suite struct ModelExportTests {
  @Test(arguments: ["gptj-one-layer", "llama-plain", "roberta"])
  func `an edited model is what the exported folder holds, dense and factored`(
    name: String
  ) throws {
    try check(try Golden.load(name).model)
  }

  private func check(_ model: some LanguageModel) throws {
    let folder = try TemporaryFolder()
    let edited = try model.applying([Intervention(parsing: "Uin:0:0.1")])
    let dense = try ModelExport(edited, to: folder["dense"])
    let factored = try ModelExport(edited, to: folder["factored"], isFactored: true)
    #expect(factored.bytesAfter < dense.bytesAfter)
    let expected = logits(edited)
    for name in ["dense", "factored"] {
      let found = logits(try LanguageModelLoader.load(folder[name]))
      #expect(found.relativeDifference(from: expected) <= 1e-5)
    }
    let names = try SafetensorsFile(folder["factored"].appendingPathComponent("model.safetensors"))
      .tensors.keys
    let site = edited.place(of: WeightSite(.mlpInput, layer: 0)).name
    #expect(names.contains("\(site).left") && names.contains("\(site).right"))
    #expect(!names.contains("\(site).weight"))
  }

  @Test func `what was not edited keeps its bytes`() throws {
    let folder = try TemporaryFolder()
    try export(try Golden.load("gptj-one-layer").model, to: folder["copy"])
    let original = try SafetensorsFile(
      Golden.folder.appendingPathComponent("gptj-one-layer/model.safetensors"))
    let copy = try SafetensorsFile(folder["copy"].appendingPathComponent("model.safetensors"))
    #expect(Set(copy.tensors.keys) == Set(original.tensors.keys))
    for (name, tensor) in original.tensors {
      let same = try copy.tensor(name)
      #expect(same.type == tensor.type && same.shape == tensor.shape)
      #expect(same.withBytes { Array($0) } == tensor.withBytes { Array($0) })
    }
  }

  @Test func `a folder with something in it is left alone`() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("mine", to: folder["thesis.txt"])
    #expect(throws: LanguageModelError.outputNotEmpty(folder.url.path)) {
      try export(try Golden.load("gptj-one-layer").model, to: folder.url)
    }
    #expect(try folder.names == ["thesis.txt"])
  }

  private func export(_ model: some LanguageModel, to folder: URL) throws {
    _ = try ModelExport(model, to: folder)
  }

  private func logits(_ model: some LanguageModel) -> Matrix {
    guard let logits = try? Inference(model).logits(of: [4, 9, 2, 17]) else {
      preconditionFailure("the prompt is in every vocabulary")
    }
    return logits
  }
}
