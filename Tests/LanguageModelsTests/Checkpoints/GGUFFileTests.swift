import Files
import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

@Suite struct GGUFFileTests {
  let file: GGUFFile

  init() throws { file = try GGUFFile(TestResources.fixture("gguf/types.gguf")) }

  @Test func `metadata of every type are read`() throws {
    let metadata = file.metadata
    #expect(try metadata.string("general.architecture") == "llama")
    let integers = [
      "u8": 200, "i8": -100, "u16": 60000, "i16": -30000, "u32": 4_000_000_000,
      "i32": -2_000_000_000, "u64": 1 << 40, "i64": -(1 << 40),
    ]
    for (key, value) in integers { #expect(try metadata.integer(key) == value) }
    #expect(try metadata.number("u64.large") == 0x1p64)
    #expect(try metadata.number("f32") == 0.5)
    #expect(try metadata.number("f64") == 0.1)
    #expect(try metadata.bool("bool"))
    #expect(try metadata.string("string") == "trăng 🌕")
    #expect(try metadata.strings("strings") == ["a", "", "ß"])
    #expect(try metadata.integers("integers") == [1, -2, 3])
    #expect(try metadata.numbers("numbers") == [0.5, -0.25])
    #expect(metadata.values["bools"] == .bools([true, false]))
    #expect(metadata.values["nested"] == .arrays([.integers([1, 2]), .integers([3])]))
  }

  @Test func `metadata that are absent or of another kind are named`() {
    #expect(throws: CheckpointError.missingMetadata(key: "absent", file: file.path)) {
      try file.metadata.integer("absent")
    }
    #expect(
      throws: CheckpointError.wrongMetadata(
        key: "string", file: file.path, expected: "an integer", found: "a string")
    ) { try file.metadata.integer("string") }
  }

  @Test(arguments: ElementType.allCases.filter(\.isWeight))
  func `blocks decode to the bits of the reference`(type: ElementType) throws {
    let stored = try file.tensor(type.description)
    #expect(stored.type == type)
    let expected = try file.tensor("\(type).expected").matrix(rows: 3, columns: 512)
    let decoded = try stored.matrix(rows: 3, columns: 512)
    #expect(zip(decoded.values, expected.values).allSatisfy { $0.bitPattern == $1.bitPattern })
  }

  @Test(arguments: BlockEncoder.types)
  func `values are encoded as the reference encodes them, byte for byte`(type: ElementType) throws {
    let values = try file.tensor("values").matrix(rows: 4, columns: 256).values
    let name = type == .float32 ? "values" : "values.\(type)"
    #expect(
      TinyGGUF.encode(values, as: type) == (try file.tensor(name).withBytes { Array($0) }))
  }

  @Test func `some rows are decoded alone`() throws {
    let matrix = try file.tensor("Q5_K").mapped(rows: 3, columns: 512)
    var rows = [Float](repeating: .nan, count: 2 * 512)
    rows.withUnsafeMutableBufferPointer { matrix.decode(rows: 1..<3, into: $0) }
    #expect(rows == Array(matrix.matrix().values[512...]))
  }

  @Test func `the number of threads does not change a decoded matrix`() throws {
    let matrix = try file.tensor("Q6_K").mapped(rows: 3, columns: 512)
    #expect(matrix.matrix(using: Workers(count: 3)) == matrix.matrix())
  }
}

