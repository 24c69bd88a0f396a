import Foundation
import Testing

/// A policy of a few thousand parameters goes through every command that has one.
@Suite struct PolicyCommandTests {
  /// Records episodes and trains a tiny policy on them.
  static func train(_ runner: CommandRunner, steps: Int = 6) throws {
    let recorded = try runner.laser(
      "episodes", "record", "--generate", "40", "--boxes", "1", "--seed", "3", "-o", "episodes.txt")
    try #require(recorded.status == 0, "\(recorded.errors)")
    let trained = try runner.laser(
      [
        "train", "--episodes", "episodes.txt", "-o", "policy", "--steps", "\(steps)",
        "--report-every", "2", "--json",
      ] + size)
    try #require(trained.status == 0, "\(trained.errors)")
  }

  static let size = [
    "--layers", "2", "--width", "16", "--heads", "2", "--context", "4", "--channels", "16",
    "--batch", "4",
  ]

  @Test func `train reports the step, the loss, the accuracy and the speed`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let curve = try String(
        contentsOf: runner.folder.appending(path: "policy/curve.jsonl"), encoding: .utf8)
      #expect(curve.split(separator: "\n").count == 3)
      for key in ["step", "loss", "accuracy", "tokens_per_second"] {
        #expect(curve.contains("\"\(key)\":"))
      }
    }
  }

  @Test func `a training that is resumed ends with the same bytes`() throws {
    try CommandRunner.inFolder { runner in
      let steps = 60
      try Self.train(runner, steps: steps)
      let whole = try Data(
        contentsOf: runner.folder.appending(path: "policy/model.safetensors"))
      // The same updates with a checkpoint after each, killed when the first is there.
      let killed = try runner.start(
        [
          "train", "--episodes", "episodes.txt", "-o", "part", "--steps", "\(steps)",
          "--save-every", "1", "--threads", "1",
        ] + Self.size)
      let checkpoint = runner.folder.appending(path: "part/optimizer.safetensors").path
      while killed.isRunning, !FileManager.default.fileExists(atPath: checkpoint) {
        Thread.sleep(forTimeInterval: 0.002)
      }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      #expect(killed.terminationReason == .uncaughtSignal, "it was not killed in time")
      let again = try runner.laser("train", "--episodes", "episodes.txt", "-o", "part", "--resume")
      #expect(again.status == 0, "\(again.errors)")
      let part = try Data(contentsOf: runner.folder.appending(path: "part/model.safetensors"))
      #expect(part == whole)
    }
  }

  @Test func `a training that stops on the way goes on with the same bytes`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let part = ["train", "--episodes", "episodes.txt", "-o", "part"]
      let begun = try runner.laser(part + ["--steps", "6", "--stop-at", "4"] + Self.size)
      #expect(begun.status == 0, "\(begun.errors)")
      let read = { (path: String) in
        try Data(contentsOf: runner.folder.appending(path: "\(path)/model.safetensors"))
      }
      #expect(try read("part") != read("policy"))
      let late = try runner.laser(part + ["--resume", "--stop-at", "3"])
      #expect(late.status == 0 && late.errors.contains("4 updates already"))
      let ended = try runner.laser(part + ["--resume"])
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(try read("part") == read("policy"))
    }
  }

  @Test func `training says how many held-out levels it learns from`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let train = ["train", "--episodes", "episodes.txt", "--steps", "1", "--held-out"]
      let known = try runner.laser(train + ["episodes.txt", "-o", "known"] + Self.size)
      #expect(known.errors.contains("40 of the 40 held-out levels are among the episodes"))
      _ = try runner.laser(
        "episodes", "record", "--generate", "5", "--boxes", "1", "--seed", "4", "--exclude",
        "episodes.txt", "-o", "other.txt")
      let other = try runner.laser(train + ["other.txt", "-o", "other"] + Self.size)
      #expect(other.status == 0 && !other.errors.contains("held-out levels"))
    }
  }

  @Test func `evaluate counts solved levels and the mean return`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let result = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--count", "20", "--json")
      let evaluation = try #require(try result.objects().first)
      #expect(
        Set(evaluation.keys) == [
          "levels", "solved", "solve_rate", "solve_rate_se", "mean_return", "mean_return_se",
          "actions", "target_return", "max_steps",
        ])
      #expect(evaluation["actions"] as? String == "greedy")
      #expect(evaluation["target_return"] as? Double == 10)
      #expect(evaluation["max_steps"] as? Int == 120)
      #expect(evaluation["levels"] as? Int == 20)
      let solved = try #require(evaluation["solved"] as? Int)
      #expect(evaluation["solve_rate"] as? Double == Double(solved) / 20)
    }
  }

  @Test func `evaluate compares solutions with the shortest ones`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let result = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--sample", "--lengths",
        "--json")
      let evaluation = try #require(try result.objects().first)
      let solved = try #require(evaluation["solved"] as? Int)
      let shortest = try #require(evaluation["shortest"] as? Int)
      let steps = try #require(evaluation["mean_steps"] as? Double)
      let fewest = try #require(evaluation["mean_fewest_steps"] as? Double)
      try #require(solved > 0)
      #expect(shortest <= solved)
      #expect(shortest == solved ? steps == fewest : steps > fewest)
    }
  }

  @Test func `evaluate has no lengths to compare where no level is solved`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let inside = ["@       ", "        ", "  $   . "] + Array(repeating: "        ", count: 5)
      let wall = String(repeating: "#", count: 10)
      let room = [wall] + inside.map { "#\($0)#" } + [wall]
      _ = try runner.write(room.joined(separator: "\n") + "\n", to: "far.txt")
      let evaluate = [
        "evaluate", "--policy", "policy", "--levels", "far.txt", "--max-steps", "1", "--lengths",
      ]
      let text = try runner.laser(evaluate)
      #expect(text.status == 0, "\(text.errors)")
      #expect(text.output.contains("no level solved, no lengths to compare"))
      let evaluation = try #require(try runner.laser(evaluate + ["--json"]).objects().first)
      #expect(evaluation["shortest"] as? Int == 0)
      #expect(evaluation["mean_steps"] == nil && evaluation["mean_fewest_steps"] == nil)
    }
  }

  @Test func `an edit of full rank changes nothing and a zeroed matrix something`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner, steps: 30)
      func spectrum(_ edit: String...) throws -> [String] {
        try runner.laser(["spectrum", "--policy", "policy", "--json"] + edit).output
          .split(separator: "\n").map(String.init)
      }
      let base = try spectrum()
      #expect(base.count == 12)
      #expect(try spectrum("--edit", "Uin:*:1") == base)
      let zeroed = try spectrum("--edit", "zero:Wq:1")
      #expect(zip(base, zeroed).count { $0 != $1 } == 1)
    }
  }

  @Test func `a search that was killed ends with the same result, byte for byte`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      func search(into folder: String) throws -> CommandRunner.Result {
        try runner.laser(
          "search", "--policy", "policy", "--levels", "episodes.txt", "--rhos", "0.5,0.1",
          "--kinds", "Uin", "Wq", "--max-steps", "20", "--compose", "-o", folder, "--json")
      }
      let whole = try search(into: "whole")
      #expect(whole.status == 0, "\(whole.errors)")
      let result = try #require(try whole.objects().first)
      #expect(result["base"] != nil && result["best"] != nil && result["composition"] != nil)
      let journal = try Data(contentsOf: runner.folder.appending(path: "whole/journal.jsonl"))
      // A crash after 55 % of the bytes, in the middle of a line.
      let killed = runner.folder.appending(path: "killed")
      try FileManager.default.createDirectory(at: killed, withIntermediateDirectories: true)
      try journal.prefix(journal.count * 55 / 100)
        .write(to: killed.appending(path: "journal.jsonl"))
      let resumed = try search(into: "killed")
      #expect(resumed.output == whole.output)
      #expect(try runner.result(in: "killed") == runner.result(in: "whole"))
      let report = try String(
        contentsOf: runner.folder.appending(path: "whole/report.html"), encoding: .utf8)
      #expect(report.contains("solve rate") && report.contains("<svg"))
    }
  }

  @Test func `levels of their own report on an edit`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      _ = try runner.laser(
        "episodes", "record", "--generate", "7", "--boxes", "1", "--seed", "4", "-o", "others.txt")
      let search = [
        "search", "--policy", "policy", "--levels", "episodes.txt", "--limit", "12",
        "--test-levels", "others.txt", "--rhos", "0.5", "--kinds", "Uin", "--max-steps", "20",
        "--json",
      ]
      let result = try runner.laser(search + ["-o", "found"])
      let base = try #require(try result.objects().first?["base"] as? [String: Any])
      let examples = { (part: String) in (base[part] as? [String: Any])?["examples"] as? Int }
      #expect(examples("validation") == 12 && examples("test") == 7)
      let evaluated = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "others.txt", "--max-steps", "20", "--json")
      let rate = try #require(try evaluated.objects().first?["solve_rate"] as? Double)
      #expect((base["test"] as? [String: Any])?["score"] as? Double == rate)
      let divided = try runner.laser(search + ["-o", "divided", "--split-seed", "1"])
      #expect(divided.status == 64 && divided.errors.contains("--test-levels"))
    }
  }

  /// Searches with 12 levels that pick and the levels of a file that report.
  private func search(_ runner: CommandRunner, testLevels: String) throws -> CommandRunner.Result {
    try runner.laser(
      "search", "--policy", "policy", "--levels", "episodes.txt", "--limit", "12",
      "--test-levels", testLevels, "--rhos", "0.5", "--kinds", "Uin", "--max-steps", "5", "-o",
      "found")
  }

  @Test func `a search says how many levels that report also pick`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let found = try search(runner, testLevels: "episodes.txt")
      #expect(found.status == 0, "\(found.errors)")
      #expect(found.errors.contains("12 of the 40 test levels are among the levels that pick"))
    }
  }

  @Test func `games of levels in a file of their own have their numbers in that file`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      _ = try runner.laser(
        "episodes", "record", "--generate", "7", "--boxes", "1", "--seed", "4", "-o", "others.txt")
      let found = try search(runner, testLevels: "others.txt")
      #expect(found.status == 0, "\(found.errors)")
      let games = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: runner.folder.appending(path: "found/games.json")))
          as? [String: Any])
      let groups = try #require(games["groups"] as? [[String: Any]])
      let numbers = groups.flatMap { $0["games"] as? [[String: Any]] ?? [] }
        .compactMap { $0["number"] as? Int }
      try #require(!numbers.isEmpty)
      #expect(numbers.allSatisfy { (0..<7).contains($0) })
    }
  }

  @Test func `a level that reports and has another size is named by its file`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      _ = try runner.laser(
        "episodes", "record", "--generate", "2", "--boxes", "1", "--size", "7", "--seed", "4", "-o",
        "small.txt")
      let found = try search(runner, testLevels: "small.txt")
      #expect(found.status == 1 && found.errors.contains("small.txt, level 0 has 7 × 7 cells"))
    }
  }

  @Test func `a search keeps how its games depend on the fewest steps and end on the targets`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let search = try runner.laser(
        "search", "--policy", "policy", "--levels", "episodes.txt", "--rhos", "0.5", "--kinds",
        "Uin", "--max-steps", "20", "-o", "found")
      #expect(search.status == 0, "\(search.errors)")
      let file = runner.folder.appending(path: "found/games.json")
      let games = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      let curves = try #require(games["curves"] as? [String: Any])
      let lengths = try #require(curves["lengths"] as? [[String: Any]])
      #expect(lengths.reduce(0) { $0 + ($1["levels"] as? Int ?? 0) } == 32)
      let bounds = lengths.flatMap { [$0["from"] as? Int ?? 0, $0["through"] as? Int ?? 0] }
      #expect(bounds == bounds.sorted())
      let boxes = try #require(curves["boxes_on_targets"] as? [[Int]])
      #expect(boxes.allSatisfy { $0.count == 2 && $0.reduce(0, +) == 32 })
      let page = try String(
        contentsOf: runner.folder.appending(path: "found/report.html"), encoding: .utf8)
      #expect(page.contains("fewest steps"))
      // Counts that cannot be are an error of the file, not a crash.
      let damaged = try String(contentsOf: file, encoding: .utf8)
        .replacingOccurrences(of: "\"levels\":", with: "\"levels\":-")
      try Data(damaged.utf8).write(to: file)
      let report = try runner.laser("report", "found", "-o", "again.html")
      #expect(report.status == 1 && report.errors.contains("games.json"))
    }
  }

  @Test func `three shards, their journals concatenated, give the whole search's result`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let arguments = [
        "search", "--levels", "episodes.txt", "--rhos", "0.5,0.1", "--max-steps", "10", "--policy",
      ]
      #expect(try runner.laser(arguments + ["policy", "-o", "whole"]).status == 0)
      var merged = Data()
      for shard in 0..<3 {
        // Another spelling of the path is the same policy.
        let part = try runner.laser(
          arguments + ["./policy/", "-o", "shard-\(shard)", "--shard", "\(shard)/3"])
        #expect(part.status == 0, "\(part.errors)")
        merged += try Data(
          contentsOf: runner.folder.appending(path: "shard-\(shard)/journal.jsonl"))
      }
      let target = runner.folder.appending(path: "merged")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      try merged.write(to: target.appending(path: "journal.jsonl"))
      #expect(try runner.laser(arguments + ["policy", "-o", "merged"]).status == 0)
      #expect(try runner.result(in: "merged") == runner.result(in: "whole"))
    }
  }

  @Test func `shares of a race in folders of their own are joined as the page says, and merged`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/cluster.md")
      let join = try #require(
        try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
          .first { $0.hasPrefix("mkdir all;") })
      let search = [
        "search", "--policy", "policy", "--levels", "episodes.txt", "--rhos", "0.5,0.1",
        "--max-steps", "10", "--race", "--risk", "0", "-o",
      ]
      func best(_ folder: String) throws -> String? {
        let file = runner.folder.appending(path: "\(folder)/result.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        return ((object as? [String: Any])?["best"] as? [String: Any])?["edit"] as? String
      }
      #expect(try runner.laser(search + ["whole"]).status == 0)
      for shard in 0..<3 {
        let part = try runner.laser(search + ["run-\(shard)", "--shard", "\(shard)/3"])
        #expect(part.status == 0, "\(part.errors)")
      }
      let joined = try runner.run(URL(filePath: "/bin/sh"), ["-c", String(join)])
      #expect(joined.status == 0, "\(joined.errors)")
      let merged = try runner.laser("merge", "all")
      #expect(merged.status == 0, "\(merged.errors)")
      #expect(try best("all") == best("whole") && best("all") != nil)
    }
  }

  @Test func `a search for experts says that the model has none`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let search = try runner.laser(
        "search", "--policy", "policy", "--levels", "episodes.txt", "--kinds", "Wv", "--rhos",
        "0.5", "--max-steps", "5", "--experts", "-o", "found")
      #expect(search.status == 0 && search.errors.contains("the model has no experts"))
    }
  }

  @Test func `a policy's folder may have an equals sign in its name`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      try FileManager.default.copyItem(
        at: runner.folder.appending(path: "policy"), to: runner.folder.appending(path: "a=b"))
      let compared = try runner.laser(
        "compare", "policy", "a=b", "--levels", "episodes.txt", "--max-steps", "5")
      #expect(compared.status == 0, "\(compared.errors)")
    }
  }

  @Test func `report puts searches on one page and says what is not finished`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let search = try runner.laser(
        "search", "--policy", "policy", "--levels", "episodes.txt", "--kinds", "Wv", "--rhos",
        "0.5", "--max-steps", "5", "-o", "found")
      #expect(search.status == 0)
      let report = try runner.laser("report", "found", "found", "-o", "page.html")
      #expect(report.status == 0)
      let page = try String(
        contentsOf: runner.folder.appending(path: "page.html"), encoding: .utf8)
      #expect(page.components(separatedBy: "<h2>").count == 3)
      try FileManager.default.removeItem(at: runner.folder.appending(path: "found/result.json"))
      let unfinished = try runner.laser("report", "found")
      #expect(unfinished.status == 0)
      let partial = try String(
        contentsOf: runner.folder.appending(path: "found/report.html"), encoding: .utf8)
      #expect(partial.contains("This run is not finished."))
      #expect(partial.contains("2 edited models") && partial.contains("Best so far"))
      #expect(!partial.contains("result.json"))
      let nothing = try runner.laser("report", "policy")
      #expect(nothing.status == 1)
      #expect(nothing.errors.contains("no journal.jsonl"))
    }
  }

  @Test func `apply writes a policy that plays like the edited one`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner, steps: 30)
      let applied = try runner.laser(
        "apply", "--policy", "policy", "--edit", "zero:Uin:0", "-o", "cut", "--json")
      #expect(applied.status == 0, "\(applied.errors)")
      let evaluate = ["evaluate", "--levels", "episodes.txt", "--json", "--policy"]
      let edited = try runner.laser(evaluate + ["policy", "--edit", "zero:Uin:0"])
      #expect(try runner.laser(evaluate + ["cut"]).output == edited.output)
      let again = try runner.laser("apply", "--policy", "policy", "-o", "cut")
      #expect(again.status == 1)
      #expect(again.errors.contains("not empty"))
    }
  }

  @Test func `a target return may be negative, and sampling repeats with its seed`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let arguments = [
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--target-return", "-5",
        "--sample", "--json", "--seed",
      ]
      let first = try runner.laser(arguments + ["4"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(try runner.laser(arguments + ["4"]).output == first.output)
    }
  }

  @Test func `a training with a constant rate is given its end later`() throws {
    try CommandRunner.inFolder { runner in
      let recorded = try runner.laser(
        "episodes", "record", "--generate", "40", "--boxes", "1", "--seed", "3", "-o",
        "episodes.txt")
      #expect(recorded.status == 0)
      let arguments = ["train", "--episodes", "episodes.txt", "--muon"] + Self.size
      func model(_ folder: String) throws -> Data {
        try Data(contentsOf: runner.folder.appending(path: "\(folder)/model.safetensors"))
      }
      let whole = try runner.laser(
        arguments + ["-o", "whole", "--steps", "9", "--decay-steps", "3"])
      #expect(whole.status == 0, "\(whole.errors)")
      // Ended at six, with the rate still constant; the end comes as another three updates.
      let first = try runner.laser(
        arguments + ["-o", "part", "--steps", "6", "--decay-steps", "0"])
      #expect(first.status == 0, "\(first.errors)")
      let finished = try runner.laser(
        "train", "--episodes", "episodes.txt", "-o", "part", "--resume", "--finish-in", "3")
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(try model("part") == model("whole"))
      let again = try runner.laser(
        "train", "--episodes", "episodes.txt", "-o", "whole", "--resume", "--finish-in", "3")
      #expect(again.status == 1)
      #expect(again.errors.contains("on its way down"))
      let alone = try runner.laser(arguments + ["-o", "new", "--finish-in", "3"])
      #expect(alone.status == 64)
    }
  }

  @Test func `a training that was given its end goes on when it is given the same again`() throws {
    try CommandRunner.inFolder { runner in
      let train = ["train", "--episodes", "episodes.txt", "-o"]
      func model(_ folder: String) throws -> Data {
        try Data(contentsOf: runner.folder.appending(path: "\(folder)/model.safetensors"))
      }
      _ = try runner.laser(
        "episodes", "record", "--generate", "40", "--boxes", "1", "--seed", "3", "-o",
        "episodes.txt")
      for (folder, steps, decay) in [("whole", "9", "3"), ("part", "6", "0")] {
        let begun = try runner.laser(
          train + [folder, "--steps", steps, "--decay-steps", decay] + Self.size)
        #expect(begun.status == 0, "\(begun.errors)")
      }
      let finish = train + ["part", "--resume", "--finish-in"]
      #expect(try runner.laser(finish + ["3", "--stop-at", "7"]).status == 0)
      let other = try runner.laser(finish + ["4"])
      #expect(other.status == 1 && other.errors.contains("on its way down"), "\(other.errors)")
      let again = try runner.laser(finish + ["3"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(try model("part") == model("whole"))
    }
  }

  @Test func `resuming with other options is wrong usage`() throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        "train", "--episodes", "x", "-o", "p", "--resume", "--steps", "9")
      #expect(result.status == 64)
      #expect(result.errors.contains("--resume"))
    }
  }

  @Test func `a search with another policy refuses the journal`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let arguments = [
        "search", "--levels", "episodes.txt", "--rhos", "0.5", "--kinds", "Uin", "--max-steps",
        "10", "-o", "out", "--policy",
      ]
      #expect(try runner.laser(arguments + ["policy"]).status == 0)
      let other = try runner.laser(
        ["train", "--episodes", "episodes.txt", "-o", "other", "--steps", "3"] + Self.size)
      #expect(other.status == 0)
      let refused = try runner.laser(arguments + ["other"])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("another search") && refused.errors.contains("model"))
    }
  }

  @Test(arguments: [
    ("Uup:0:0.5", "Uup"), ("Uin:2:0.5", "layer 2"), ("Wo:7:0", "0 to 1"),
  ])
  func `an edit that the policy cannot undergo is named`(edit: String, word: String) throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let result = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--edit", edit)
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: ") && result.errors.contains(word))
    }
  }

  @Test(arguments: ["Uin:0:1.5", "Uin:0", "mlp:0:0.1", "zero:Uin:0:1"])
  func `an edit that makes no sense is wrong usage`(edit: String) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--edit", edit)
      #expect(result.status == 64)
    }
  }

  @Test func `a count beyond the file says how many levels there are`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let result = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--limit", "41")
      #expect(result.status == 1)
      #expect(result.errors.contains("41") && result.errors.contains("40"))
    }
  }

  @Test func `a checkpoint that is cut short is refused with its file`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let file = runner.folder.appending(path: "policy/model.safetensors")
      let bytes = try Data(contentsOf: file)
      for length in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
        try bytes.prefix(length).write(to: file)
        let result = try runner.laser(
          "evaluate", "--policy", "policy", "--levels", "episodes.txt")
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: ") && result.errors.contains("model.safetensors"))
      }
    }
  }

  @Test func `a policy is not overwritten by a new training`() throws {
    try CommandRunner.inFolder { runner in
      try Self.train(runner)
      let before = try Data(
        contentsOf: runner.folder.appending(path: "policy/model.safetensors"))
      let result = try runner.laser(
        ["train", "--episodes", "episodes.txt", "-o", "policy", "--steps", "2"] + Self.size)
      #expect(result.status == 1)
      #expect(result.errors.contains("has a policy already"))
      #expect(
        try Data(contentsOf: runner.folder.appending(path: "policy/model.safetensors")) == before)
    }
  }
}
