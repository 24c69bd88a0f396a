import Files
import Foundation
import LaserOps
import Numerics
import Testing

@testable import LanguageModels

@Suite struct GGUFExportTests {
  let folder: TemporaryFolder
  let input: URL
  let output: URL

  init() throws {
    folder = try TemporaryFolder()
    input = folder["in.gguf"]
    output = folder["out.gguf"]
  }

  private func write(_ bytes: [UInt8]) throws -> Llama {
    try AtomicFile.write(bytes, to: input)
    return try Llama(Checkpoint(input))
  }

  private func edited(_ model: Llama, _ edits: String) throws -> Llama {
    try model.applying(Intervention.list(parsing: edits))
  }

  private func content(_ file: URL) throws -> [UInt8] { Array(try Data(contentsOf: file)) }

  @Test(arguments: [(32, 0), (64, 0), (4096, 0), (1, 0), (32, 7)])
  func `without an edit the file is the same, whatever lies between tensors`(
    alignment: Int, gap: Int
  ) throws {
    var tiny = TinyGGUF()
    (tiny.alignment, tiny.gap) = (alignment, gap)
    for tail in [[], [1, 2, 3]] as [[UInt8]] {
      let export = try GGUFExport(try write(tiny.bytes + tail), to: output)
      #expect(try content(output) == tiny.bytes + tail)
      #expect(export.edited.isEmpty && export.bytesBefore == export.bytesAfter)
    }
  }

