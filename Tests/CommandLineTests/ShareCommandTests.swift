import Foundation
import Testing

/// Searches of many processes on one folder, as a batch system starts them.
@Suite struct ShareCommandTests {
  /// A search of a smaller grid, into the folder `s`.
  private static let smallerSearch = [
    "search", "--policy", "policy", "--levels", "episodes.txt", "--rhos", "0.5", "--max-steps",
    "10", "-o", "s",
  ]

  private static let search = [
    "search", "--policy", "policy", "--levels", "episodes.txt", "--rhos", "0.5,0.1", "--max-steps",
    "10",
  ]

  @Test func `shares of an array, one of them missing at first, end as one process does`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      #expect(
        try runner.laser(Self.search + ["--compose", "--also", "sokoban=episodes.txt", "-o", "w"])
          .status == 0)
      let shared =
        Self.search + ["--compose", "--also", "sokoban=episodes.txt", "-o", "s", "--shards", "3"]
      // The size of the array is that of a resubmitted part.
      let array = ["SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "1"]
      let first = try runner.laser(shared, environment: array)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("laser merge s") && first.errors.contains("and what else"))
      #expect(try runner.laser(shared + ["--shard", "0"]).status == 0)
      let early = try runner.laser("merge", "s")
      #expect(early.status == 75 && early.errors.contains("share 1 lacks 8 of 8 edits"))
      let status = try runner.laser("status", "s", "--json")
      #expect(status.status == 75)
      let object = try #require(try status.objects().first)
      #expect(object["done"] as? Int == 16 && object["missing"] as? Int == 8)
      #expect(object["seconds_left"] is Double)
      let report = try runner.laser("report", "s", "-o", "s.html")
      #expect(report.status == 0, "\(report.errors)")
      let page = try String(contentsOf: runner.folder.appending(path: "s.html"), encoding: .utf8)
      #expect(page.contains("16 edited models"))
      #expect(try runner.laser("status", "s").output.contains("share 1: 0 of 8"))
      let filled = try runner.laser("merge", "s", "--fill", "--json")
      #expect(filled.status == 0, "\(filled.errors)")
      #expect(try runner.result(in: "s") == runner.result(in: "w"))
      let done = try runner.laser("status", "s")
      #expect(done.status == 0 && done.output.contains("24 of 24 edits; the result is there"))
    }
  }

  @Test func `a share is stopped by a signal with the code for come again, and goes on`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      // Long enough to be met while it works, also on a busy machine.
      let rooms = ["--count", "300", "--boxes", "1", "--seed", "4", "-o", "rooms.txt"]
      try #require(try runner.laser(["sokoban", "generate"] + rooms).status == 0)
      let search = [
        "search", "--policy", "policy", "--levels", "rooms.txt", "--max-steps", "100", "--compose",
        "--rhos", "0.9,0.8,0.7,0.6,0.5,0.4,0.3,0.2,0.1", "-o", "s",
      ]
      let folder = runner.folder.appending(path: "s")
      for signal in [SIGTERM, SIGINT, SIGUSR1] {
        try? FileManager.default.removeItem(at: folder)
        let process = try runner.start(search)
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.path) {
          usleep(1_000)
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 75)
      }
      #expect(try runner.laser(search).status == 0)
    }
  }

  @Test func `beside an earlier result status says what is missing, and a report says whose it is`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      try #require(try runner.laser(Self.smallerSearch).status == 0)
      let share = Self.search + ["-o", "s", "--shards", "2", "--shard", "0"]
      try #require(try runner.laser(share).status == 0)
      let status = try runner.laser("status", "s")
      #expect(status.status == 75 && status.output.contains("is of an earlier grid"))
      try #require(try runner.laser("report", "s", "-o", "s.html").status == 0)
      let page = try String(contentsOf: runner.folder.appending(path: "s.html"), encoding: .utf8)
      #expect(page.contains("A search of another grid was begun in this folder"))
    }
  }

  @Test(arguments: [
    (["--shards", "4", "--shard", "4"], [:], "outside the 4 shards; expected 0 to 3"),
    (["--shards", "4"], [:], "SLURM_ARRAY_TASK_ID is not set"),
    (["--shards", "4"], ["SLURM_ARRAY_TASK_ID": "7"], "SLURM_ARRAY_TASK_ID is 7, outside"),
    (["--shards", "4"], ["SLURM_ARRAY_TASK_ID": "x"], "SLURM_ARRAY_TASK_ID is 'x', no number"),
    (["--shards", "0"], [:], "--shards takes a number"),
    (["--shard", "1"], [:], "needs --shards"),
    (["--shards", "2", "--shard", "1/2"], [:], "leave out --shards"),
    (["--shard", "2/2"], [:], "outside the 2 shards; expected 0 to 1"),
    (["--shard", "0/0"], [:], "--shard i/n takes an n from 1"),
    (["--shard", "1/"], [:], "invalid"),
    (["--slurm", "--time=1"], [:], "--slurm submits all shards"),
    (["--dry-run"], [:], "--dry-run goes with --slurm"),
    ([], ["SLURM_CPUS_PER_TASK": "many"], "SLURM_CPUS_PER_TASK is 'many'"),
  ])
  func `what makes no sense is wrong usage that says what to do`(
    arguments: [String], environment: [String: String], message: String
  ) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        Self.search + arguments + ["-o", "s"], environment: environment)
      #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: runner.folder.appending(path: "s").path))
    }
  }

  @Test func `without Slurm nothing is submitted, and the scripts can be seen`() throws {
    try CommandRunner.inFolder { runner in
      let slurm = Self.search + ["--shards", "16", "--slurm", "--time=1:00 -p cpu", "-o", "s"]
      let missing = try runner.laser(slurm, environment: ["PATH": "/nowhere"])
      #expect(missing.status == 1 && missing.errors.contains("--dry-run"))
      let dry = try runner.laser(slurm + ["--dry-run"])
      #expect(dry.status == 0)
      for line in [
        "#SBATCH --array=0-15", "#SBATCH --requeue", "#SBATCH --open-mode=append",
        "#SBATCH --signal=B:TERM@30", "#SBATCH --time=1:00 -p cpu", "--dependency=afterany:",
        " search --policy policy", "--shards 16 -o s &", " merge ",
      ] { #expect(dry.output.contains(line), "\(line)") }
      #expect(!dry.output.contains("--slurm") && !dry.output.contains("--dry-run"))
      #expect(!FileManager.default.fileExists(atPath: runner.folder.appending(path: "s").path))
    }
  }

  @Test func `a folder's name reaches Slurm as it is`() throws {
    try CommandRunner.inFolder { runner in
      let dry = try runner.laser(
        Self.search + ["--shards", "2", "--slurm", "", "--dry-run", "-o", "100% of \"it\""])
      #expect(dry.output.contains("#SBATCH --output=\"/"))
      #expect(dry.output.contains("/100%% of \\\"it\\\"/share-%a.log\"\n"))
    }
  }

  @Test func `a composition is merged by as many tasks as a step has edits`() throws {
    try CommandRunner.inFolder { runner in
      func dry(_ more: [String]) throws -> String {
        try runner.laser(
          ["search", "--policy", "policy", "--levels", "episodes.txt"] + more + [
            "--shards", "16", "--slurm", "", "--dry-run", "-o", "s",
          ]
        ).output
      }
      let composed = try dry(["--compose", "--rhos", "0.5,0.2,0.1"])
      #expect(composed.contains("#SBATCH --array=0-2\n") && composed.contains("merge-%a.log"))
      #expect(composed.contains("--merger $SLURM_ARRAY_TASK_ID/3 &\n"))
      #expect(try dry(["--compose", "--guided"]).contains("--merger $SLURM_ARRAY_TASK_ID/16 &\n"))
      let single = try dry(["--rhos", "0.5,0.2,0.1"])
      #expect(!single.contains("--merger") && single.contains("merge.log"))
    }
  }

  @Test func `several merges at once give the bytes of one, and share a composition alone`() throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let search = Self.search + ["--compose"]
      #expect(try runner.laser(search + ["-o", "s"]).status == 0)
      let result = runner.folder.appending(path: "s/result.json")
      let whole = try Data(contentsOf: result)
      let none = try runner.laser("apply", "--policy", "policy", "--edit", "@s", "-o", "none")
      #expect(none.status == 64 && none.errors.contains("no edit that beats the unedited model"))
      let single = try runner.laser("merge", "s", "--merger", "0/2")
      #expect(single.status == 1 && single.errors.contains("with --compose and --shards"))
      try FileManager.default.removeItem(at: runner.folder.appending(path: "s"))
      for index in 0..<2 {
        let share = try runner.laser(search + ["-o", "s", "--shards", "2", "--shard", "\(index)"])
        #expect(share.status == 0)
      }
      let filling = try runner.laser("merge", "s", "--merger", "0/2", "--fill")
      #expect(filling.status == 64 && filling.errors.contains("--fill is for one merge"))
      let others = try (1...2).map { try runner.start(["merge", "s", "--merger", "\($0)/3"]) }
      let first = try runner.laser("merge", "s", "--merger", "0/3")
      #expect(first.status == 0, "\(first.errors)")
      #expect(try Data(contentsOf: result) == whole)
      for other in others {
        other.waitUntilExit()
        #expect(other.terminationStatus == 0)
      }
    }
  }

  @Test func `a folder that a merge has written into can be merged again`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      try #require(try runner.laser(Self.search + ["-o", "s"]).status == 0)
      // As where the search was ended within the test part.
      let lines = try Self.dropLastLine(of: "s/journal.jsonl", runner)
      #expect(lines.allSatisfy { !$0.contains("[\"merge\",") })
      for _ in 0..<2 {
        let merged = try runner.laser("merge", "s")
        #expect(merged.status == 0, "\(merged.errors)")
      }
      let again = try Self.dropLastLine(of: "s/journal.jsonl", runner)
      #expect(again.contains { $0.contains("[\"merge\",") }, "the merge has written no line")
    }
  }

  @Test func `a search that went on on another processor says so once, and so does its merge`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let alone = try runner.laser(Self.smallerSearch)
      try #require(alone.status == 0 && !alone.errors.contains("different kernels"))
      let journal = runner.folder.appending(path: "s/journal.jsonl")
      let text = try String(contentsOf: journal, encoding: .utf8)
        .replacing(#/"kernel":"[^"]*"/#, with: "\"kernel\":\"another\"")
      try Data(text.utf8).write(to: journal)
      for command in [Self.search + ["-o", "s"], ["merge", "s"]] {
        let result = try runner.laser(command)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.components(separatedBy: "different kernels").count == 2)
      }
    }
  }

  @Test func `in joined journals a share with edits has begun`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      var joined = ""
      for share in 0..<2 {
        let part = try runner.laser(Self.search + ["--shard", "\(share)/3", "-o", "run-\(share)"])
        #expect(part.status == 0, "\(part.errors)")
        let lines = try Self.dropLastLine(of: "run-\(share)/journal.jsonl", runner)
        joined += lines.joined(separator: "\n") + "\n"
      }
      try FileManager.default.createDirectory(
        at: runner.folder.appending(path: "all"), withIntermediateDirectories: true)
      _ = try runner.write(joined, to: "all/journal.jsonl")
      let status = try runner.laser("status", "all")
      let lines = status.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("share 0: 7 of 8") && !$0.contains("not begun") })
      #expect(lines.contains { $0.hasPrefix("share 2: 0 of 8") && $0.contains("not begun") })
    }
  }

  /// Takes the last line off a file of the folder, and gives those that stay.
  private static func dropLastLine(of path: String, _ runner: CommandRunner) throws -> [Substring] {
    let text = try String(contentsOf: runner.folder.appending(path: path), encoding: .utf8)
    let lines = text.split(separator: "\n").dropLast()
    _ = try runner.write(lines.joined(separator: "\n") + "\n", to: path)
    return Array(lines)
  }

  @Test func `a search that waits in a queue has not begun`() throws {
    try CommandRunner.inFolder { runner in
      let folder = runner.folder.appending(path: "s")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data().write(to: folder.appending(path: "array.sh"))
      let status = try runner.laser("status", "s", "--json")
      #expect(status.status == 75 && status.errors.contains("no share has begun yet"))
      #expect(try status.objects().first?["finished"] as? Bool == false)
    }
  }

  @Test func `status and merge refuse what is no search`() throws {
    try CommandRunner.inFolder { runner in
      for command in ["status", "merge"] {
        let result = try runner.laser(command, "nothing")
        #expect(result.status == 1 && result.errors.contains("no journal.jsonl"))
      }
    }
  }
}
