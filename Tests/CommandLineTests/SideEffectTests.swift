import Foundation
import Testing

/// `laser search --also` where something goes wrong, or there is nothing to measure.
@Suite struct SideEffectTests {
  private static let search =
    ["search"] + StudyCommandTests.source + ["--kinds", "Uin", "--layers", "1", "-o", "out"]

  @Test func `what was found is told and kept when another task fails`() throws {
    try StudyCommandTests.inFolder { runner in
      let out = runner.folder.appending(path: "out")
      try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
      _ = try runner.write("no journal\n", to: "out/also-1-jsonl.jsonl")
      let result = try runner.laser(
        Self.search + ["--rhos", "0.5,0.1,0.01", "--also", "jsonl=open.jsonl", "--json"])
      #expect(result.status == 1)
      #expect(result.errors.contains("also-1-jsonl.jsonl, line 1"), "\(result.errors)")
      #expect(try result.objects().first?["best"] != nil)
      for file in ["result.json", "report.html"] {
        #expect(FileManager.default.fileExists(atPath: out.appending(path: file).path))
      }
    }
  }

  @Test(arguments: [
    ("llama-deep", "", "text.txt: not a single word"), ("roberta-deep", "the bee", "mask"),
  ])
  func `a text without a perplexity is an error before anything is searched`(
    model: String, text: String, message: String
  ) throws {
    try StudyCommandTests.inFolder { runner in
      if model != "llama-deep" { try QuestionCommandTests.makeModel(runner, model) }
      _ = try runner.write(text, to: "text.txt")
      let arguments = Self.search.map { $0 == "llama-deep" ? model : $0 }
      let result = try runner.laser(arguments + ["--rhos", "0.5", "--also-text", "text.txt"])
      #expect(result.status == 1)
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(
        !FileManager.default.fileExists(atPath: runner.folder.appending(path: "out").path))
    }
  }

  @Test func `without an edit there is nothing to measure, and no heading for it`() throws {
    try StudyCommandTests.inFolder { runner in
      _ = try runner.write("the bee is in the hive", to: "text.txt")
      let result = try runner.laser(
        Self.search + ["--rhos", "1", "--also-text", "text.txt", "--json"])
      let found = try #require(try result.objects().first)
      #expect((found["best"] as? [String: Any])?["edit"] as? String == "base")
      #expect(found["side_effects"] == nil)
      let page = try String(
        contentsOf: runner.folder.appending(path: "out/report.html"), encoding: .utf8)
      #expect(!page.contains("Side effects"))
    }
  }
}
