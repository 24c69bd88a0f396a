import Foundation
import Testing

/// `laser study` as a user runs it, on random checkpoints of some thousand weights and a tiny policy.
@Suite struct StudyCommandTests {
  static let source = [
    "--model", "llama-deep", "--task", "jsonl", "--data", "open.jsonl",
  ]

  static func inFolder(_ body: (CommandRunner) throws -> Void) throws {
    try CommandRunner.inFolder { runner in
      try QuestionCommandTests.makeModel(runner, "llama-deep")
      let rows = (0..<25).map { index in
        let answer = [" a", " en", " b", " th", " in"][index % 5]
        return """
          {"prompt": "the \(String(repeating: "o", count: index % 7)) is", "answer": "\(answer)", \
          "subject": "bee \(["hive", "s"][index % 2])", "group": \(index / 2)}
          """
      }
      _ = try runner.write(rows.joined(separator: "\n"), to: "open.jsonl")
      _ = try runner.write("a bee hive in the en\nanother bee hive\n", to: "corpus.txt")
      try body(runner)
    }
  }

  private static func object(_ runner: CommandRunner, _ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: runner.folder.appending(path: path))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private static func study(
    _ runner: CommandRunner, _ arguments: [String]
  ) throws -> [String: Any] {
    let result = try runner.laser(["study"] + arguments + ["--json"])
    try #require(result.status == 0, "\(result.errors)")
    return try #require(try result.objects().first)
  }

  private static func accuracy(
    _ runner: CommandRunner, _ edit: String?, _ more: [String] = []
  ) throws -> (accuracy: Double, loss: Double) {
    let result = try runner.laser(
      ["qa"] + source + more + (edit.map { ["--edit", $0] } ?? []) + ["--json"])
    let score = try #require(try result.objects().first)
    return (
      try #require(score["accuracy"] as? Double), try #require(score["loss"] as? Double)
    )
  }

