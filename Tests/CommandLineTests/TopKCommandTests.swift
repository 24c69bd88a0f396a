import Foundation
import Testing

/// `--top-k` as a user gives it: an answer is right as one of the likeliest tokens, where it is one token.
@Suite struct TopKCommandTests {
  /// Thirty facts, six of them with an answer of several tokens.
  private static func inFolder(_ body: (CommandRunner, [String]) throws -> Void) throws {
    try CommandRunner.inFolder { runner in
      try QuestionCommandTests.makeModel(runner, "llama-deep")
      let rows = (0..<30).map { index in
        let answer = ["a", "the", "in", "b", "zz"][index % 5]
        return """
          {"prompt": "the \(String(repeating: "o", count: index % 7)) is", \
          "subject": "bee \(["hive", "s"][index % 2])", "ground_truth": "\(answer)"}
          """
      }
      _ = try runner.write(rows.joined(separator: "\n"), to: "facts.jsonl")
      _ = try runner.write("a bee hive in the\nanother bee hive, not a zz\n", to: "corpus.txt")
      try body(
        runner, ["--model", "llama-deep", "--task", "counterfact", "--data", "facts.jsonl"])
    }
  }

  private static func run(
    _ runner: CommandRunner, _ arguments: [String]
  ) throws -> (object: [String: Any], text: String) {
    let result = try runner.laser(arguments + ["--json"])
    try #require(result.status == 0, "\(result.errors)")
    // Started again, it only prints the result.
    let text = try runner.laser(arguments)
    return (try #require(try result.objects().first), text.output)
  }

  @Test
  func `the score is the share of one-token answers that qa gives, and says what was left out`()
    throws
  {
    try Self.inFolder { runner, source in
      let edit = "Uout:2:0.25"
      func share(_ part: String, _ more: [String] = []) throws -> (share: Double, of: Int) {
        let result = try runner.laser(["qa"] + source + ["--split", part, "--json"] + more)
        let score = try #require(try result.objects().first)
        return (
          try #require((score["top_k"] as? [String: Double])?["5"]),
          try #require(score["top_k_examples"] as? Int)
        )
      }
      let grid = ["--top-k", "5", "--kinds", "Uout", "--layers", "2", "--rhos", "0.25"]
      let study = try Self.run(
        runner, ["study", "layers"] + source + grid + ["-o", "study"])
      let point = try #require((study.object["points"] as? [[String: Any]])?.first)
      let expected = try share("all", ["--edit", edit])
      let score = try #require(point["score"] as? [String: Any])
      #expect(score["score"] as? Double == expected.share)
      #expect(score["examples"] as? Int == expected.of && expected.of == 24)
      #expect(score["left_out"] as? Int == 6)
      #expect(score["majority_accuracy"] == nil)
      #expect(study.text.contains("24 examples with one-token answers (left out: 6)"))

      let search = try Self.run(runner, ["search"] + source + grid + ["-o", "search"])
      let base = try #require(search.object["base"] as? [String: [String: Any]])
      for (part, leftOut) in [("validation", 1), ("test", 5)] {
        let expected = try share(part)
        #expect(base[part]?["score"] as? Double == expected.share, "\(part)")
        #expect(base[part]?["examples"] as? Int == expected.of, "\(part)")
        #expect(base[part]?["left_out"] as? Int == leftOut, "\(part)")
      }
      #expect(search.text.contains("19 test examples with one-token answers (left out: 5)"))
      #expect(!search.text.contains("always the commonest answer"))
      for folder in ["study", "search"] {
        let page = try String(
          contentsOf: runner.folder.appending(path: "\(folder)/report.html"), encoding: .utf8)
        #expect(page.contains("questions with one-token answers (left out: "), "\(folder)")
      }
    }
  }

  @Test func `facts of the corpus are those with a one-token answer`() throws {
    try Self.inFolder { runner, source in
      let study = try Self.run(
        runner,
        ["study", "frequency"] + source + [
          "--top-k", "5", "--corpus", "corpus.txt", "--edges", "1", "-o", "out",
        ])
      let buckets = try #require(study.object["buckets"] as? [[String: Any]])
      // Of "bee hive" there are three facts of each answer; "a", "the" and "in" stand beside it.
      #expect(buckets.map { $0["examples"] as? Int } == [15, 9])
      let base = try #require(study.object["base"] as? [String: Any])
      #expect(base["examples"] as? Int == 24 && base["left_out"] as? Int == 6)
    }
  }

  @Test func `without a one-token answer there is nothing to rank`() throws {
    try Self.inFolder { runner, source in
      let row = #"{"prompt": "the", "subject": "s", "ground_truth": "zz"}"#
      _ = try runner.write(
        Array(repeating: row, count: 10).joined(separator: "\n"), to: "facts.jsonl")
      let result = try runner.laser(["study", "layers"] + source + ["--top-k", "5", "-o", "out"])
      #expect(result.status == 1)
      #expect(result.errors.contains("none of the 10 examples"), "\(result.errors)")
    }
  }
}
