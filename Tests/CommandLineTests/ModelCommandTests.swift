import Foundation
import Testing

/// The commands that look into a language model, on a checkpoint of some thousand weights.
@Suite struct ModelCommandTests {
  private static let fixtures = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "LanguageModelsTests/Fixtures")
  private static let model = fixtures.appending(path: "architectures/llama-plain").path

  private func logits(_ result: CommandRunner.Result) throws -> [Double] {
    try #require(try result.objects().first?["logits"] as? [Double])
  }

  @Test func `logits are those of the last position, or of all`() throws {
    try CommandRunner.inFolder { runner in
      let ids = ["--model", Self.model, "--ids", "4,9,2", "--json"]
      let last = try logits(runner.laser(["logits"] + ids))
      #expect(last.count == 103)
      let all = try runner.laser(["logits", "--all"] + ids).objects().first
      let rows = try #require(all?["logits"] as? [[Double]])
      #expect(rows.count == 3)
      let largest = last.map(abs).max() ?? 0
      #expect(zip(rows[2], last).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
    }
  }

  @Test func `apply writes a folder that gives the logits of the edit`() throws {
    try CommandRunner.inFolder { runner in
      let edit = ["--edit", "Uin:1:0.1"]
      let ids = ["--ids", "4,9,2", "--json"]
      let expected = try logits(runner.laser(["logits", "--model", Self.model] + ids + edit))
      for (name, flags) in [("dense", []), ("factored", ["--factored"])] {
        let result = try runner.laser(
          ["apply", "--model", Self.model, "-o", name, "--json"] + flags + edit)
        let applied = try #require(try result.objects().first)
        #expect(applied["sites"] as? [String] == ["Uin:1"])
        let before = try #require(applied["bytes_before"] as? Int)
        let after = try #require(applied["bytes_after"] as? Int)
        #expect(name == "dense" ? after == before : after < before)
        let found = try logits(runner.laser(["logits", "--model", name] + ids))
        let largest = expected.map(abs).max() ?? 0
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
      }
    }
  }

  @Test func `spectrum prints a line a site`() throws {
    try CommandRunner.inFolder { runner in
      let lines = try runner.laser(
        "spectrum", "--model", Self.model, "--kinds", "Uup,Wo", "--json"
      ).objects()
      #expect(lines.count == 4)
      #expect(lines.first?["singular_values"] is [Double])
    }
  }

  @Test func `tokens needs nothing but the tokenizer's files`() throws {
    try CommandRunner.inFolder { runner in
      let tokenizer = Self.fixtures.appending(path: "tokenizers/gpt2.json").path
      try FileManager.default.copyItem(
        atPath: tokenizer, toPath: runner.folder.appending(path: "tokenizer.json").path)
      let file = try runner.write("the the", to: "text.txt")
      let result = try runner.laser("tokens", "--model", ".", "--text-file", file, "--json")
      let ids = try #require(try result.objects().first?["ids"] as? [Int])
      #expect(!ids.isEmpty)
    }
  }

  @Test(arguments: [
    ("none.txt", "No such file or directory; check the path"), (".", "name a file in it"),
    ("/dev/null", "cannot read /dev/null: not a regular file"),
  ])
  func `tokens says why a text cannot be read, and what to do`(text: String, says: String) throws {
    try CommandRunner.inFolder { runner in
      try FileManager.default.copyItem(
        at: Self.fixtures.appending(path: "tokenizers/gpt2.json"),
        to: runner.folder.appending(path: "tokenizer.json"))
      let result = try runner.laser("tokens", "--model", ".", "--text-file", text)
      #expect(result.status == 1 && result.errors.contains(says), "\(result.errors)")
    }
  }

  @Test(arguments: [
    (["--ids", "4,103"], "token id 103 is not in the vocabulary, expected 0 to 102"),
    (["--ids", "4", "--edit", "Uin:9:0.1"], "9"),
  ])
  func `what the model does not have is an error, not a trap`(
    arguments: [String], message: String
  ) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(["logits", "--model", Self.model] + arguments)
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: ") && result.errors.contains(message))
    }
  }
}
