import Testing

/// What a newcomer types before having read anything: each message says what to do next.
@Suite struct FirstTriesTests {
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