@Suite struct CheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two heads of four rows; each value is ten times its row in the file, plus its column.
  private func gguf(architecture: String) throws -> Checkpoint {
    var builder = GGUFBuilder()
    builder.add("general.architecture", architecture)
    builder.add("\(architecture).attention.head_count", 2)
    builder.add("\(architecture).attention.head_count_kv", 1)
    builder.addTensor("blk.0.attn_q.weight", dimensions: [2, 8], offset: 0)
    builder.addTensor("blk.0.attn_k.bias", dimensions: [4], offset: 64)
    builder.addTensor("token_embd.weight", dimensions: [2, 1], offset: 96)
    let query = (0..<16).map { Float(10 * ($0 / 2) + $0 % 2) }
    for value in query + [0, 1, 2, 3] + [0, 0, 0, 0] + [5, 6] {
      builder.data += GGUFBuilder.integer(value.bitPattern)
    }
    try AtomicFile.write(builder.bytes, to: folder["model.gguf"])
    return try Checkpoint(folder["model.gguf"])
  }

  @Test func `rows of queries and keys of llama are un-permuted`() throws {
    let checkpoint = try gguf(architecture: "llama")
    let query = try checkpoint.matrix(
      "model.layers.0.self_attn.q_proj.weight", rows: 8, columns: 2)
    let matrix = query.matrix()
    #expect((0..<8).map { matrix[$0, 0] } == [0, 20, 10, 30, 40, 60, 50, 70])
    var rows = [Float](repeating: 0, count: 4)
    rows.withUnsafeMutableBufferPointer { query.decode(rows: 1..<3, into: $0) }
    #expect(rows == [20, 21, 10, 11])
    #expect(
      try checkpoint.vector("model.layers.0.self_attn.k_proj.bias", count: 4) == [0, 2, 1, 3])
  }

  @Test func `rows of queries and keys of qwen2 are as they are`() throws {
    let checkpoint = try gguf(architecture: "qwen2")
    let query = try checkpoint.matrix(
      "model.layers.0.self_attn.q_proj.weight", rows: 8, columns: 2)
    let matrix = query.matrix()
    #expect((0..<8).map { matrix[$0, 1] } == [1, 11, 21, 31, 41, 51, 61, 71])
  }

  @Test func `tensors answer to the names of Hugging Face`() throws {
    let checkpoint = try gguf(architecture: "llama")
    #expect(checkpoint.contains("model.embed_tokens.weight"))
    #expect(!checkpoint.contains("lm_head.weight"))
    #expect(throws: StorageError.missingTensor(tensor: "output.weight", file: checkpoint.path)) {
      try checkpoint.matrix("lm_head.weight", rows: 1, columns: 2)
    }
  }

  @Test func `heads that do not divide the rows are refused`() throws {
    let checkpoint = try gguf(architecture: "llama")
    #expect(throws: StorageError.self) {
      try checkpoint.vector("model.layers.0.self_attn.k_proj.bias", count: 3)
    }
  }

  @Test func `an architecture without known names is refused`() throws {
    let error = #expect(throws: CheckpointError.self) { try gguf(architecture: "mamba") }
    #expect(error?.description.contains("'mamba', expected one of: llama, qwen2") == true)
  }

  @Test func `a file that is no checkpoint is refused`() throws {
    try AtomicFile.write("some text", to: folder["notes.txt"])
    #expect(throws: CheckpointError.notACheckpoint(path: folder["notes.txt"].path)) {
      try Checkpoint(folder["notes.txt"])
    }
    #expect(throws: FileError.cannotRead(path: folder["absent"].path, code: ENOENT)) {
      try Checkpoint(folder["absent"])
    }
  }

  @Test func `a folder gives its tensors`() throws {
    try SafetensorsFile.write([.init("lm_head.bias", [1, 2])], to: folder["model.safetensors"])
    let checkpoint = try Checkpoint(folder.url)
    #expect(try checkpoint.vector("lm_head.bias", count: 2) == [1, 2])
    #expect(checkpoint.metadata == nil)
  }

  @Test(.enabled(if: TestResources.smolLM2 != nil, "SmolLM2 is not in the cache"))
  func `a real model is there whole`() throws {
    let url = try #require(TestResources.smolLM2)
    let checkpoint = try Checkpoint(url)
    let embedding = try checkpoint.matrix("model.embed_tokens.weight", rows: 49152, columns: 576)
    #expect(embedding.type == .q80)
    let norm = embedding.matrix(using: .allCores).norm
    #expect(norm > 100 && norm < 10_000)
    #expect(
      try checkpoint.matrix("model.layers.29.mlp.down_proj.weight", rows: 576, columns: 1536).type
        == .q41)
  }
}
