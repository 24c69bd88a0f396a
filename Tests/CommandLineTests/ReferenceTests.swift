import Foundation
import Testing

/// `laser qa` and `laser perplexity` beside an implementation of their own in plain PyTorch and transformers.
@Suite struct ReferenceTests {
  private func small() throws -> [String: ReferenceScores] {
    try JSONDecoder().decode(
      [String: ReferenceScores].self,
      from: Data(contentsOf: ReferenceScores.folder.appending(path: "small.json")))
  }

  @Test(arguments: ["gptj", "roberta"], ["fever", "epistemic", "counterfact", "jsonl"])
  func `small random checkpoints answer as in transformers, with the same losses`(
    family: String, task: String
  ) throws {
    let scores = try #require(try small()[family])
    let file = try #require(scores.tasks[task]?.file)
    try CommandRunner.inFolder { runner in
      try scores.checkAnswers(
        task, file: ReferenceScores.folder.appending(path: "questions/\(file)").path,
        model: ReferenceScores.folder.appending(path: family).path, tolerance: 1e-4,
        runner: runner)
    }
  }

  @Test func `the perplexity of a small random GPT-J is that of transformers`() throws {
    let scores = try #require(try small()["gptj"])
    try CommandRunner.inFolder { runner in
      try scores.checkPerplexity(
        of: ReferenceScores.folder.appending(path: "questions/fever.jsonl").path,
        model: ReferenceScores.folder.appending(path: "gptj").path, runner: runner)
    }
  }

  @Test func `a gzipped text has the perplexity of the plain one`() throws {
    try CommandRunner.inFolder { runner in
      let file = try runner.write("The river Elbe flows through Dresden.", to: "text.txt")
      _ = try runner.run(URL(fileURLWithPath: "/usr/bin/env"), ["gzip", "-k", file])
      let outputs = try [file, "\(file).gz"].map { text in
        try runner.laser(
          "perplexity", "--model", ReferenceScores.folder.appending(path: "gptj").path, "--text",
          text, "--context", "8", "--stride", "4"
        ).output
      }
      #expect(outputs[0].hasPrefix("perplexity ") && outputs[0] == outputs[1])
    }
  }

  @Test(arguments: [
    (["--context", "161", "--stride", "4"], Int32(1), "the model takes at most 160"),
    (["--context", "8", "--stride", "9"], 64, "the stride is 9, expected 1 to the context of 8"),
    (["--context", "-1"], 64, "expected a context of at least 2"),
  ])
  func `windows that the model cannot read are an error that says why`(
    arguments: [String], status: Int32, message: String
  ) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        [
          "perplexity", "--model", ReferenceScores.folder.appending(path: "gptj").path, "--text",
          try runner.write("The river Elbe", to: "text.txt"),
        ] + arguments)
      #expect(result.status == status)
      #expect(result.errors.contains(message))
    }
  }

  @Test(arguments: [("gptj", "", "expected at least 2"), ("roberta", "The Elbe", "masked")])
  func `a text or a model without a perplexity is an error that says why`(
    family: String, text: String, message: String
  ) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        "perplexity", "--model", ReferenceScores.folder.appending(path: family).path, "--text",
        try runner.write(text, to: "text.txt"), "--context", "8", "--stride", "4")
      #expect(result.status == 1)
      #expect(result.errors.contains(message))
    }
  }
}