  @Test(arguments: [("rank", "validation"), ("prune", "all")])
  func `the figures of layers are those of qa and of search for the same edits`(
    method: String, part: String
  ) throws {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin,Wo", "--layers", "1,4", "--method", method]
      let result = try Self.study(
        runner, ["layers"] + Self.source + grid + ["--split", part, "-o", "out"])
      let points = try #require(result["points"] as? [[String: Any]])
      // The paper's fifteen amounts.
      #expect(points.count == 4 * 15)
      #expect(Set(points.compactMap { $0["removed"] as? Double }).count == 15)
      var file = try Self.object(runner, "out/result.json")
      #expect(file.removeValue(forKey: "command") != nil)
      #expect(NSDictionary(dictionary: file) == NSDictionary(dictionary: result))
      let journal = try String(
        contentsOf: runner.folder.appending(path: "out/journal.jsonl"), encoding: .utf8)
      #expect(journal.split(separator: "\n").count == 1 + 1 + 60)
      for point in points.shuffled().prefix(3) {
        let edit = try #require(point["edit"] as? String)
        let score = try #require(point["score"] as? [String: Any])
        let asked = try Self.accuracy(runner, edit, ["--split", part])
        #expect(score["score"] as? Double == asked.accuracy)
        // A trial's losses are in single precision.
        #expect(abs((score["loss"] as? Double ?? 0) - asked.loss) < 1e-5, "\(edit)")
      }
      guard part == "validation" else { return }
      let searched = try runner.laser(
        ["search"] + Self.source + grid + ["--rhos", "0.25,0.0025", "-o", "search"])
      #expect(searched.status == 0, "\(searched.errors)")
      let trials = try String(
        contentsOf: runner.folder.appending(path: "search/journal.jsonl"), encoding: .utf8)
      var compared = 0
      for line in trials.split(separator: "\n").dropFirst() {
        let trial = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        guard trial["split"] as? String == "validation",
          let point = points.first(where: { $0["edit"] as? String == trial["edit"] as? String })
        else { continue }
        compared += 1
        let score = try #require(point["score"] as? [String: Any])
        #expect(score["score"] as? Double == trial["score"] as? Double)
        #expect(score["loss"] as? Double == trial["loss"] as? Double)
      }
      #expect(compared == 8)
    }
  }

  @Test func `a study that was killed, or divided, ends with the same result, byte for byte`()
    throws
  {
    try Self.inFolder { runner in
      func run(_ folder: String, _ more: [String] = []) throws -> String {
        let result = try runner.laser(
          ["study", "layers"] + Self.source
            + ["--kinds", "Uout", "--rhos", "0.5,0.1", "-o", folder] + more)
        try #require(result.status == 0, "\(result.errors)")
        return folder.hasPrefix("shard") ? "" : try runner.result(in: folder)
      }
      let whole = try run("whole")
      let journal = try Data(contentsOf: runner.folder.appending(path: "whole/journal.jsonl"))
      func start(_ folder: String, with journal: Data) throws {
        let target = runner.folder.appending(path: folder)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try journal.write(to: target.appending(path: "journal.jsonl"))
      }
      try start("killed", with: journal.prefix(journal.count * 2 / 3))
      #expect(try run("killed", ["--threads", "1", "--memory", "0"]) == whole)
      var merged = Data()
      for index in 0..<2 {
        _ = try run("shard\(index)", ["--shard", "\(index)/2"])
        merged += try Data(
          contentsOf: runner.folder.appending(path: "shard\(index)/journal.jsonl"))
      }
      try start("merged", with: merged)
      #expect(try run("merged") == whole)
    }
  }

  @Test func `depth goes to the end, where the matrix is gone`() throws {
    try Self.inFolder { runner in
      let result = try Self.study(
        runner, ["depth"] + Self.source + ["--site", "Uout:3", "-o", "out"])
      let points = try #require(result["points"] as? [[String: Any]])
      #expect(points.count == 24)
      let last = try #require(points.last)
      #expect(last["removed"] as? Double == 1 && last["rank"] as? Int == 0)
      let gone = try Self.accuracy(runner, "zero:Uout:3")
      let score = try #require(last["score"] as? [String: Any])
      #expect(score["score"] as? Double == gone.accuracy)
      #expect(abs((score["loss"] as? Double ?? 0) - gone.loss) < 1e-5)
    }
  }

  @Test func `compose ends where the search's composition does`() throws {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin,Uout", "--rhos", "0.5,0.1"]
      let result = try Self.study(runner, ["compose"] + Self.source + grid + ["-o", "out"])
      let searched = try runner.laser(
        ["search"] + Self.source + grid + ["--compose", "--json", "-o", "search"])
      let search = try #require(try searched.objects().first)
      let expected = try #require(search["composition"] as? [String: Any])
      let found = try #require(result["composition"] as? [String: Any])
      #expect(NSDictionary(dictionary: found) == NSDictionary(dictionary: expected))
    }
  }

  @Test func `rank has the figures of spectrum, and the ranks that a study kept`() throws {
    try Self.inFolder { runner in
      _ = try Self.study(
        runner,
        ["layers"] + Self.source + ["--kinds", "Uin", "--rhos", "0.5,0.1", "-o", "layers"])
      let result = try Self.study(
        runner,
        ["rank", "--model", "llama-deep", "--kinds", "Uin", "--kept", "layers", "-o", "out"])
      let sites = try #require(result["sites"] as? [[String: Any]])
      let spectra = try runner.laser(
        "spectrum", "--model", "llama-deep", "--kinds", "Uin", "--json"
      ).objects()
      #expect(sites.count == spectra.count && !sites.isEmpty)
      for (site, spectrum) in zip(sites, spectra) {
        #expect(site["effective_rank"] as? Double == spectrum["effective_rank"] as? Double)
        #expect(site["rank_above_noise"] as? Int == spectrum["rank_above_noise"] as? Int)
      }
      let layers = try Self.object(runner, "layers/result.json")
      let base = try #require((layers["base"] as? [String: Any])?["score"] as? Double)
      let points = try #require(layers["points"] as? [[String: Any]])
      let better = points.filter {
        ($0["score"] as? [String: Any])?["score"] as? Double ?? 0 > base
      }
      let kept = try #require(result["kept"] as? [[String: Any]])
      #expect(
        Set(kept.compactMap { $0["layer"] as? Int })
          == Set(better.compactMap { $0["layer"] as? Int }))
      #expect(kept.allSatisfy { $0["run"] as? String == "layers" })
    }
  }

  @Test func `frequency puts base and edited accuracy beside each other`() throws {
    try Self.inFolder { runner in
      let result = try Self.study(
        runner,
        ["frequency"] + Self.source + [
          "--corpus", "corpus.txt", "--edges", "1", "--edit", "Uin:1:0.2", "-o", "out",
        ])
      let buckets = try #require(result["buckets"] as? [[String: Any]])
      #expect(buckets.compactMap { $0["examples"] as? Int }.reduce(0, +) == 25)
      // Of "bee hive" with "en" there is one document; with "a" and "in" the same one.
      #expect(buckets.last?["examples"] as? Int == 8)
      let base = try #require(result["base"] as? [String: Any])
      let edited = try #require(result["edited"] as? [String: Any])
      #expect(base["score"] as? Double == (try Self.accuracy(runner, nil).accuracy))
      #expect(edited["score"] as? Double == (try Self.accuracy(runner, "Uin:1:0.2").accuracy))
      #expect(
        FileManager.default.fileExists(
          atPath: runner.folder.appending(path: "out/counts.json").path))
    }
  }

  @Test func `tail says what only the smallest components say`() throws {
    try Self.inFolder { runner in
      let result = try Self.study(
        runner, ["tail"] + Self.source + ["--site", "Uout:2", "--rhos", "0.5,0", "-o", "out"])
      let points = try #require(result["points"] as? [[String: Any]])
      #expect(points.map { $0["edit"] as? String } == ["tail:Uout:2:0.5", "tail:Uout:2:0"])
      for point in points {
        let score = try #require(point["score"] as? [String: Any])
        let said = try #require(score["predicted"] as? [String: Int])
        #expect(said.values.reduce(0, +) == 25)
        #expect(Set(said.keys).isSubset(of: ["right", "same type", "generic", "other"]))
        #expect(abs(try #require(score["similarity"] as? Double)) <= 1)
        let edit = try #require(point["edit"] as? String)
        #expect(score["score"] as? Double == (try Self.accuracy(runner, edit).accuracy))
      }
    }
  }

  @Test func `tables and report join finished folders`() throws {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin", "--layers", "1", "--rhos", "0.5"]
      _ = try runner.laser(["search"] + Self.source + grid + ["-o", "search"])
      let tables = try Self.study(runner, ["tables", "search", "-o", "tables"])
      let rows = try #require(tables["rows"] as? [[String: Any]])
      #expect(rows.first?["model"] as? String == "llama-deep")
      let scoring = try #require(rows.first?["options"] as? String)
      #expect(scoring.contains("answer sought in"))
      let shown = try String(
        contentsOf: runner.folder.appending(path: "tables/report.html"), encoding: .utf8)
      #expect(shown.contains(scoring) && shown.contains("test examples"))
      for folder in ["one", "two"] {
        _ = try Self.study(runner, ["layers"] + Self.source + grid + ["-o", folder])
      }
      let page = try runner.laser("report", "search", "one", "two", "tables", "-o", "page.html")
      #expect(page.status == 0, "\(page.errors)")
      let html = try String(
        contentsOf: runner.folder.appending(path: "page.html"), encoding: .utf8)
      for text in ["Unedited against edited", "Side by side", "beside the paper"] {
        #expect(html.contains(text), "\(text)")
      }
    }
  }

  @Test func `a search says what its winner does to other tasks and to a text`() throws {
    try Self.inFolder { runner in
      _ = try runner.write("the bee is in the hive and the ant is not in it", to: "text.txt")
      let result = try runner.laser(
        ["search"] + Self.source + [
          "--kinds", "Uin,Uout", "--rhos", "0.5,0.1,0.01", "-o", "out", "--also",
          "jsonl=open.jsonl", "--also-text", "text.txt", "--json",
        ])
      try #require(result.status == 0, "\(result.errors)")
      let search = try #require(try result.objects().first)
      let effects = try #require(search["side_effects"] as? [String: [[String: Any]]])
      let score = try #require(effects["scores"]?.first)
      let edit = try #require(score["edit"] as? String)
      #expect(edit == (search["best"] as? [String: Any])?["edit"] as? String)
      let base = try #require(score["base"] as? [String: Any])
      let edited = try #require(score["edited"] as? [String: Any])
      #expect(base["score"] as? Double == (try Self.accuracy(runner, nil).accuracy))
      #expect(edited["score"] as? Double == (try Self.accuracy(runner, edit).accuracy))
      let text = try #require(effects["perplexities"]?.first)
      for (key, arguments) in [("base", []), ("edited", ["--edit", edit])] {
        let measured = try runner.laser(
          [
            "perplexity", "--model", "llama-deep", "--text", "text.txt", "--context", "64",
            "--stride", "32", "--json",
          ] + arguments)
        let perplexity = try #require(try measured.objects().first?["perplexity"] as? Double)
        #expect(abs((text[key] as? Double ?? 0) - perplexity) < 1e-6 * perplexity, "\(key)")
      }
      // Started again, nothing is measured twice and the result is the same.
      let again = try runner.laser(
        ["search"] + Self.source + [
          "--kinds", "Uin,Uout", "--rhos", "0.5,0.1,0.01", "-o", "out", "--also",
          "jsonl=open.jsonl", "--also-text", "text.txt", "--json",
        ])
      #expect(again.output == result.output)
    }
  }

  @Test func `the rank rule tries one rank a matrix, that of spectrum`() throws {
    try Self.inFolder { runner in
      let result = try runner.laser(
        ["search"] + Self.source + [
          "--rank-rule", "marchenko-pastur", "--kinds", "Uin", "-o", "out", "--json",
        ])
      try #require(result.status == 0, "\(result.errors)")
      let spectra = try runner.laser(
        "spectrum", "--model", "llama-deep", "--kinds", "Uin", "--json"
      ).objects()
      #expect(try result.objects().first?["trial_count"] as? Int == spectra.count)
      let both = try runner.laser(
        ["search"] + Self.source + [
          "--rank-rule", "marchenko-pastur", "--rhos", "0.5", "-o", "other",
        ])
      #expect(both.status == 64 && both.errors.contains("--rank-rule"))
    }
  }

  @Test func `a policy is studied with the same commands`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let source = ["--policy", "policy", "--levels", "episodes.txt", "--limit", "20"]
      let layers = try Self.study(
        runner,
        ["layers"] + source + ["--kinds", "Uin", "--rhos", "0.5", "-o", "layers"])
      #expect((layers["points"] as? [Any])?.count == 2)
      let depth = try Self.study(
        runner,
        ["depth"] + source + ["--site", "Wv:1", "--method", "tail", "--rhos", "0.5", "-o", "depth"])
      let point = try #require((depth["points"] as? [[String: Any]])?.first)
      let evaluated = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--count", "20", "--edit",
        "tail:Wv:1:0.5", "--json")
      let score = try #require(point["score"] as? [String: Any])
      #expect(
        score["score"] as? Double == (try evaluated.objects().first?["solve_rate"] as? Double))
      let rank = try Self.study(runner, ["rank", "--policy", "policy", "-o", "rank"])
      #expect((rank["sites"] as? [Any])?.count == 12)
      let search = try runner.laser(
        ["search"] + source + [
          "--kinds", "Uin", "--rhos", "0.5,0.1", "-o", "search", "--also", "sokoban=episodes.txt",
        ])
      #expect(search.status == 0, "\(search.errors)")
      let tables = try Self.study(runner, ["tables", "search", "-o", "tables"])
      #expect((tables["policies"] as? [Any])?.count == 1)
      let told = try runner.laser("study", "tables", "search", "-o", "tables").output
      #expect(told.contains("points, p = ") && told.contains("mean return 0.575 → 0.965"))
    }
  }

  @Test(arguments: [
    (["depth", "--site", "Wz:1"], 64, "Wz:1"), (["depth", "--site", "Uin:77"], 1, "layer 77"),
    (["layers", "--kinds", "Uin", "--layers", "77"], 1, "layer 77"),
    (["layers", "--top-k", "5"], 1, "leave out --top-k"),
    (["frequency", "--corpus", "empty.txt"], 1, "not a single word"),
    (["frequency", "--corpus", "missing.txt"], 1, "no such file"),
    (["frequency", "--corpus", "other.txt"], 1, "none of the 2 subjects"),
    (["frequency", "--corpus", "corpus.txt", "--edges", "5,2"], 64, "ascending"),
    (["rank"], 64, "Unknown option '--task'"), (["tables", "nothing"], 64, "--model"),
    (["tail", "--site", "Uin:1", "--top-k", "1"], 64, "--top-k generates nothing"),
    (["layers", "--split-seed", "3"], 64, "give --split validation or test"),
    (["frequency", "--corpus", "corpus.txt", "--edit", "Uin:77:0.5"], 1, "layer 77"),
  ])
  func `a study that cannot be made says why`(
    arguments: [String], status: Int, message: String
  ) throws {
    try Self.inFolder { runner in
      _ = try runner.write("\n", to: "empty.txt")
      _ = try runner.write("nothing of the kind\n", to: "other.txt")
      let result = try runner.laser(["study"] + arguments + Self.source + ["-o", "out"])
      #expect(result.status == status)
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test func `a kind that the model lacks is an error that names those it has`() throws {
    try CommandRunner.inFolder { runner in
      try QuestionCommandTests.makeModel(runner, "gptj-deep-tied")
      let result = try runner.laser(
        "study", "rank", "--model", "gptj-deep-tied", "--kinds", "Uup", "-o", "out")
      #expect(result.status == 1)
      #expect(result.errors.contains("Uup") && result.errors.contains("Uin"), "\(result.errors)")
    }
  }

  @Test(arguments: [
    ["study", "layers"], ["study", "compose"], ["search"], ["study", "depth", "--site", "Uin:77"],
  ])
  func `a grid that the model does not have leaves no journal behind`(command: [String]) throws {
    try Self.inFolder { runner in
      let grid = command.contains("--site") ? [] : ["--layers", "77"]
      let result = try runner.laser(command + Self.source + grid + ["-o", "out"])
      #expect(result.status == 1 && result.errors.contains("layer 77"), "\(result.errors)")
      #expect(
        !FileManager.default.fileExists(
          atPath: runner.folder.appending(path: "out/journal.jsonl").path))
    }
  }

  @Test func `the folder of another model, or none, is refused without asking for its removal`()
    throws
  {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin", "--layers", "1", "--rhos", "0.5"]
      _ = try Self.study(runner, ["layers"] + Self.source + grid + ["-o", "layers"])
      try QuestionCommandTests.makeModel(runner, "gptj-deep-tied")
      let other = try runner.laser(
        "study", "rank", "--model", "gptj-deep-tied", "--kept", "layers", "-o", "rank")
      #expect(other.status == 1 && other.errors.contains("made with the same model"))
      #expect(!other.errors.contains("remove the journal"), "\(other.errors)")
      let nothing = try runner.laser("report", "nothing")
      #expect(nothing.status == 1 && nothing.errors.contains("laser search or laser study"))
    }
  }

  @Test func `the folder of another study, or of a search, is refused`() throws {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin", "--layers", "1", "--rhos", "0.5"]
      _ = try Self.study(runner, ["layers"] + Self.source + grid + ["-o", "out"])
      let other = try runner.laser(
        ["study", "depth"] + Self.source + ["--site", "Uin:1", "-o", "out"])
      #expect(other.status == 1 && other.errors.contains("its kind is 'layers'"))
      let search = try runner.laser(["search"] + Self.source + grid + ["-o", "out"])
      #expect(search.status == 1 && search.errors.contains("another search or study"))
      let tables = try runner.laser("study", "tables", "out", "-o", "tables")
      #expect(tables.status == 1)
      #expect(tables.errors.contains("is the folder of laser study layers"), "\(tables.errors)")
    }
  }

  @Test(arguments: [
    ["rank", "--model", "llama-deep", "--kinds", "Uin"],
    ["gradient"] + source + ["--kinds", "Uin"],
    ["tail"] + source + ["--site", "Uin:1", "--rhos", "0.5"],
  ])
  func `status and merge name the study whose folder they are given`(study: [String]) throws {
    try Self.inFolder { runner in
      _ = try Self.study(runner, study + ["-o", "out"])
      for command in ["status", "merge"] {
        let result = try runner.laser(command, "out")
        #expect(result.status == 1)
        let says = "is the folder of laser study \(study[0]); expected one of laser search"
        #expect(result.errors.contains(says), "\(result.errors)")
      }
    }
  }

  @Test func `trials beside a gradient's predictions are of the same validation examples`() throws {
    try Self.inFolder { runner in
      let grid = ["--kinds", "Uin", "--layers", "1", "--rhos", "0.5"]
      _ = try Self.study(runner, ["layers"] + Self.source + grid + ["-o", "all"])
      _ = try Self.study(
        runner, ["layers"] + Self.source + grid + ["--split", "validation", "-o", "part"])
      let gradient = ["study", "gradient"] + Self.source + grid
      let refused = try runner.laser(gradient + ["--measured", "all", "-o", "one"])
      #expect(refused.status == 1 && refused.errors.contains("with --split validation"))
      #expect(!refused.errors.contains("remove the journal"), "\(refused.errors)")
      let taken = try runner.laser(gradient + ["--measured", "part", "-o", "two"])
      #expect(taken.status == 0, "\(taken.errors)")
    }
  }
}
