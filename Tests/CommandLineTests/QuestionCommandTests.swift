import Foundation
import Testing

/// `laser qa` and `laser search --model` as a user runs them, on random checkpoints of some thousand weights.
@Suite struct QuestionCommandTests {
  private static let fixtures = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "LanguageModelsTests/Fixtures")

  private static let labelled = (0..<25).map { index in
    let answer = [" a", " b", " the"][index % 3]
    let letter = ["c", "d", "e", "f", "g"][index % 5]
    return """
      {"prompt": "is \(letter)\(String(repeating: "n", count: index / 5)) in", \
      "answer": "\(answer)", "candidates": [" a", " b", " the"]}
      """
  }.joined(separator: "\n")

  private static let open = (0..<25).map { index in
    let answer = [" a", " en", " b", " th", " in"][index % 5]
    return """
      {"prompt": "the \(String(repeating: "o", count: index % 7)) is", "answer": "\(answer)", \
      "group": \(index / 2)}
      """
  }.joined(separator: "\n")

  /// A model's folder with a tokenizer of letters.
  static func makeModel(_ runner: CommandRunner, _ name: String) throws {
    let folder = runner.folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: fixtures.appending(path: "architectures/\(name)/\(file)"),
        to: folder.appending(path: file))
    }
    try FileManager.default.copyItem(
      at: fixtures.appending(path: "tokenizers/letters.json"),
      to: folder.appending(path: "tokenizer.json"))
  }

  static func inFolder(
    _ models: String..., body: (CommandRunner) throws -> Void
  ) throws {
    try CommandRunner.inFolder { runner in
      for model in models { try makeModel(runner, model) }
      _ = try runner.write(labelled, to: "labelled.jsonl")
      _ = try runner.write(open, to: "open.jsonl")
      try body(runner)
    }
  }

  @Test(arguments: ["gptj-deep-tied", "llama-deep", "roberta-deep"])
  func `qa prints the scores of labels, and every answer on request`(model: String) throws {
    try Self.inFolder(model) { runner in
      let arguments = [
        "qa", "--model", model, "--task", "jsonl", "--data", "labelled.jsonl", "--edit",
        "Uin:1:0.2",
      ]
      let result = try runner.laser(arguments + ["--json", "--predictions", "said.jsonl"])
      #expect(result.status == 0, "\(result.errors)")
      let score = try #require(try result.objects().first)
      #expect(
        Set(score.keys) == [
          "task", "variant", "examples", "accuracy", "accuracy_se", "loss", "loss_se",
          "majority_accuracy", "predicted",
        ])
      #expect(score["examples"] as? Int == 25)
      #expect(score["majority_accuracy"] as? Double == 0.36)
      let predicted = try #require(score["predicted"] as? [String: Int])
      #expect(predicted.values.reduce(0, +) == 25)
      let lines = try String(
        contentsOf: runner.folder.appending(path: "said.jsonl"), encoding: .utf8
      ).split(separator: "\n")
      #expect(lines.count == 25)
      let first = try #require(
        try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
      #expect(first["answer"] as? String == " a")
      #expect((first["log_probabilities"] as? [String: Double])?.count == 3)
      let text = try runner.laser(arguments)
      #expect(text.output.contains("always") || text.output.contains("the commonest answer"))
    }
  }

  @Test func `qa prints the scores of open questions`() throws {
    try Self.inFolder("llama-deep") { runner in
      let result = try runner.laser(
        "qa", "--model", "llama-deep", "--task", "jsonl", "--data", "open.jsonl", "--json")
      let score = try #require(try result.objects().first)
      #expect(score["f1"] is Double)
      #expect(score["paraphrase_accuracy"] is Double)
      #expect(score["paraphrased_records"] as? Int == 12)
    }
  }

  @Test func `the parts of a split are asked one by one, with paraphrases together`() throws {
    try Self.inFolder("gptj-deep-tied") { runner in
      func examples(_ arguments: String...) throws -> Int {
        let result = try runner.laser(
          [
            "qa", "--model", "gptj-deep-tied", "--task", "jsonl", "--data", "open.jsonl", "--json",
          ] + arguments)
        return try #require(try result.objects().first?["examples"] as? Int)
      }
      #expect(try examples("--split", "validation") == 5)
      #expect(try examples("--split", "test") == 20)
      #expect(try examples("--split", "test", "--limit", "10") == 8)
      // Records of two phrasings, the last of one: four or five fit.
      let shuffled = try examples("--split", "validation", "--split-seed", "3")
      #expect((4...5).contains(shuffled))
      let undivided = try runner.laser(
        "qa", "--model", "gptj-deep-tied", "--task", "jsonl", "--data", "open.jsonl",
        "--split-seed", "3")
      #expect(undivided.status == 64 && undivided.errors.contains("give --split validation"))
    }
  }

  private static let space = ["--rhos", "0.5,0.1", "--kinds", "Uin", "Wq", "--layers", "1,2,4"]

  @Test(arguments: [
    ("gptj-deep-tied", "labelled.jsonl"), ("llama-deep", "open.jsonl"),
    ("roberta-deep", "open.jsonl"),
  ])
  func `a search that was killed, or divided, ends with the same result, byte for byte`(
    model: String, data: String
  ) throws {
    try Self.inFolder(model) { runner in
      func search(into folder: String, _ arguments: [String] = []) throws -> CommandRunner.Result {
        let result = try runner.laser(
          [
            "search", "--model", model, "--task", "jsonl", "--data", data, "-o", folder,
            "--compose",
          ]
            + Self.space + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result
      }
      func start(_ folder: String, with journal: Data) throws {
        let target = runner.folder.appending(path: folder)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try journal.write(to: target.appending(path: "journal.jsonl"))
      }
      func journal(_ folder: String) throws -> Data {
        try Data(contentsOf: runner.folder.appending(path: "\(folder)/journal.jsonl"))
      }
      _ = try search(into: "whole")
      for percent in [20, 55, 85] {
        let whole = try journal("whole")
        try start("killed-\(percent)", with: whole.prefix(whole.count * percent / 100))
        _ = try search(into: "killed-\(percent)", ["--threads", "1", "--memory", "0"])
        #expect(try runner.result(in: "killed-\(percent)") == runner.result(in: "whole"))
      }
      var merged = Data()
      for shard in 0..<3 {
        _ = try search(into: "shard-\(shard)", ["--shard", "\(shard)/3", "--memory", "10K"])
        merged += try journal("shard-\(shard)")
      }
      try start("merged", with: merged)
      _ = try search(into: "merged")
      #expect(try runner.result(in: "merged") == runner.result(in: "whole"))
      let report = try String(
        contentsOf: runner.folder.appending(path: "whole/report.html"), encoding: .utf8)
      #expect(report.contains("What was said") && report.contains("always the commonest answer"))
    }
  }

  @Test func `a raced search says so in its result, its text and its report`() throws {
    try Self.inFolder("llama-deep") { runner in
      let arguments =
        [
          "search", "--model", "llama-deep", "--task", "jsonl", "--data", "labelled.jsonl",
          "--race",
        ] + Self.space
      let raced = try runner.laser(arguments + ["-o", "raced", "--json"])
      let race = try #require(try raced.objects().first?["race"] as? [String: Any])
      // Five examples are one part, so that there is nothing to stop.
      #expect(race["finished"] as? Int == 12 && race["stopped"] as? Int == 0)
      #expect(race["asked"] as? Double == 1)
      let page = runner.folder.appending(path: "raced/report.html")
      let text = try runner.laser(arguments + ["-o", "raced"])
      #expect(text.output.contains("raced: 12 of 12"))
      #expect(try String(contentsOf: page, encoding: .utf8).contains("No map is drawn"))
      try FileManager.default.removeItem(at: runner.folder.appending(path: "raced/result.json"))
      #expect(try runner.laser("report", "raced").status == 0)
      let unfinished = try String(contentsOf: page, encoding: .utf8)
      #expect(unfinished.contains("12 edited models have been asked everything and 0 were stopped"))
      let kept = try runner.laser(
        "study", "rank", "--model", "llama-deep", "--kept", "raced", "-o", "ranks")
      #expect(kept.status == 1 && kept.errors.contains("without --race"))
      let divided = try runner.laser(arguments + ["-o", "other", "--shard", "0/2"])
      #expect(divided.status == 0, "\(divided.errors)")
      let risk = try runner.laser(
        arguments.filter { $0 != "--race" } + ["-o", "other", "--risk", "0.1"])
      #expect(risk.status == 64 && risk.errors.contains("--risk goes with --race"))
    }
  }

  @Test func `a search says what the models said beside their accuracy`() throws {
    try Self.inFolder("llama-deep") { runner in
      let arguments = [
        "search", "--model", "llama-deep", "--task", "jsonl", "--data", "labelled.jsonl", "-o",
        "out",
      ]
      let json = try runner.laser(arguments + Self.space + ["--json"])
      let result = try #require(try json.objects().first)
      let base = try #require(result["base"] as? [String: [String: Any]])
      #expect(base["test"]?["majority_accuracy"] as? Double == 0.35)
      #expect(base["validation"]?["predicted"] is [String: Int])
      let text = try runner.laser(arguments + Self.space)
      #expect(text.output.contains("it said") && text.output.contains("35.0 %"))
    }
  }

  @Test func `a search of another model, task or data refuses the journal`() throws {
    try Self.inFolder("llama-deep", "gptj-deep-tied") { runner in
      func search(_ model: String, _ data: String, _ more: String...) throws -> CommandRunner.Result
      {
        try runner.laser(
          [
            "search", "--model", model, "--task", "jsonl", "--data", data, "--kinds", "Uin",
            "--layers", "1", "--rhos", "0.5", "-o", "out",
          ] + more)
      }
      #expect(try search("llama-deep", "labelled.jsonl").status == 0)
      let claims = (0..<25).map { #"{"claim": "a\#($0).", "label": "SUPPORTS"}"# }
      let file = try runner.write(claims.joined(separator: "\n"), to: "claims.jsonl")
      let tries = [
        ("model", try search("gptj-deep-tied", "labelled.jsonl")),
        ("data.questions", try search("llama-deep", "open.jsonl")),
        ("questions", try search("llama-deep", "labelled.jsonl", "--limit", "20")),
        ("split", try search("llama-deep", "labelled.jsonl", "--split-seed", "1")),
        ("questions", try search("llama-deep", "labelled.jsonl", "--variant", "authors")),
        ("is not a file of jsonl", try search("llama-deep", file)),
      ]
      for (word, result) in tries {
        #expect(result.status == 1)
        #expect(result.errors.contains(word), "\(result.errors)")
      }
      #expect(tries.prefix(5).allSatisfy { $0.1.errors.contains("another search") })
    }
  }

  @Test(arguments: [
    (["--policy", "p", "--model", "m"], "Give either"), ([], "Give either"),
    (["--policy", "p"], "--policy needs --levels"), (["--model", "m"], "--model needs --task"),
    (["--model", "m", "--task", "fever"], "--model needs --task"),
    (["--model", "m", "--task", "fever", "--data", "d", "--levels", "l"], "--levels goes with"),
    (["--model", "m", "--task", "fever", "--data", "d", "--sample"], "--sample goes with"),
    (["--policy", "p", "--levels", "l", "--data", "d"], "--data goes with"),
    (["--policy", "p", "--levels", "l", "--memory", "2G"], "--memory goes with"),
    (["--model", "m", "--task", "fever", "--data", "d", "--memory", "2X"], "2X"),
    (["--model", "m", "--task", "fever", "--data", "d", "--memory", "2ß"], "2ß"),
    (["--model", "m", "--task", "fever", "--data", "d", "--memory", "G"], "'G'"),
    (["--model", "m", "--task", "fever", "--data", "d", "--memory", "9999999999G"], "9999999999G"),
    (["--model", "m", "--task", "fevre", "--data", "d"], "fevre"),
  ])
  func `options of the two worlds are not mixed`(arguments: [String], message: String) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(["search", "-o", "out"] + arguments)
      #expect(result.status == 64)
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test(arguments: [
    (["--task", "jsonl", "--data", "labelled.jsonl", "--limit", "4"], "cannot be split"),
    (["--task", "hotpotqa", "--data", "labelled.jsonl"], "is not a file of hotpotqa"),
    (["--task", "jsonl", "--data", "pointer.jsonl"], "Git LFS pointer"),
    (["--task", "jsonl", "--data", "digits.jsonl"], "makes no token of the answer '7'"),
    (
      ["--task", "jsonl", "--data", "labelled.jsonl", "--kinds", "Uup", "--layers", "9"], "layer 9"
    ),
  ])
  func `a search that cannot be made says why before it begins`(
    arguments: [String], message: String
  ) throws {
    try Self.inFolder("llama-deep") { runner in
      _ = try runner.write(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", to: "pointer.jsonl")
      _ = try runner.write(
        #"{"prompt": "a", "answer": " b", "candidates": [" b", "7"]}"#, to: "digits.jsonl")
      let result = try runner.laser(["search", "--model", "llama-deep", "-o", "out"] + arguments)
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: ") || result.errors.contains("\nError: "))
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }
}
