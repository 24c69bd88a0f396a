import Foundation
import Numerics
import Testing

@Suite struct SafetensorsFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `a file of the reference implementation is read`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "mixed", withExtension: "safetensors", subdirectory: "Fixtures/safetensors"))
    let file = try SafetensorsFile(url)
    #expect(file.metadata == ["format": "pt", "note": "a \"quoted\" note"])
    #expect(file.tensors.keys.sorted() == ["brain", "empty", "half", "scalar", "steps", "wide"])
    #expect(
      try file.tensor("wide").matrix(rows: 3, columns: 4).values
        == (0..<12).map { Float($0) / 8 - 0.5 })
    #expect(
      try file.tensor("half").matrix(rows: 2, columns: 2).values
        == [1.5, -2, 65504, 5.9604644775390625e-08])
    #expect(
      try file.tensor("brain").vector(count: 3) == [1, -3.140625, Float(bitPattern: 0x714A_0000)])
    #expect(try file.tensor("empty").matrix(rows: 0, columns: 4).count == 0)
    #expect(try file.tensor("scalar").shape == [])
    #expect(try file.tensor("steps").type == .int64)
  }

  @Test func `what was written reads back`() throws {
    let matrix = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    let url = folder["model.safetensors"]
    try SafetensorsFile.write(
      [.init("b.weight", matrix), .init("a \"bias\"", [7, 8])], to: url, metadata: ["made": "here"])
    let file = try SafetensorsFile(url)
    #expect(try file.tensor("b.weight").matrix(rows: 2, columns: 3) == matrix)
    #expect(try file.tensor("a \"bias\"").vector(count: 2) == [7, 8])
    #expect(file.metadata == ["format": "pt", "made": "here"])
  }

  @Test func `the same tensors give the same bytes in any order`() throws {
    let entries = (0..<9).map { SafetensorsEntry("t\($0)", [Float($0), 1]) }
    try SafetensorsFile.write(entries, to: folder["a"])
    try SafetensorsFile.write(entries.reversed(), to: folder["b"])
    #expect(try Data(contentsOf: folder["a"]) == Data(contentsOf: folder["b"]))
    #expect(try Data(contentsOf: folder["a"]).prefix(8).first.map { $0 % 8 } == 0)
  }

  @Test func `a tensor of another type is copied byte for byte`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "mixed", withExtension: "safetensors", subdirectory: "Fixtures/safetensors"))
    let source = try SafetensorsFile(url)
    try SafetensorsFile.write(
      source.tensors.map { SafetensorsEntry($0.key, copying: $0.value) }, to: folder["copy"])
    let copy = try SafetensorsFile(folder["copy"])
    for (name, tensor) in source.tensors {
      let other = try copy.tensor(name)
      #expect(other.shape == tensor.shape && other.type == tensor.type)
      #expect(other.withBytes { Data($0) } == tensor.withBytes { Data($0) })
    }
  }

  @Test func `a mapped matrix is written decoded`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "mixed", withExtension: "safetensors", subdirectory: "Fixtures/safetensors"))
    let half = try SafetensorsFile(url).tensor("half").mapped(rows: 2, columns: 2)
    try SafetensorsFile.write([.init("half", shape: [2, 2], decoding: [half])], to: folder["full"])
    #expect(try SafetensorsFile(folder["full"]).tensor("half").type == .float32)
    #expect(
      try SafetensorsFile(folder["full"]).tensor("half").matrix(rows: 2, columns: 2)
        == half.matrix())
  }

  @Test func `a tensor of another shape or type is an error that names it`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "mixed", withExtension: "safetensors", subdirectory: "Fixtures/safetensors"))
    let file = try SafetensorsFile(url)
    #expect(
      throws: StorageError.wrongShape(
        tensor: "wide", file: url.path, expected: [4, 3], found: [3, 4])
    ) { try file.tensor("wide").matrix(rows: 4, columns: 3) }
    #expect(throws: StorageError.notAWeight(tensor: "steps", file: url.path, type: .int64)) {
      try file.tensor("steps").vector(count: 3)
    }
    #expect(throws: StorageError.missingTensor(tensor: "lm_head", file: url.path)) {
      try file.tensor("lm_head")
    }
  }

  @Test(arguments: [
    (ElementType.float64, "dtype=torch.float32"), (.float8E4M3, "the checkpoint that it was made"),
    (.float8E5M2, "or a GGUF file"), (.int8, "or a GGUF file"), (.uint8, "scales"),
  ])
  func `a type that is no weight is an error that says what to do`(
    type: ElementType, advice: String
  ) {
    let text = StorageError.notAWeight(tensor: "w", file: "f", type: type).description
    #expect(text.contains("is stored as \(type), expected F32, F16, BF16 or a type of GGUF"))
    #expect(text.contains(advice))
  }
}
