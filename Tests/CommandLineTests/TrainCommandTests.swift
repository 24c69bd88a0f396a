import Foundation
import Testing

/// Trainings as a batch system starts them: the same command again and again.
@Suite struct TrainCommandTests {
  private static let train =
    ["train", "--episodes", "episodes.txt", "--threads", "1"] + PolicyCommandTests.size

  private func model(_ runner: CommandRunner, _ folder: String) throws -> Data {
    try Data(contentsOf: runner.folder.appending(path: "\(folder)/model.safetensors"))
  }

  @Test func `a training that is stopped by a signal saves, and the same command goes on`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let train = Self.train + ["--steps", "1500", "--report-every", "1"]
      #expect(try runner.laser(train + ["-o", "whole"]).status == 0)
      for signal in [SIGTERM, SIGINT, SIGUSR1] {
        let part = "part\(signal)"
        // Nothing but the signal saves.
        let process = try runner.start(train + ["-o", part, "--save-every", "10000"])
        // The folder is made once signals are listened to.
        let folder = runner.folder.appending(path: part).path
        while process.isRunning, !FileManager.default.fileExists(atPath: folder) { usleep(1000) }
        usleep(20_000)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 75)
        let last = try runner.laser(train + ["-o", part])
        #expect(last.status == 0, "\(last.errors)")
        #expect(try model(runner, part) == model(runner, "whole"))
      }
      let again = try runner.laser(train + ["-o", "whole"])
      #expect(again.status == 0 && again.errors.contains("is finished"))
    }
  }

  /// OpenMPI's starter of processes, where it is installed.
  private static let mpirun: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { URL(filePath: String($0)).appending(path: "mpirun") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }

  @Test(.enabled(if: mpirun != nil, "OpenMPI's mpirun is not installed"))
  func `processes that mpirun starts end with the bytes of one, stopped in between or not`() throws
  {
    let mpirun = try #require(Self.mpirun)
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let train = Self.train + ["--steps", "20", "--report-every", "5", "-o"]
      #expect(try runner.laser(train + ["1"]).status == 0)
      func run(_ count: Int, _ arguments: [String]) throws -> CommandRunner.Result {
        let start = ["--allow-run-as-root", "--oversubscribe", "-n", "\(count)"]
        return try runner.run(mpirun, start + [CommandRunner.binary.path] + arguments)
      }
      for count in [2, 4] {
        let begun = try run(count, train + ["\(count)", "--stop-at", "8"])
        #expect(begun.status == 0, "\(begun.errors)")
        let ended = try run(count, train + ["\(count)"])
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.errors.components(separatedBy: "policy of").count == 2)
        #expect(try model(runner, "\(count)") == model(runner, "1"))
      }
      let many = try run(5, train + ["5"])
      #expect(many.status != 0 && many.errors.contains("expected at most 4"), "\(many.errors)")
    }
  }

  @Test func `a command of other options does not go on, and says which one differs`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      for (other, name) in [
        (["--steps", "7"], "steps is 6, this one's is 7"),
        (["--steps", "6", "--seed", "1"], "seed"),
        (["--steps", "6", "--context", "5"], "context_steps is 4, this one's is 5"),
      ] {
        let result = try runner.laser(Self.train + ["-o", "policy"] + other)
        #expect(result.status == 1 && result.errors.contains(name), "\(result.errors)")
      }
      let shuffled = Self.train + ["--steps", "4", "--shuffle-actions", "-o", "shuffled"]
      #expect(try runner.laser(shuffled + ["--stop-at", "2"]).status == 0)
      #expect(try runner.laser(shuffled).status == 0)
      #expect(try runner.laser(shuffled + ["-o", "other"]).status == 0)
      #expect(try model(runner, "shuffled") == model(runner, "other"))
    }
  }

  @Test func `a training may begin with the weights of another policy`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let more = [
        "train", "--episodes", "episodes.txt", "--threads", "1", "--batch", "4", "--from", "policy",
      ]
      // A step of no length leaves the weights as they are.
      let still = more + ["--steps", "1", "--learning-rate", "1e-30", "-o", "still"]
      #expect(try runner.laser(still).status == 0)
      #expect(try model(runner, "still") == model(runner, "policy"))
      #expect(try runner.laser(more + ["--steps", "3", "-o", "other"]).status == 0)
      #expect(try model(runner, "other") != model(runner, "policy"))
      #expect(
        try runner.laser(more + ["--steps", "3", "-o", "other"]).errors.contains("is finished"))
      let sizes = try runner.laser(more + ["--layers", "3", "-o", "wrong"])
      #expect(sizes.status == 64 && sizes.errors.contains("takes the sizes of its policy"))
    }
  }

  @Test
  func `a training does not begin in an edited policy's folder, but with its weights elsewhere`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let applied = try runner.laser(
        "apply", "--policy", "policy", "--edit", "Wv:1:0.5", "-o", "applied")
      #expect(applied.status == 0, "\(applied.errors)")
      let refused = try runner.laser(Self.train + ["--steps", "2", "-o", "applied"])
      #expect(refused.status == 1 && refused.errors.contains("without the state of a training"))
      #expect(refused.errors.contains("--from applied") && !refused.errors.contains("--resume"))
      let elsewhere = try runner.laser(
        "train", "--episodes", "episodes.txt", "--threads", "1", "--batch", "4", "--steps", "2",
        "--from", "applied", "-o", "new")
      #expect(elsewhere.status == 0, "\(elsewhere.errors)")
    }
  }

  @Test func `a training cut off in its first checkpoint begins with the same policy again`() throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let more = [
        "train", "--episodes", "episodes.txt", "--threads", "1", "--batch", "4", "--from", "policy",
        "--steps", "3", "-o",
      ]
      #expect(try runner.laser(more + ["whole"]).status == 0)
      #expect(try runner.laser(more + ["part", "--stop-at", "1"]).status == 0)
      for file in ["optimizer", "model"] {
        try FileManager.default.removeItem(
          at: runner.folder.appending(path: "part/\(file).safetensors"))
      }
      let alone = try runner.laser("train", "--episodes", "episodes.txt", "-o", "part", "--resume")
      #expect(alone.status == 1 && alone.errors.contains("--from and all"), "\(alone.errors)")
      let again = try runner.laser(more + ["part"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(try model(runner, "part") == model(runner, "whole"))
    }
  }

  @Test func `a training that began with a policy does not go on from another, or from none`()
    throws
  {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let train = Self.train + ["--steps", "3", "-o"]
      #expect(try runner.laser(train + ["second", "--seed", "1"]).status == 0)
      let more = [
        "train", "--episodes", "episodes.txt", "--threads", "1", "--batch", "4", "--steps", "3",
        "-o", "more", "--from",
      ]
      #expect(try runner.laser(more + ["policy"]).status == 0)
      for other in [more + ["second"], train + ["more"]] {
        let result = try runner.laser(other)
        #expect(result.status == 1 && result.errors.contains("whose origin is"), "\(result.errors)")
      }
    }
  }

  @Test func `a training on shuffled actions is resumed with them`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let shuffled = Self.train + ["--steps", "4", "--shuffle-actions", "-o"]
      #expect(try runner.laser(shuffled + ["whole"]).status == 0)
      #expect(try runner.laser(shuffled + ["part", "--stop-at", "2"]).status == 0)
      let resumed = try runner.laser(
        "train", "--episodes", "episodes.txt", "-o", "part", "--resume")
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try model(runner, "part") == model(runner, "whole"))
    }
  }

  @Test func `a folder in which another process trains is in use`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let folder = runner.folder.appending(path: "new")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let train = Self.train + ["--steps", "2", "-o", "new"]
      let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      let second = try runner.laser(train)
      #expect(second.status == 75 && second.errors.contains("another process trains"))
      close(descriptor)
      #expect(try runner.laser(train).status == 0)
    }
  }

  @Test func `policies of several seeds have a mean and an interval`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let seeds = try (1...3).map { seed in
        let folder = "seed-\(seed)"
        let trained = try runner.laser(
          Self.train + ["--steps", "3", "--seed", "\(seed)", "-o", folder])
        #expect(trained.status == 0, "\(trained.errors)")
        return folder
      }
      let evaluate = ["evaluate", "--levels", "episodes.txt", "--max-steps", "10", "--policy"]
      let lines = try runner.laser(evaluate + seeds + ["--json"]).objects()
      try #require(lines.count == 4)
      #expect(lines.prefix(3).map { $0["policy"] as? String } == seeds)
      let alone = try runner.laser(evaluate + [seeds[1], "--json"]).objects()
      let returns = lines.prefix(3).compactMap { $0["mean_return"] as? Double }
      #expect(alone.count == 1 && alone[0]["mean_return"] as? Double == returns[1])
      let mean = try #require(lines[3]["mean_return"] as? Double)
      #expect(abs(mean - returns.reduce(0, +) / 3) < 1e-12 && lines[3]["policies"] as? Int == 3)
      let interval = try #require(lines[3]["mean_return_interval"] as? [Double])
      #expect(interval[0] <= mean && mean <= interval[1])
      let text = try runner.laser(evaluate + seeds).output
      #expect(text.contains("seed-2: ") && text.contains("mean of 3 policies: "))
    }
  }
}
