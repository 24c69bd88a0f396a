import Foundation
import Testing

/// A real model on real questions, beside plain PyTorch and transformers (Fixtures/reference/make_smollm2.py).
@Suite(
  .enabled(if: RealResources.data != nil, "LASER_DATA does not name the folder of real data"),
  .enabled(if: RealResources.smolLM2 != nil, "SmolLM2 is not in the cache; run make model"))
struct SmolLM2Tests {
  private func scores() throws -> ReferenceScores {
    try JSONDecoder().decode(
      ReferenceScores.self,
      from: Data(contentsOf: ReferenceScores.folder.appending(path: "smollm2.json")))
  }

  @Test(arguments: ["fever", "truthfulqa", "epistemic", "counterfact"])
  func `SmolLM2 answers the first 100 questions as in transformers`(task: String) throws {
    let scores = try scores()
    let data = try #require(RealResources.data)
    let model = try #require(RealResources.smolLM2)
    let file = try #require(scores.tasks[task]?.file)
    #expect(scores.tasks[task]?.results.count == 100)
    try CommandRunner.inFolder { runner in
      try scores.checkAnswers(
        task, file: data.appending(path: file).path, model: model.path, tolerance: 1e-3,
        runner: runner, form: hash)
    }
  }

  @Test func `the perplexity of SmolLM2 on wikitext-2 is that of transformers`() throws {
    let scores = try scores()
    let bytes = try #require(scores.perplexity?.bytes)
    let data = try #require(RealResources.data)
    let model = try #require(RealResources.smolLM2)
    try CommandRunner.inFolder { runner in
      let text = runner.folder.appending(path: "text.txt")
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.arguments = [
        "-c", "gzip -dc \"$0\" | head -c $1 > \"$2\"",
        data.appending(path: "wikitext-2/test.raw.gz").path, "\(bytes)", text.path,
      ]
      try shell.run()
      shell.waitUntilExit()
      try #require(shell.terminationStatus == 0)
      try scores.checkPerplexity(of: text.path, model: model.path, runner: runner)
    }
  }

  /// FNV-1a of the UTF-8 bytes: the texts are not ours to ship.
  private func hash(_ text: String) -> String {
    let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// What lies outside of the repository and may be absent.
enum RealResources {
  /// The folder of real data that the environment variable `LASER_DATA` names.
  static let data = ProcessInfo.processInfo.environment["LASER_DATA"].map {
    URL(fileURLWithPath: $0, isDirectory: true)
  }

  /// The Python that the environment variable `LASER_PYTHON` names, with torch and transformers.
  static let python = ProcessInfo.processInfo.environment["LASER_PYTHON"]

  /// The GGUF file of SmolLM2-135M-Instruct where `make model` puts it; nil when it was not fetched.
  static let smolLM2: URL? = {
    let environment = ProcessInfo.processInfo.environment
    let cache =
      environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
    let file = cache.appending(
      path: "laser/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }()
}
