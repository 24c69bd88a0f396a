import Foundation
import Testing

@Suite struct EpisodesCommandTests {
  @Test func `recorded episodes replay to the optimal return`() throws {
    try CommandRunner.inFolder { runner in
      let recorded = try runner.laser(
        "episodes", "record", "--generate", "30", "--boxes", "2", "--seed", "5", "-o", "two.txt")
      #expect(recorded.status == 0)
      let check = try #require(
        try runner.laser("episodes", "check", "two.txt", "--json").objects().first)
      #expect(check["episodes"] as? Int == 30)
      #expect(check["invalid"] as? Int == 0)
      let moves = try #require(check["mean_moves"] as? Double)
      // Two boxes: 2 for the boxes, 10 for the last, 0.1 for each step.
      let meanReturn = try #require(check["mean_return"] as? Double)
      #expect(abs(meanReturn - (12 - 0.1 * moves)) < 1e-9)
    }
  }

  @Test func `a recording that was killed is finished, and equal to one that was not`() throws {
    try CommandRunner.inFolder { runner in
      func record(_ file: String) throws -> Int32 {
        try runner.laser(
          "episodes", "record", "--generate", "20", "--boxes", "1", "--seed", "9", "-o", file
        ).status
      }
      #expect(try record("whole.txt") == 0)
      let whole = try Data(contentsOf: runner.folder.appending(path: "whole.txt"))
      try whole.prefix(whole.count * 2 / 3)
        .write(to: runner.folder.appending(path: "killed.txt.partial"))
      #expect(try record("killed.txt") == 0)
      #expect(try Data(contentsOf: runner.folder.appending(path: "killed.txt")) == whole)
    }
  }

  @Test func `a recording is stopped by a signal with the code for come again, and goes on`() throws
  {
    try CommandRunner.inFolder { runner in
      // Long enough to be met while it works.
      let record = [
        "episodes", "record", "--generate", "300", "--boxes", "4", "--seed", "9", "--threads", "1",
        "-o",
      ]
      func file(_ name: String) -> URL { runner.folder.appending(path: name) }
      #expect(try runner.laser(record + ["whole.txt"]).status == 0)
      let partial = file("part.txt.partial").path
      let process = try runner.start(record + ["part.txt"])
      while process.isRunning, !FileManager.default.fileExists(atPath: partial) { usleep(1_000) }
      kill(process.processIdentifier, SIGTERM)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 75)
      #expect(FileManager.default.fileExists(atPath: partial))
      #expect(try runner.laser(record + ["part.txt"]).status == 0)
      #expect(try Data(contentsOf: file("part.txt")) == Data(contentsOf: file("whole.txt")))
    }
  }

  @Test func `a recording with another limit is not gone on with`() throws {
    try CommandRunner.inFolder { runner in
      let record = [
        "episodes", "record", "--generate", "5", "--boxes", "1", "--seed", "9", "-o", "five.txt",
      ]
      #expect(try runner.laser(record).status == 0)
      try FileManager.default.moveItem(
        at: runner.folder.appending(path: "five.txt"),
        to: runner.folder.appending(path: "five.txt.partial"))
      let other = try runner.laser(record + ["--limit", "1000"])
      #expect(other.status == 1 && other.errors.contains("was begun as"), "\(other.errors)")
    }
  }

  @Test func `a recording whose excluded file has changed to name its rooms is not gone on with`()
    throws
  {
    try CommandRunner.inFolder { runner in
      _ = try runner.write("\(SokobanCommandTests.corridor)\n", to: "held.txt")
      let record = [
        "episodes", "record", "--generate", "5", "--boxes", "1", "--seed", "9",
        "--exclude", "held.txt", "-o", "five.txt",
      ]
      #expect(try runner.laser(record).status == 0)
      let rooms = runner.folder.appending(path: "five.txt")
      let whole = try String(contentsOf: rooms, encoding: .utf8)
      try FileManager.default.moveItem(
        at: rooms, to: runner.folder.appending(path: "five.txt.partial"))
      _ = try runner.write(whole, to: "held.txt")
      let again = try runner.laser(record)
      #expect(again.status == 1 && again.errors.contains("is excluded now"), "\(again.errors)")
    }
  }

  @Test func `episodes beside others begin elsewhere and are as good`() throws {
    try CommandRunner.inFolder { runner in
      let rooms = ["episodes", "record", "--boxes", "1", "--seed", "9", "-o", "rooms.txt"]
      #expect(try runner.laser(rooms + ["--generate", "20"]).status == 0)
      let recorded = try runner.laser(
        "episodes", "record", "--beside", "rooms.txt", "--stray", "3", "-o", "beside.txt")
      #expect(recorded.status == 0, "\(recorded.errors)")
      let check = try runner.laser("episodes", "check", "beside.txt", "--json")
      #expect(check.status == 0)
      #expect(try check.objects().first?["episodes"] as? Int == 20)
      #expect(try runner.laser(rooms + ["--beside", "rooms.txt", "--generate", "2"]).status == 64)
    }
  }

  @Test func `a solution that does not solve is counted and named`() throws {
    try CommandRunner.inFolder { runner in
      let file = try runner.write(
        SokobanCommandTests.corridor + "\nSolution: rR\n\n" + SokobanCommandTests.corridor
          + "\nSolution: rRR\n", to: "bad.txt")
      let result = try runner.laser("episodes", "check", file, "--json")
      #expect(result.status == 1)
      #expect(try result.objects().first?["invalid"] as? Int == 1)
      #expect(result.errors.contains("bad.txt"))
    }
  }

  @Test func `levels that occur twice, also turned and in another file, are counted and named`()
    throws
  {
    try CommandRunner.inFolder { runner in
      let corridor = SokobanCommandTests.corridor
      let turned = corridor.split(separator: "\n").map { String($0.reversed()) }
        .joined(separator: "\n")
      _ = try runner.write("\(corridor)\nSolution: rRR\n", to: "a.txt")
      _ = try runner.write(
        "#####\n#@$.#\n#####\nSolution: R\n\n\(turned)\nSolution: lLL\n", to: "b.txt")
      let result = try runner.laser("episodes", "check", "a.txt", "b.txt", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let check = try #require(try result.objects().first)
      #expect(check["episodes"] as? Int == 3 && check["repeated"] as? Int == 1)
      #expect(result.errors.contains("b.txt, episode 1 has the level of a.txt, episode 0"))
      let one = try runner.laser("episodes", "check", "b.txt", "--json")
      #expect(try one.objects().first?["repeated"] as? Int == 0)
    }
  }

  @Test func `recordings of many processes, one behind the other, are that of one`() throws {
    try CommandRunner.inFolder { runner in
      func episodes(_ file: String) throws -> [Substring] {
        try String(contentsOf: runner.folder.appending(path: file), encoding: .utf8)
          .split(separator: "\n").filter { !$0.hasPrefix(";") }
      }
      func record(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Int32 {
        try runner.laser(["episodes", "record"] + arguments, environment: environment).status
      }
      let rooms = ["--generate", "11", "--boxes", "1", "--seed", "9", "-o"]
      #expect(try record(rooms + ["whole.txt"]) == 0)
      let noisy = ["--noise", "0.5", "--seed", "4"]
      let again = ["--levels", "whole.txt"]
      #expect(try record(again + noisy + ["-o", "noisy.txt"]) == 0)
      let sources = [
        ("g", rooms, "whole.txt"), ("l", again + ["-o"], "whole.txt"),
        ("n", again + noisy + ["-o"], "noisy.txt"),
      ]
      for (prefix, source, whole) in sources {
        var parts: [Substring] = []
        for share in 0..<3 {
          let file = "\(prefix)\(share).txt"
          #expect(
            try record(
              source + [file, "--shards", "3"], ["SLURM_ARRAY_TASK_ID": "\(share)"]) == 0)
          parts += try episodes(file)
        }
        #expect(try parts == episodes(whole))
      }
      for wrong in [["--shards", "3"], ["--shard", "1"], ["--shards", "3", "--shard", "3"]] {
        #expect(try record(rooms + ["x.txt"] + wrong) == 64)
      }
      #expect(try record(rooms + ["x.txt", "--shards", "12", "--shard", "0"]) == 64)
      let beside = ["--beside", "whole.txt", "-o", "x.txt", "--shards", "2", "--shard", "0"]
      #expect(try record(beside) == 64)
      let games = try runner.laser("episodes", "record", "--beside", "noisy.txt", "-o", "x.txt")
      #expect(games.status == 1 && games.errors.contains("is a game as it was played"))
    }
  }

  @Test func `a full disk is an error and no crash`() throws {
    try CommandRunner.inFolder { runner in
      for arguments in [
        ["episodes", "record", "--generate", "2", "--boxes", "1", "-o", "/dev/full"],
        ["sokoban", "generate", "--count", "2", "--boxes", "1", "-o", "/dev/full"],
      ] {
        let result = try runner.laser(arguments)
        // Come again: there may be room then.
        #expect(result.status == 75)
        #expect(result.errors.contains("Error: ") && result.errors.contains("/dev/full"))
      }
    }
  }

  @Test func `record wants levels or a number of rooms, not both`() throws {
    try CommandRunner.inFolder { runner in
      #expect(try runner.laser("episodes", "record", "-o", "x").status == 64)
      let both = try runner.laser(
        "episodes", "record", "--levels", "a", "--generate", "3", "-o", "x")
      #expect(both.status == 64)
    }
  }
}
