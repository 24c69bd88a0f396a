import Foundation
import Testing

@Suite struct SokobanCommandTests {
  static let corridor = """
    #######
    #@ $ .#
    #######
    """

  @Test func `replay prints gym-sokoban's rewards and room states`() throws {
    try CommandRunner.inFolder { runner in
      let file = try runner.write(Self.corridor, to: "corridor.xsb")
      let result = try runner.laser(
        "sokoban", "replay", file, "--actions", "8,4,4,4", "--json")
      let replay = try #require(try result.objects().first)
      // Move right, push twice, then push into the wall behind the target.
      #expect(replay["rewards"] as? [Double] == [-0.1, -0.1, 10.9, 9.9])
      #expect(replay["done"] as? [Bool] == [false, false, true, true])
      #expect(replay["boxes_on_target"] as? [Int] == [0, 0, 1, 1])
      #expect(
        (replay["states"] as? [String])?.map { String($0.dropFirst(7).prefix(7)) } == [
          "0154120", "0115420", "0111530", "0111530",
        ])
    }
  }

  @Test func `solve prints a line a level with the shortest solution`() throws {
    try CommandRunner.inFolder { runner in
      let file = try runner.write(
        Self.corridor + "\n\n#####\n#@$ #\n#. ##\n#####\n", to: "two.xsb")
      let lines = try runner.laser("sokoban", "solve", file, "--json").objects()
      #expect(lines.count == 2)
      #expect(lines[0]["solved"] as? Bool == true)
      #expect(lines[0]["moves"] as? Int == 3)
      #expect(lines[0]["pushes"] as? Int == 2)
      #expect(lines[0]["solution"] as? String == "rRR")
      #expect(lines[1]["solved"] as? Bool == false)
      #expect((lines[1]["reason"] as? String)?.contains("cannot be solved") == true)
    }
  }

  @Test func `what shares solve, one behind the other, is what one process solves`() throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.laser(
        "sokoban", "generate", "--count", "11", "--boxes", "2", "--seed", "7", "-o", "rooms.txt")
      let solve = ["sokoban", "solve", "rooms.txt", "--index", "1-9"]
      let parts = try (0..<3).map {
        try runner.laser(
          solve + ["--shards", "3"], environment: ["SLURM_ARRAY_TASK_ID": "\($0)"]
        ).output
      }
      #expect(parts.allSatisfy { $0.split(separator: "\n").count == 3 })
      #expect(try runner.laser(solve).output == parts.joined())
      let outside = try runner.laser(solve + ["--shards", "3", "--shard", "3"])
      #expect(outside.status == 64 && outside.errors.contains("expected 0 to 2"))
    }
  }

  @Test func `generate writes the same rooms whatever the number of threads`() throws {
    try CommandRunner.inFolder { runner in
      for threads in ["1", "3"] {
        let result = try runner.laser(
          "sokoban", "generate", "--count", "40", "--boxes", "2", "--seed", "7",
          "--threads", threads, "-o", "rooms-\(threads).txt")
        #expect(result.status == 0)
      }
      let first = try Data(contentsOf: runner.folder.appending(path: "rooms-1.txt"))
      #expect(try Data(contentsOf: runner.folder.appending(path: "rooms-3.txt")) == first)
      let solved = try runner.laser("sokoban", "solve", "rooms-1.txt", "--json").objects()
      #expect(solved.count == 40)
      #expect(solved.allSatisfy { $0["solved"] as? Bool == true })
    }
  }

  @Test(arguments: [
    ("#####\n# $.#\n#####\n", "player"),
    ("#####\n#@@$.#\n#####\n", "player"),
    ("######\n#@$..#\n######\n", "target"),
    ("# ###\n#@$.#\n#####\n", "open"),
    ("", "level"),
    ("\u{0}\u{1}\u{2}\u{3}", "byte"),
  ])
  func `a file without a proper level is refused with the reason`(text: String, word: String)
    throws
  {
    try CommandRunner.inFolder { runner in
      let file = try runner.write(text, to: "bad.xsb")
      let result = try runner.laser("sokoban", "solve", file)
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix("Error: "))
      #expect(result.errors.contains("bad.xsb"))
      #expect(result.errors.lowercased().contains(word))
    }
  }

  @Test func `render draws the sprites, or with --tiny what a policy sees`() throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.write(Self.corridor, to: "corridor.xsb")
      for (options, size) in [([], (112, 48)), (["--tiny"], (7, 3))] {
        let result = try runner.laser(
          ["sokoban", "render", "corridor.xsb", "-o", "room.png"] + options)
        #expect(result.status == 0)
        let bytes = try Data(contentsOf: runner.folder.appending(path: "room.png"))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        // The width and the height stand in the header chunk, most significant byte first.
        #expect(Int(bytes[18]) << 8 + Int(bytes[19]) == size.0)
        #expect(Int(bytes[22]) << 8 + Int(bytes[23]) == size.1)
      }
    }
  }

  @Test func `play without a terminal is an error`() throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.write(Self.corridor, to: "corridor.xsb")
      let result = try runner.laser("sokoban", "play", "corridor.xsb")
      #expect(result.status == 1)
      #expect(result.errors.contains("terminal"))
    }
  }

  @Test func `an output that cannot be written is refused before the work`() throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(
        "sokoban", "generate", "--count", "1", "-o", "missing/rooms.txt")
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: ") && result.errors.contains("missing"))
    }
  }

  @Test(arguments: [[], ["--json"], ["--help"]])
  func `results that a full disk does not take end with the code for come again`(
    options: [String]
  ) throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.write(Self.corridor, to: "corridor.xsb")
      let result = try runner.run(
        URL(filePath: "/bin/sh"),
        ["-c", #"exec "$0" "$@" > /dev/full"#, CommandRunner.binary.path]
          + ["sokoban", "solve", "corridor.xsb"] + options)
      #expect(result.status == 75)
      #expect(result.errors.contains("cannot write standard output"), "\(result.errors)")
    }
  }

  @Test func `an index beyond the file names how many levels there are`() throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.write(Self.corridor, to: "corridor.xsb")
      for index in ["3", "-1"] {
        let result = try runner.laser(
          "sokoban", "replay", "corridor.xsb", "--index", index, "--actions", "1")
        #expect(result.status == 1)
        #expect(result.errors.contains("corridor.xsb") && result.errors.contains("level \(index)"))
      }
    }
  }

  @Test(arguments: [
    ["sokoban", "solve"], ["sokoban", "replay", "x", "--actions", "9"],
    ["sokoban", "generate", "--count", "0", "-o", "x"], ["sokoban", "fly"], ["--nonsense"],
    ["sokoban", "solve", "x", "--threads", "0"],
    ["sokoban", "solve", "x", "--threads", "9223372036854775807"],
    ["sokoban", "generate", "--count", "9223372036854775807", "-o", "x"],
    ["episodes", "record", "--generate", "4000000000000000000", "-o", "x"],
    ["evaluate", "--policy", "p", "--levels", "x", "--count", "-1"],
    ["sokoban", "solve", "x", "--limit", "-5"],
  ])
  func `wrong usage ends with 64`(arguments: [String]) throws {
    try CommandRunner.inFolder { runner in
      let result = try runner.laser(arguments)
      #expect(result.status == 64)
    }
  }
}
