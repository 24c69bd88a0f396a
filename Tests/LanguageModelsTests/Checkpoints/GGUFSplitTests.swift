import Files
import Foundation
import LanguageModels
import Numerics
import Testing

@Suite struct GGUFSplitTests {
  let folder: TemporaryFolder
  let parts = TinyGGUF().parts(3)

  init() throws { folder = try TemporaryFolder() }

  private func file(_ index: Int) -> URL { folder["model-0000\(index + 1)-of-00003.gguf"] }

  private func write(_ parts: [[UInt8]?]) throws {
    for (index, part) in parts.enumerated() {
      if let part { try AtomicFile.write(part, to: file(index)) }
    }
  }

  @Test(arguments: 0..<3) func `any part leads to the others`(index: Int) throws {
    try write(parts)
    let model = try GGUFFile(file(index))
    #expect(try model.metadata.string("general.architecture") == "llama")
    #expect(model.tensors.count == 20)
    #expect(Set(model.tensors.values.map(\.path)).count == 3)
  }

  @Test func `a missing part is named`() throws {
    try write([parts[0], nil, parts[2]])
    #expect(throws: CheckpointError.missingPart(file: file(1).path, number: 2, count: 3)) {
      try GGUFFile(file(0))
    }
  }

  @Test func `a part under the name of another is named`() throws {
    try write([parts[0], parts[2], parts[2]])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(file(0)) }
    #expect(error?.description.contains(file(1).path) == true)
    #expect(error?.description.contains("found part 3 of 3") == true)
  }

  @Test func `a part of another model is named`() throws {
    try write([parts[0], TinyGGUF().parts(4)[1], parts[2]])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(file(0)) }
    #expect(error?.description.contains(file(1).path) == true)
    #expect(error?.description.contains("found part 2 of 4") == true)
  }

  @Test func `a whole model in the place of a part is named`() throws {
    try write([parts[0], TinyGGUF().bytes, parts[2]])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(file(2)) }
    #expect(error?.description.contains(file(1).path) == true)
    #expect(error?.description.contains("a model of its own") == true)
  }

  @Test func `tensors that two parts have are an error that names both`() throws {
    // The second part's number on the tensors of the first.
    var copy = GGUFBuilder()
    copy.add("split.no", type: 2, GGUFBuilder.integer(UInt16(1)))
    copy.add("split.count", type: 2, GGUFBuilder.integer(UInt16(3)))
    copy.add("split.tensors.count", type: 5, GGUFBuilder.integer(Int32(20)))
    for index in 0..<7 {
      copy.addTensor(
        index == 0 ? "token_embd.weight" : "other.\(index)", dimensions: [1],
        offset: UInt64(32 * index))
    }
    copy.data = Array(repeating: 0, count: 7 * 32)
    try write([parts[0], copy.bytes, parts[2]])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(file(0)) }
    #expect(error?.description.contains("'token_embd.weight', which is in \(file(0).path)") == true)
  }

  @Test func `a part that was renamed says which name it needs`() throws {
    try AtomicFile.write(parts[1], to: folder["model.gguf"])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(folder["model.gguf"]) }
    #expect(error?.description.contains("-00002-of-00003.gguf") == true)
  }

  @Test func `parts with fewer tensors than the model has are an error`() throws {
    var empty = GGUFBuilder()
    empty.add("split.no", type: 2, GGUFBuilder.integer(UInt16(2)))
    empty.add("split.count", type: 2, GGUFBuilder.integer(UInt16(3)))
    empty.add("split.tensors.count", type: 5, GGUFBuilder.integer(Int32(20)))
    try write([parts[0], parts[1], empty.bytes])
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(file(0)) }
    #expect(error?.description.contains("7 + 7 + 0") == true)
  }
}
