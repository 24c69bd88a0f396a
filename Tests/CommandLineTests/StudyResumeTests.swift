import Foundation
import Testing

/// Studies that are started again: what they keep, and what they refuse.
@Suite struct StudyResumeTests {
  /// Facts about bees, the same questions whatever `subject` and `relation` are called.
  private static func writeFacts(
    _ runner: CommandRunner, subject: String, relation: String
  ) throws {
    let rows = (0..<10).map { index in
      """
      {"prompt": "the \(String(repeating: "o", count: index)) is", "subject": "\(subject)", \
      "relation": "\(relation)\(index % 2)", "answer": "\([" a", " en"][index % 2])"}
      """
    }
    _ = try runner.write(rows.joined(separator: "\n"), to: "facts.jsonl")
  }

  private static let source = ["--model", "llama-deep", "--task", "jsonl", "--data", "facts.jsonl"]

  @Test(arguments: [
    (["frequency", "--corpus", "corpus.txt"], "subjects", "ant", "P"),
    (["tail", "--site", "Uout:2", "--rhos", "0.5"], "relations", "bee", "Q"),
  ])
  func `a study does not go on with facts that only look the same to the model`(
    study: [String], key: String, subject: String, relation: String
  ) throws {
    try StudyCommandTests.inFolder { runner in
      _ = try runner.write("a bee and an ant\n", to: "corpus.txt")
      let arguments = ["study"] + study + Self.source + ["-o", "out"]
      try Self.writeFacts(runner, subject: "bee", relation: "P")
      for _ in 0..<2 { #expect(try runner.laser(arguments).status == 0) }
      try Self.writeFacts(runner, subject: subject, relation: relation)
      let other = try runner.laser(arguments)
      #expect(other.status == 1)
      #expect(other.errors.contains("its data.\(key).fingerprint is"), "\(other.errors)")
    }
  }

  @Test(arguments: [["depth", "--site", "Uin:0"], ["compose"]])
  func `a study that is asked to stop ends with the code for come again`(study: [String]) throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      // Long enough to be met while it works, also on a busy machine.
      let rooms = ["--count", "300", "--boxes", "1", "--seed", "4", "-o", "rooms.txt"]
      try #require(try runner.laser(["sokoban", "generate"] + rooms).status == 0)
      let process = try runner.start(
        ["study"] + study + [
          "--policy", "policy", "--levels", "rooms.txt", "--max-steps", "100", "-o", "out",
        ])
      let folder = runner.folder.appending(path: "out")
      while process.isRunning, !FileManager.default.fileExists(atPath: folder.path) {
        usleep(1_000)
      }
      kill(process.processIdentifier, SIGTERM)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 75)
    }
  }

  @Test
  func `tail keeps the answers that find what an edit turns right, and the words that are said`()
    throws
  {
    try StudyCommandTests.inFolder { runner in
      let arguments =
        ["study", "tail"] + StudyCommandTests.source + [
          "--site", "Uout:2", "--rhos", "0.5,0", "--edit", "zero:Uout:3", "-o", "out", "--json",
        ]
      let first = try runner.laser(arguments)
      try #require(first.status == 0, "\(first.errors)")
      let result = try #require(try first.objects().first)
      let base = try #require(result["base"] as? [String: Any])
      let words = try #require(base["words"] as? [String: Int])
      #expect(words.values.reduce(0, +) == base["examples"] as? Int)
      let file = runner.folder.appending(path: "out/turned.jsonl")
      let journal = try Data(contentsOf: file)
      #expect(journal.split(separator: UInt8(ascii: "\n")).count == 3)
      #expect(try runner.laser(arguments).output == first.output)
      #expect(try Data(contentsOf: file) == journal)
      let page = try String(
        contentsOf: runner.folder.appending(path: "out/report.html"), encoding: .utf8)
      #expect(page.contains("commonest words"))
    }
  }
}
