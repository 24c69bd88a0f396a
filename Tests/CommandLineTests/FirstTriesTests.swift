import Foundation
import Testing

/// What a newcomer types before having read anything: each message says what to do next.
@Suite struct FirstTriesTests {
  @Test(arguments: [
    ["sokoban", "generate", "--count", "2", "--boxes", "1", "-o"],
    ["episodes", "record", "--generate", "2", "--boxes", "1", "-o"], ["report", "s", "-o"],
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
