import Foundation
import Testing

/// What a newcomer types before having read anything: each message says what to do next.
@Suite struct FirstTriesTests {
  @Test(arguments: [
    ["sokoban", "generate", "--count", "2", "--boxes", "1", "-o"],
    ["episodes", "record", "--generate", "2", "--boxes", "1", "-o"], ["report", "s", "-o"],
    ["sokoban", "render", "room.txt", "-o"],
    ["qa", "--model", "model.gguf", "--task", "jsonl", "--data", "q.jsonl", "--predictions"],
  ])
  func `a model is not written over by something else`(command: [String]) throws {
    try CommandRunner.inFolder { runner in
      for name in ["model.gguf", "copy", "weights.safetensors"] {
        let model = "GGUF is how such a file begins"
        _ = try runner.write(model, to: name)
        let result = try runner.laser(command + [name])
        #expect(result.status == 1 && result.errors.contains("\(name) is a model"))
        let kept = try String(contentsOf: runner.folder.appending(path: name), encoding: .utf8)
        #expect(kept == model)
      }
    }
  }

  @Test(arguments: [
    "sokoban render input -o", "episodes record --levels input -o",
    "episodes record --generate 1 --exclude input -o",
    "qa --model m --task jsonl --data input --predictions",
    "evaluate --policy policy --levels input --target-returns=0 --report",
  ])
  func `what a command reads is not written over, whatever it is called`(words: String) throws {
    try CommandRunner.inFolder { runner in
      let room = SokobanCommandTests.corridor
      let input = runner.folder.appending(path: "input")
      _ = try runner.write(room, to: "input")
      try FileManager.default.createSymbolicLink(
        at: runner.folder.appending(path: "link"), withDestinationURL: input)
      try FileManager.default.linkItem(at: input, to: runner.folder.appending(path: "name"))
      let command = words.split(separator: " ").map { $0 == "policy" ? Self.policy : String($0) }
      for output in ["input", "link", "name"] {
        let result = try runner.laser(command + [output])
        #expect(result.status == 1)
        #expect(result.errors.contains("\(output) is what the command reads"), "\(result.errors)")
        #expect(try String(contentsOf: input, encoding: .utf8) == room)
      }
    }
  }

  @Test(arguments: ["journal.jsonl", "result.json", "race.jsonl", "journal.host-1.jsonl"])
  func `what a run keeps is not written over by a report`(name: String) throws {
    try CommandRunner.inFolder { runner in
      let folder = runner.folder.appending(path: "s")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      _ = try runner.write("kept", to: "s/journal.jsonl")
      _ = try runner.write("kept", to: "s/\(name)")
      let result = try runner.laser("report", "s", "-o", "s/\(name)")
      #expect(result.status == 1)
      #expect(result.errors.contains("a search or a study keeps"), "\(result.errors)")
      let kept = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(kept == "kept")
    }
  }

  private static let tries: [(words: String, says: String)] = [
    ("generate --model owner/name --prompt hi", "nothing is downloaded"),
    ("generate --model m --prompt hi --edit uout:3:0.1", "did you mean Uout?"),
    ("generate --model m --prompt hi --edit Uout:3:0,4", "with a point, such as 0.4"),
    ("qa --model policy --task jsonl --data q.jsonl", "is a policy"),
    ("apply --model m -o taken", "is a file; name a folder"),
    ("apply --model m -o a.safetensors", "as a folder or as a .gguf file"),
    ("apply --model m -o none/a.gguf", "make it first"),
    ("task --task jsonl --data none.jsonl", "check the path"),
    ("task --task jsonl --data .", "name a file in it"),
    ("task --task jsonl --data text.txt", "is it the right file"),
    ("task --task jsonl --data weights.gguf", "a GGUF model"),
    ("sokoban solve none.txt", "check the path"),
    ("sokoban generate --count 1 -o none/rooms.txt", "make it"),
    ("demo", "make install"),
    ("demo --episodes . --shipped . --questions q.jsonl --model none", "check the path"),
    ("demo --episodes . --shipped . --questions none.json --model .", "check the path"),
  ]

  @Test(arguments: tries)
  func `A wrong first try is told what to do`(words: String, says: String) throws {
    try CommandRunner.inFolder { runner in
      _ = try runner.write("hello", to: "text.txt")
      _ = try runner.write("", to: "taken")
      _ = try runner.write("GGUF\u{3}\0\0\0", to: "weights.gguf")
      _ = try runner.write(#"{"prompt": "a", "answer": "b"}"#, to: "q.jsonl")
      let arguments = words.split(separator: " ").map(String.init)
      let result = try runner.laser(arguments.map { $0 == "policy" ? Self.policy : $0 })
      #expect(result.status != 0)
      #expect(result.errors.contains(says), "\(result.errors)")
    }
  }

  /// The policy that ships with the project.
  private static var policy: String {
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
      + "/checkpoints/four-box"
  }
}