  @Test(arguments: [32, 256])
  func `in 32 bits every edited matrix comes back, in its row order, and nothing else changes`(
    alignment: Int
  ) throws {
    var tiny = TinyGGUF()
    tiny.alignment = alignment
    let model = try write(tiny.bytes)
    let edited = try edited(model, "Wq:0:0.2,Wk:1:0.3,Uin:1:0.1,Uout:0:0.5")
    let export = try GGUFExport(edited, to: output, storage: .type(.float32))
    #expect(
      export.edited.map(\.name) == [
        "blk.0.attn_q.weight", "blk.0.ffn_down.weight", "blk.1.attn_k.weight",
        "blk.1.ffn_gate.weight",
      ])
    #expect(export.edited.allSatisfy { $0.error == 0 && $0.type == .float32 })
    let written = try Llama(Checkpoint(output))
    for site in model.weightSites {
      #expect(written.weight(at: site).matrix == edited.weight(at: site).matrix, "\(site)")
    }
    let (before, after) = (try GGUFFile(input), try GGUFFile(output))
    for (name, tensor) in before.tensors where !export.edited.map(\.name).contains(name) {
      let bytes = tensor.withBytes { Array($0) }
      #expect(try after.tensor(name).withBytes { Array($0) } == bytes, "\(name)")
    }
    #expect(after.metadata.values == before.metadata.values)
  }

  @Test func `parts become one file with the bytes of the whole`() throws {
    let tiny = TinyGGUF()
    let parts = tiny.parts(3)
    for (index, part) in parts.enumerated() {
      try AtomicFile.write(part, to: folder["m-0000\(index + 1)-of-00003.gguf"])
    }
    let model = try Llama(Checkpoint(folder["m-00002-of-00003.gguf"]))
    _ = try GGUFExport(model, to: output)
    let (merged, whole) = (
      try GGUFFile(output), try GGUFFile(MappedFile(tiny.bytes, path: "whole"))
    )
    #expect(merged.parts.count == 1)
    #expect(try merged.metadata.integer("split.count") == 0)
    #expect(merged.tensors.keys.sorted() == whole.tensors.keys.sorted())
    for (name, tensor) in whole.tensors {
      let bytes = tensor.withBytes { Array($0) }
      #expect(try merged.tensor(name).withBytes { Array($0) } == bytes, "\(name)")
    }
  }

  @Test func `an edited matrix is stored no more roughly than before`() throws {
    let edited = try edited(try write(TinyGGUF().bytes), "Uin:*:0.3,Wq:*:0.3,Wo:*:0.3,Uup:*:0.3")
    let export = try GGUFExport(edited, to: output)
    #expect(export.edited.count == 8)
    for tensor in export.edited {
      #expect(tensor.error <= tensor.originalError, "\(tensor.name)")
      let expected: ElementType = tensor.original.isQuantized ? .q80 : tensor.original
      #expect(tensor.type == expected, "\(tensor.name)")
    }
    #expect(Set(export.edited.map(\.original)).count >= 4)
  }

  @Test func `the same type is the type before, and rows nobody edited keep their bytes`() throws {
    let model = try write(TinyGGUF().bytes)
    let export = try GGUFExport(try edited(model, "Uin:*:0.3,Wq:*:0.3"), to: output, storage: .same)
    #expect(export.edited.allSatisfy { $0.type == $0.original })
    #expect(export.bytesBefore == export.bytesAfter)
    #expect(try content(output).count == content(input).count)
  }

  @Test(arguments: [ElementType.float16, .bfloat16, .q80])
  func `a zero matrix is stored exactly in every type`(type: ElementType) throws {
    let model = try edited(try write(TinyGGUF().bytes), "zero:Uin:0")
    #expect(try GGUFExport(model, to: output, storage: .type(type)).edited.map(\.error) == [0])
    let written = try Llama(Checkpoint(output)).weight(at: WeightSite(.mlpInput, layer: 0)).matrix
    #expect(written.values.allSatisfy { $0 == 0 })
  }

  @Test(arguments: ["prune:Uup:1:0.3", "prune:Uout:1:0.3"])
  func `a pruned matrix keeps a quantised type, which loses nothing of it`(edit: String) throws {
    let edited = try edited(try write(TinyGGUF().bytes), edit)
    let export = try GGUFExport(edited, to: output)
    let tensor = try #require(export.edited.first)
    #expect([ElementType.q40, .q50].contains(tensor.original) && tensor.type == tensor.original)
    #expect(tensor.error == 0 && export.bytesAfter == export.bytesBefore)
    let written = try Llama(Checkpoint(output))
    for site in edited.weightSites {
      #expect(written.weight(at: site).matrix == edited.weight(at: site).matrix, "\(site)")
    }
  }

  @Test func `the model itself is no place to write to, through a link neither`() throws {
    let bytes = TinyGGUF().bytes
    let model = try edited(try write(bytes), "Uin:0:0.1")
    try FileManager.default.createSymbolicLink(at: output, withDestinationURL: input)
    for place in [input, output] {
      #expect(throws: ExportError.outputIsInput(place.path)) { try GGUFExport(model, to: place) }
    }
    #expect(try content(input) == bytes)
  }

  @Test func `a place that cannot be written leaves nothing behind`() throws {
    let bytes = TinyGGUF().bytes
    let model = try write(bytes)
    #expect(throws: (any Error).self) {
      try GGUFExport(model, to: folder["absent"].appending(path: "out.gguf"))
    }
    #expect(try content(input) == bytes)
  }

  @Test func `only GGUF becomes GGUF`() throws {
    let model = try Golden.load("llama-plain").model
    #expect(throws: ExportError.notGGUF(model: model.checkpoint.path)) {
      try write(model)
    }
  }

  private func write(_ model: some LanguageModel) throws { _ = try GGUFExport(model, to: output) }

  @Test func `values that half precision cannot hold are an error that says what can`() throws {
    let model = try write(TinyGGUF().bytes)
    let site = WeightSite(.mlpInput, layer: 0)
    let large = Matrix(rows: 96, columns: 64, values: Array(repeating: 1e6, count: 96 * 64))
    let edited = model.replacing(site, with: .dense(large))
    let error = #expect(throws: ExportError.self) {
      try GGUFExport(edited, to: output, storage: .type(.float16))
    }
    #expect(error?.description.contains("blk.0.ffn_gate.weight") == true)
    #expect(error?.description.contains("--type f32 or bf16") == true)
  }

  @Test func `values that all vanish are refused, or stored in a type that has them`() throws {
    let model = try write(TinyGGUF().bytes)
    // It is stored as Q8_0.
    let site = WeightSite(.mlpUp, layer: 0)
    let small = Matrix(rows: 96, columns: 64, values: Array(repeating: 1e-9, count: 96 * 64))
    let edited = model.replacing(site, with: .dense(small))
    let error = #expect(throws: ExportError.self) {
      try GGUFExport(edited, to: output, storage: .type(.q80))
    }
    #expect(error?.description.contains("blk.0.ffn_up.weight") == true)
    #expect(error?.description.contains("too small; choose --type f32 or bf16") == true)
    #expect(try GGUFExport(edited, to: output).edited.map(\.type) == [.bfloat16])
  }
}
