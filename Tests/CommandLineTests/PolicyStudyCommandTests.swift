import DecisionTransformer
import Foundation
import LaserOps
import Numerics
import Sokoban
import Testing

/// Policies from games of every quality, and what is asked of them.
@Suite struct PolicyStudyCommandTests {
  private static let train =
    ["train", "--threads", "1", "--steps", "6", "--report-every", "2"] + PolicyCommandTests.size

  @Test func `noisy episodes and a policy's games are recorded, checked and learned from`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let noisy = try runner.laser(
        "episodes", "record", "--generate", "40", "--boxes", "1", "--noise", "0.5", "--seed", "3",
        "--max-steps", "30", "-o", "noisy.txt")
      #expect(noisy.status == 0, "\(noisy.errors)")
      let games = try runner.laser(
        "episodes", "record", "--levels", "episodes.txt", "--policy", "policy", "--max-steps", "12",
        "-o", "games.txt")
      #expect(games.status == 0 && games.errors.contains("40 games recorded"), "\(games.errors)")
      let check = try runner.laser("episodes", "check", "noisy.txt", "games.txt", "--json")
        .objects()
      #expect(check[0]["played"] as? Int == 80 && check[0]["invalid"] as? Int == 0)
      let corrected = try runner.laser(
        "episodes", "record", "--correct", "games.txt", "-o", "corrected.txt")
      #expect(corrected.status == 0, "\(corrected.errors)")
      let lessons = try runner.laser("episodes", "check", "corrected.txt", "--json").objects()
      #expect(lessons[0]["corrected"] as? Int ?? 0 > 0 && lessons[0]["invalid"] as? Int == 0)
      let refused = try runner.laser(
        "episodes", "record", "--correct", "corrected.txt", "-o", "again.txt")
      #expect(refused.status == 1 && refused.errors.contains("is no game as it was played"))
      // What another recording has begun is not gone on with.
      try FileManager.default.moveItem(
        at: runner.folder.appending(path: "corrected.txt"),
        to: runner.folder.appending(path: "other.txt.partial"))
      let other = try runner.laser(
        "episodes", "record", "--correct", "noisy.txt", "-o", "other.txt")
      #expect(other.status == 1 && other.errors.contains("was begun as"), "\(other.errors)")
      try FileManager.default.moveItem(
        at: runner.folder.appending(path: "other.txt.partial"),
        to: runner.folder.appending(path: "corrected.txt"))
      for options in [[], ["--no-return"], ["--best", "0.1", "--no-return"]] {
        let folder = "policy-" + options.joined()
        let mixture = [
          "--episodes", "episodes.txt", "noisy.txt", "games.txt", "corrected.txt", "-o", folder,
        ]
        let trained = try runner.laser(Self.train + mixture + options)
        #expect(trained.status == 0, "\(trained.errors)")
        // The same command says that all is done: it reads what the training began with.
        #expect(try runner.laser(Self.train + mixture + options).errors.contains("is finished"))
      }
      let asked = try runner.laser(
        "evaluate", "--levels", "episodes.txt", "--max-steps", "12", "--target-returns=-5,0,10",
        "--report", "returns.html", "--json", "--policy", "policy-", "policy", "policy---no-return",
        "policy---best0.1--no-return")
      #expect(asked.status == 0, "\(asked.errors)")
      let kinds = try asked.objects()
      #expect(
        kinds.map { $0["name"] as? String } == [
          "Decision Transformer", "behaviour cloning", "behaviour cloning of the best 10.0 %",
        ])
      #expect(kinds.map { $0["policies"] as? Int } == [2, 1, 1])
      let rows = try #require(kinds[1]["rows"] as? [[String: Any]])
      #expect(rows.map { $0["asked"] as? Double } == [-5, 0, 10])
      #expect(Set(rows.compactMap { $0["achieved"] as? Double }).count == 1)
      let page = try String(
        contentsOf: runner.folder.appending(path: "returns.html"), encoding: .utf8)
      #expect(page.contains("as asked") && page.contains("behaviour cloning"))
    }
  }

  @Test func `a policy without what training goes on with is asked for returns`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      try FileManager.default.removeItem(
        at: runner.folder.appending(path: "policy/optimizer.safetensors"))
      let asked = try runner.laser(
        "evaluate", "--policy", "policy", "--levels", "episodes.txt", "--limit", "3", "--max-steps",
        "5", "--target-returns=0,10")
      #expect(asked.status == 0, "\(asked.errors)")
    }
  }

  @Test func `a training says now and then what share of held-out rooms it solves`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let train =
        Self.train + [
          "--episodes", "episodes.txt", "--held-out", "episodes.txt", "--longest", "120", "-o",
          "other",
          "--evaluate-rooms", "5", "--evaluate-every",
        ]
      let wrong = try runner.laser(train + ["3"])
      #expect(wrong.status == 64 && wrong.errors.contains("multiple of --report-every, 2"))
      let trained = try runner.laser(train + ["4", "--json", "--tensorboard", "events"])
      #expect(trained.status == 0, "\(trained.errors)")
      let rates = try trained.objects().map { $0["held_out_solve_rate"] as? Double }
      #expect(rates.map { $0 == nil } == [true, false, false])
      let events = try FileManager.default.contentsOfDirectory(
        atPath: runner.folder.appending(path: "events").path)
      #expect(events.count == 1 && events[0].hasPrefix("events.out.tfevents."))
    }
  }

  @Test func `folders of policies are compared over seeds and rooms`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      for (group, seeds) in [("a", 1...3), ("b", 4...5)] {
        for seed in seeds {
          let trained = try runner.laser(
            Self.train + [
              "--episodes", "episodes.txt", "--seed", "\(seed)", "-o", "\(group)/\(seed)",
            ])
          try #require(trained.status == 0, "\(trained.errors)")
        }
      }
      let compare = [
        "compare", "a", "a=Wv:1:0.1", "b", "--levels", "episodes.txt", "--max-steps", "12",
      ]
      let found = try runner.laser(compare + ["--json"]).objects()
      let rows = try #require(found[0]["rows"] as? [[String: Any]])
      #expect(rows.map { $0["seeds"] as? Int } == [3, 3, 2])
      #expect(rows.map { $0["paired"] as? Bool } == [true, true, false])
      let text = try runner.laser(compare + ["--report", "seeds.html"]).output
      #expect(text.contains("a, 3 policies") && text.contains("better with probability"))
      let single = ["compare", "a/1", "b/4", "--levels", "episodes.txt", "--max-steps", "12"]
      #expect(try runner.laser(single + ["--report", "two.html"]).status == 0)
      for page in ["seeds.html", "two.html"] {
        let html = try String(contentsOf: runner.folder.appending(path: page), encoding: .utf8)
        #expect(html.contains("<figure") && html.contains("mean return"))
      }
      let lengths = try runner.laser(compare + ["--lengths"])
      #expect(lengths.status == 64 && lengths.errors.contains("single policies"))
    }
  }

  @Test func `compare takes a policy's edits from a file too`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let policy = try Policy(contentsOf: runner.folder.appending(path: "policy"))
      let matrix = policy.weight(at: WeightSite(.value, layer: 1)).matrix
      let mask = ComponentMask(
        [true] + Array(repeating: false, count: matrix.rows - 1),
        of: ComponentMask.fingerprint(of: matrix))
      let edit = "keep:Wv:1:\(mask)"
      let file = try #require(
        EditFile([try Intervention(parsing: edit)], model: "policy", source: "by hand"))
      try file.write(to: runner.folder.appending(path: "edit.json"))
      func compare(_ edit: String) throws -> CommandRunner.Result {
        try runner.laser(
          "compare", "policy", "policy=\(edit)", "--levels", "episodes.txt", "--max-steps", "5")
      }
      let (named, read) = (try compare(edit), try compare("@edit.json"))
      #expect(named.status == 0 && read.status == 0, "\(named.errors)\(read.errors)")
      #expect(named.output.replacingOccurrences(of: edit, with: "@edit.json") == read.output)
    }
  }

  @Test(arguments: [
    (["record", "--levels", "x", "--noise", "0.5", "--policy", "y"], "record two files"),
    (["record", "--levels", "x", "--noise", "1.5"], "share from 0 to 1"),
    (["record", "--beside", "x", "--noise", "0.5"], "go with --levels and --generate"),
    (["record", "--correct", "x", "--noise", "0.5"], "go with --levels and --generate"),
    (["record", "--correct", "x", "--levels", "y"], "Give one of"),
    (["record", "--correct", "x", "--shards", "2", "--shard", "0"], "give each process its own"),
    (["record", "--correct", "x", "--stray", "3"], "goes with --beside"),
    (["record", "--levels", "x", "--target-return", "3"], "goes with --policy"),
    (["record", "--levels", "x", "--boxes", "1"], "go with --generate"),
    (["record", "--levels", "x", "--policy", "y", "--size", "3"], "go with --generate"),
    (["record", "--levels", "x", "--max-steps", "3"], "goes with --noise or --policy"),
    (["record", "--levels", "x", "--policy", "y", "--limit", "3"], "is the solver's"),
  ])
  func `options that do not go together say so`(arguments: [String], message: String) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(["episodes"] + arguments + ["-o", "out.txt"])
      #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    }
  }

  /// A Python with gym-sokoban, which the environment variable `LASER_GYM_PYTHON` names.
  private static let python = ProcessInfo.processInfo.environment["LASER_GYM_PYTHON"]
  private static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(.enabled(if: python != nil, "LASER_GYM_PYTHON does not name a Python with gym-sokoban"))
  func `in the real gym-sokoban the shipped policy does what it does here`() throws {
    let rooms = 200
    let folder = Self.project.appending(path: "checkpoints/four-box")
    let levels = Self.project.appending(path: "episodes/four-box-held-out.txt").path
    let process = Process()
    process.executableURL = URL(filePath: Self.python ?? "")
    process.arguments = [
      Self.project.appending(path: "docs/play_gym.py").path, CommandRunner.binary.path, folder.path,
      levels, "\(rooms)",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let found = output.split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Int($0) }
    }
    let chosen = try LevelFile(contentsOf: levels).first(rooms)
    let expected = try Policy(contentsOf: folder).play(Array(chosen))
      .map { $0.actions.map { Int($0.rawValue) } }
    #expect(found.count == rooms)
    #expect(found == expected)
  }
}
