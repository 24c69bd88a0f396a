import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

/// The fuzzer's starting points and what it found once (`Tests/Fuzz/run.sh`), and a few damages of each.
@Suite struct FuzzCorpusTests {
  static let targets = ["gguf", "safetensors", "sentencepiece", "tokenizer"]
  /// The files of `Fixtures/fuzz/make.py`, which are in order.
  static let valid = ["valid", "bytes", "pieces", "characters"]

  private func corpus(_ target: String) throws -> [(name: String, bytes: [UInt8])] {
    let folder = TestResources.fixture("fuzz/\(target)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      ($0, Array(try Data(contentsOf: folder.appendingPathComponent($0))))
    }
  }

  private func load(_ target: String, _ bytes: [UInt8]) throws {
    switch target {
    case "safetensors": try exercise(SafetensorsFile(MappedFile(bytes, path: target)).tensors)
    case "gguf":
      let file = try GGUFFile(MappedFile(bytes, path: target))
      try exercise(file.tensors)
      try exercise(Tokenizer(gguf: file.metadata))
    case "sentencepiece":
      let model = try bytes.withUnsafeBytes { try SentencePieceModel($0, file: target) }
      try exercise(Tokenizer(model, file: target))
    default:
      let json = try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }
      try exercise(Tokenizer(tokenizerJSON: json, file: target))
    }
  }

  private func exercise(_ tensors: [String: StoredTensor]) throws {
    for tensor in tensors.values where tensor.shape.count == 2 && tensor.byteCount < 1 << 20 {
      _ = try tensor.matrix(rows: tensor.shape[0], columns: tensor.shape[1])
    }
  }

  private func exercise(_ tokenizer: Tokenizer) throws {
    let ids = try tokenizer.encode(" ab 12\né😀 <s>▁x's", addingSpecialTokens: true)
    _ = try tokenizer.decode(ids)
  }

  @Test(arguments: targets) func `files in order load`(target: String) throws {
    for (name, bytes) in try corpus(target) where Self.valid.contains(name) {
      #expect(throws: Never.self, "\(name)") { try load(target, bytes) }
    }
  }

  @Test(arguments: targets) func `damaged files are errors, not traps`(target: String) throws {
    var generator = SplitMix64(seed: 1)
    for (_, original) in try corpus(target) {
      for _ in 0..<500 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          damage(&bytes, using: &generator)
        }
        // Every error but a trap is fine.
        do { try load(target, bytes) } catch { #expect(!"\(error)".isEmpty) }
      }
    }
  }

  private func damage(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...16, using: &generator))
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[place] = .random(in: .min ... .max, using: &generator)
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 4: for index in place..<min(bytes.count, place + 8) { bytes[index] = 0xFF }
    default: bytes.removeSubrange(place...)
    }
  }
}
