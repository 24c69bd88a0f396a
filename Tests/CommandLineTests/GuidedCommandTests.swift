import Foundation
import Testing

/// `laser search --guided`, `--method select` and `laser study gradient` as a user runs them, on random checkpoints.
@Suite struct GuidedCommandTests {
  private static let source = [
    "--model", "llama-deep", "--task", "jsonl", "--data", "labelled.jsonl",
  ]

  @Test func `a guided search tries few edits, says what was predicted, and goes on where it was`()
    throws
  {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let arguments =
        ["search"] + Self.source + ["--guided", "--trials", "3", "-o", "out", "--json"]
      let first = try runner.laser(arguments)
      try #require(first.status == 0, "\(first.errors)")
      let result = try #require(try first.objects().first)
      #expect(result["trial_count"] as? Int == 3)
      let guide = try #require(result["guide"] as? [String: Any])
      #expect((guide["tried"] as? [[String: Any]])?.count == 3)
      #expect(guide["predicted"] as? Int ?? 0 > 100)
      #expect(result["lowest_loss"] != nil)
      let out = runner.folder.appending(path: "out")
      let predictions = try Data(contentsOf: out.appending(path: "guide.jsonl"))
      #expect(try runner.laser(arguments).output == first.output)
      #expect(try Data(contentsOf: out.appending(path: "guide.jsonl")) == predictions)
      let page = try String(contentsOf: out.appending(path: "report.html"), encoding: .utf8)
      #expect(page.contains("Predicted and measured"))
      // The folder stands for its best edit.
      let best = try #require((result["best"] as? [String: Any])?["edit"] as? String)
      try #require(best != "base")
      let logits = ["logits", "--model", "llama-deep", "--ids", "5,9,7,11", "--json", "--edit"]
      let named = try runner.laser(logits + [best])
      #expect(try runner.laser(logits + ["@out"]).output == named.output && named.status == 0)
    }
  }

  @Test func `what is measured beside the task is measured of the best score and the lowest loss`()
    throws
  {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      _ = try runner.write("the bee is in the hive", to: "text.txt")
      let search = try runner.laser(
        ["search"] + Self.source + [
          "--guided", "--race", "--trials", "6", "--also-text", "text.txt",
        ]
          + ["-o", "out", "--json"])
      try #require(search.status == 0, "\(search.errors)")
      let result = try #require(try search.objects().first)
      let winners = try ["best", "lowest_loss"].map {
        try #require((result[$0] as? [String: Any])?["edit"] as? String)
      }
      let effects = try #require(result["side_effects"] as? [String: Any])
      let texts = try #require(effects["perplexities"] as? [[String: Any]])
      #expect(Set(texts.compactMap { $0["edit"] as? String }) == Set(winners).subtracting(["base"]))
      #expect(Set(winners).count == 2)
    }
  }

  @Test
  func `selected components are written to a file that every command reads, for their model alone`()
    throws
  {
    try QuestionCommandTests.inFolder("llama-deep", "gptj-deep-tied") { runner in
      let search = try runner.laser(
        ["search"] + Self.source + ["--method", "select", "--trials", "4", "-o", "out", "--json"])
      try #require(search.status == 0, "\(search.errors)")
      let result = try #require(try search.objects().first)
      let lowest = try #require(result["lowest_loss"] as? [String: Any])
      let edit = try #require(lowest["edit"] as? String)
      try #require(edit.hasPrefix("keep:"), "\(edit)")
      let logits = ["logits", "--model", "llama-deep", "--ids", "5,9,7,11", "--json"]
      // A set that beat the unedited model is told by its number, whoever tells of it.
      let tables = try runner.laser("study", "tables", "out", "-o", "tables")
      #expect(tables.status == 0 && !tables.output.contains(/[-][0-9a-f]{16}/), "\(tables.output)")
      let file = "@out/lowest-loss.json"
      let plain = try runner.laser(logits)
      let named = try runner.laser(logits + ["--edit", edit])
      let read = try runner.laser(logits + ["--edit", file])
      #expect(named.status == 0 && named.output == read.output && named.output != plain.output)
      let composed = try runner.laser(logits + ["--edit", "\(file),Wq:0:0.5"])
      #expect(composed.status == 0 && composed.output != read.output)
      let exported = try runner.laser(
        "apply", "--model", "llama-deep", "--edit", file, "-o", "edited")
      #expect(exported.status == 0, "\(exported.errors)")
      let other = try runner.laser(
        "logits", "--model", "gptj-deep-tied", "--ids", "5,9,7,11", "--edit", file)
      #expect(other.status == 1 && other.errors.contains("Error:"), "\(other.errors)")
      #expect(try runner.laser(logits + ["--edit", "@none.json"]).errors.contains("none.json"))
    }
  }

  @Test func `a file of edits goes with its result`() throws {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let arguments =
        ["search"] + Self.source + ["--method", "select", "--trials", "4", "-o", "out"]
      try #require(try runner.laser(arguments).status == 0)
      // Of an earlier search that composed.
      let (lowest, composed) = (
        runner.folder.appending(path: "out/lowest-loss.json"),
        runner.folder.appending(path: "out/composition.json")
      )
      try FileManager.default.copyItem(at: lowest, to: composed)
      try #require(try runner.laser(arguments).status == 0)
      #expect(FileManager.default.fileExists(atPath: lowest.path))
      #expect(!FileManager.default.fileExists(atPath: composed.path))
    }
  }

  @Test func `a study of the gradient lists predictions, and the components of one matrix`() throws
  {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let all = try runner.laser(
        ["study", "gradient"] + Self.source + ["--kinds", "Uout", "-o", "all", "--json"])
      try #require(all.status == 0, "\(all.errors)")
      let sites = try #require(try all.objects().first?["sites"] as? [[String: Any]])
      #expect(sites.count > 1)
      let other = try runner.laser(
        ["study", "gradient"] + Self.source + ["--kinds", "Uout", "--rhos", "0.3", "-o", "all"])
      #expect(other.status == 1 && other.errors.contains("grid.fractions"))
      let one = try runner.laser(
        ["study", "gradient"] + Self.source + ["--site", "Uout:1", "-o", "one", "--json"])
      try #require(one.status == 0, "\(one.errors)")
      let components = try #require(
        try one.objects().first?["components"] as? [String: Any])
      let losses = try #require(components["list"] as? [[String: Any]])
        .compactMap { $0["loss"] as? Double }
      #expect(losses.count > 1 && losses == losses.sorted())
    }
  }

  @Test(arguments: [
    (["--guided", "--rhos", "0.1"], "leave out --rhos"),
    (["--guided", "--method", "prune"], "other methods"),
    (["--guided", "--rank-rule", "marchenko-pastur"], "--rank-rule"),
    (["--guided", "--trials", "0"], "cannot try 0 edits"),
    (["--trials", "4"], "--trials goes with --guided"),
    (["--guided", "--layers", "99"], "no Wq in layer 99"),
  ])
  func `options that make no sense for a guided search are refused`(
    options: [String], reason: String
  ) throws {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let result = try runner.laser(["search"] + Self.source + options + ["-o", "out"])
      #expect(result.status != 0)
      #expect(result.errors.contains(reason), "\(result.errors)")
    }
  }
}
