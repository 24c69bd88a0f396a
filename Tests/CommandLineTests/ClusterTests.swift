import Foundation
import Testing

/// Searches whose processes are ended, doubled and cut off, on file systems that promise little.
@Suite struct ClusterTests {
  private static let search = [
    "search", "--policy", "policy", "--levels", "episodes.txt", "--max-steps", "10", "--threads",
    "1",
  ]

  /// The edits on validation and what came of them, by all journals of a folder.
  private static func trials(_ runner: CommandRunner, in folder: String) throws -> Set<String> {
    let url = runner.folder.appending(path: folder)
    var trials: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
    where name.hasPrefix("journal") && name.hasSuffix(".jsonl") {
      let text = try String(contentsOf: url.appending(path: name), encoding: .utf8)
      for line in text.split(separator: "\n") where line.hasPrefix("{\"edit\"") {
        trials.insert(String(line.replacing(#/"seconds":[^,]*,/#, with: "")))
      }
    }
    return trials
  }

  @Test(.enabled(if: Shim.compiler != nil, "there is no C compiler on the PATH"))
  func `two writers whose locks do nothing lose no trial`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let shim = ["LD_PRELOAD": try Shim.build(in: runner.folder).path]
      // The second one also tries what the first does not: that must outlive the end of the first.
      let grids = ["0.5,0.4,0.3", "0.5,0.4,0.3,0.2,0.1,0.05,0.02"].map {
        Self.search + ["--rhos", $0]
      }
      #expect(try runner.laser(grids[1] + ["-o", "w"]).status == 0)
      let together = try grids.map { try runner.start($0 + ["-o", "s"], environment: shim) }
      for process in together {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      #expect(try Self.trials(runner, in: "s").isSuperset(of: Self.trials(runner, in: "w")))
      // A share twice at once, as a task that Slurm believes dead beside its successor.
      let shares = [0, 1, 1, 0].map { grids[0] + ["-o", "t", "--shards", "2", "--shard", "\($0)"] }
      for process in try shares.map({ try runner.start($0, environment: shim) }) {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      #expect(try runner.laser("merge", "t").status == 0)
      #expect(try runner.laser(grids[0] + ["-o", "v"]).status == 0)
      #expect(try runner.result(in: "t") == runner.result(in: "v"))
      #expect(try Self.trials(runner, in: "t") == Self.trials(runner, in: "v"))
    }
  }

  @Test(arguments: [["--race"], ["--guided", "--trials", "9"], ["--compose"]])
  func `race, guide and composition over four shares name the edit of one process`(
    options: [String]
  ) throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let grid = options[0] == "--guided" ? [] : ["--rhos", "0.5,0.1"]
      let risk = options[0] == "--race" ? ["--risk", "0"] : []
      let search = Self.search + grid + options + risk
      #expect(try runner.laser(search + ["-o", "w"]).status == 0)
      for share in [2, 0, 3, 1] {
        let done = try runner.laser(
          search + ["-o", "s", "--shards", "4", "--shard", "\(share)"])
        #expect(done.status == 0, "\(done.errors)")
      }
      let merged = try runner.laser("merge", "s", "--json")
      #expect(merged.status == 0, "\(merged.errors)")
      func winners(_ folder: String) throws -> [String?] {
        let file = runner.folder.appending(path: "\(folder)/result.json")
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        return ["best", "lowest_loss", "composition"].map {
          (object[$0] as? [String: Any])?["edit"] as? String
        }
      }
      #expect(try winners("s") == winners("w") && winners("w")[0] != nil)
      if options[0] != "--race" { #expect(try runner.result(in: "s") == runner.result(in: "w")) }
    }
  }

  @Test func `a task that is ended before a site's fractions are done comes further each time`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let rooms = ["--count", "300", "--boxes", "1", "--seed", "4", "-o", "rooms.txt"]
      try #require(try runner.laser(["sokoban", "generate"] + rooms).status == 0)
      // One site, and not the share that asks the unedited model.
      let search = [
        "search", "--policy", "policy", "--levels", "rooms.txt", "--max-steps", "100", "--threads",
        "1", "--kinds", "Uin", "--rhos", "0.9,0.8,0.7,0.6,0.5,0.4,0.3,0.2,0.1,0.05,0.02,0.01",
        "--shards", "2", "--shard", "1", "-o", "s",
      ]
      var counts = [0]
      var status: Int32 = 75
      while status == 75, counts.count < 20 {
        let process = try runner.start(search)
        // The limit: just longer than one trial.
        // At its end the process gathers its files: one that was listed may be gone.
        while process.isRunning, (try? Self.count(runner)) ?? 0 <= counts.last ?? 0 { usleep(500) }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        status = process.terminationStatus
        counts.append(try Self.count(runner))
      }
      #expect(status == 0 || counts.last == 12)
      #expect(zip(counts, counts.dropFirst()).dropLast().allSatisfy { $0 < $1 }, "\(counts)")
      #expect(counts.count > 3, "the fractions are written one by one: \(counts)")
      #expect(try runner.laser(search).status == 0)
    }
  }

