import Foundation
import LanguageModels
import LaserOps
import Testing

@Suite(.enabled(if: TestResources.data != nil, "LASER_DATA names no folder of real tokenizers"))
struct RealTokenizerTests {
  /// Where a tokenizer lies in the data.
  static let folders = ["gpt2": "gpt2", "roberta": "roberta", "llama2": "llama2"]

  private func tokenizer(_ name: String) throws -> Tokenizer? {
    if name == "smollm" { return try TestResources.smolLM2.map { try Tokenizer(contentsOf: $0) } }
    let data = try #require(TestResources.data)
    return try Tokenizer(contentsOf: data.appendingPathComponent("tokenizers/\(name)"))
  }

  /// Every line of wikitext-2's test split, empty ones too.
  private func lines() throws -> [String] {
    let data = try #require(TestResources.data)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "gzip", "-dc", data.appendingPathComponent("wikitext-2/test.raw.gz").path,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return text.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(arguments: ["gpt2", "roberta", "llama2", "smollm"])
  func `every line of wikitext-2 gets the ids of the reference and decodes back`(
    name: String
  ) throws {
    guard let tokenizer = try tokenizer(name) else { return }
    let golden = try Data(contentsOf: TestResources.fixture("tokenizers/\(name).lines"))
    let hashes = golden.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
      }
    }
    let lines = try lines()
    try #require(lines.count == hashes.count)
    for (line, hash) in zip(lines, hashes) {
      let ids = try tokenizer.encode(line)
      #expect(TokenGoldens.hash(ids) == hash, "\(line)")
      #expect(Array(try tokenizer.decode(ids).utf8) == Array(line.utf8))
    }
  }

  @Test(arguments: ["gpt2", "roberta", "llama2", "smollm"])
  func `ids of nasty texts equal the reference and decode back`(name: String) throws {
    guard let tokenizer = try tokenizer(name) else { return }
    for golden in try TokenGoldens("real.json").goldens {
      let ids = try tokenizer.encode(golden.text)
      #expect(ids == golden.ids[name], "\(golden.text.debugDescription)")
      if let special = golden.ids["\(name)+"] {
        #expect(try tokenizer.encode(golden.text, addingSpecialTokens: true) == special)
      }
      // RoBERTa's mask takes the spaces before it along, and to sentencepiece ▁ is a space.
      if !golden.text.contains("<mask>"), !(name == "llama2" && golden.text.contains("\u{2581}")) {
        #expect(Array(try tokenizer.decode(ids).utf8) == Array(golden.text.utf8))
      }
    }
  }

  @Test func `RoBERTa's two files are its tokenizer.json`() throws {
    let data = try #require(TestResources.data).appendingPathComponent("tokenizers/roberta")
    let folder = try TemporaryFolder()
    for name in ["vocab.json", "merges.txt"] {
      try FileManager.default.copyItem(at: data.appendingPathComponent(name), to: folder[name])
    }
    let tokenizer = try Tokenizer(contentsOf: folder.url)
    for golden in try TokenGoldens("real.json").goldens {
      #expect(
        try tokenizer.encode(golden.text, addingSpecialTokens: true) == golden.ids["roberta+"],
        "\(golden.text.debugDescription)")
    }
  }
}