  private static func count(_ runner: CommandRunner) throws -> Int {
    guard FileManager.default.fileExists(atPath: runner.folder.appending(path: "s").path) else {
      return 0
    }
    return try trials(runner, in: "s").count
  }

  /// A real Slurm on this machine, by the programs that lie beside the data.
  @Test(.enabled(if: Slurm.folder != nil, "beside LASER_DATA there is no cluster/slurm-up.sh"))
  func `an array on a real Slurm, its tasks requeued, killed and cut off, ends as one process`()
    throws
  {
    try CommandRunner.inFolder { runner in
      let log = runner.folder.appending(path: "log")
      try Data().write(to: log)
      let check = Process()
      check.executableURL = URL(filePath: "/bin/bash")
      check.arguments = [
        Slurm.check.path, "--shares", "4", "--rooms", "150", CommandRunner.binary.path,
        // A socket lies in it, whose path must be short.
        "/tmp/laser-slurm-\(ProcessInfo.processInfo.processIdentifier)",
      ]
      check.environment = ProcessInfo.processInfo.environment.merging([
        "LASER_SLURM": Slurm.folder?.path ?? ""
      ]) { $1 }
      check.standardOutput = try FileHandle(forWritingTo: log)
      check.standardError = check.standardOutput
      try check.run()
      check.waitUntilExit()
      let text = try String(contentsOf: log, encoding: .utf8)
      if check.terminationStatus == Slurm.absent {
        print("Slurm cannot be started here: \(text)")
        return
      }
      #expect(check.terminationStatus == 0 && text.contains("nothing is lost"), "\(text)")
      for fault in ["lost", "requeue", "killed"] { #expect(text.contains("  \(fault): task")) }
      if let folder = check.arguments?.last { try FileManager.default.removeItem(atPath: folder) }
    }
  }
}

/// What starts a Slurm, and what is done to it.
private enum Slurm {
  static let folder = RealResources.data.map {
    $0.deletingLastPathComponent().appending(path: "cluster")
  }.flatMap {
    FileManager.default.isExecutableFile(atPath: $0.appending(path: "slurm-up.sh").path) ? $0 : nil
  }
  static let check = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Cluster/check.sh")
  /// How the check ends where there is none.
  static let absent: Int32 = 77
}

/// A library that makes every lock succeed at once, as file systems do whose locks do not reach other machines.
enum Shim {
  /// A C compiler.
  static let compiler = ["clang", "cc", "gcc"].lazy.compactMap { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }.first

  static func build(in folder: URL) throws -> URL {
    let source = folder.appending(path: "locks.c")
    let text = "int flock(int file, int operation) { (void)file; (void)operation; return 0; }\n"
    try Data(text.utf8).write(to: source)
    let library = folder.appending(path: "locks.so")
    let process = Process()
    process.executableURL = URL(filePath: try #require(compiler))
    process.arguments = ["-shared", "-fPIC", "-o", library.path, source.path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return library
  }
}
