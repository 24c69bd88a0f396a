import Foundation
import Sokoban
import Testing

@testable import DecisionTransformer
@testable import laser

@Suite struct ActCommandTests {
  @Test func `A request has a state of gym's digits or a picture`() throws {
    let digits = String(repeating: "0", count: 4) + "5126" + "0000"
    let request = try ActRequest(line: #"{"state": "\#(digits)"}"#, number: 1)
    let picture = try request.picture(rows: 3, columns: 4, line: 1)
    let tiles = digits.utf8.map { $0 - UInt8(ascii: "0") }
    #expect(picture == Image(tilesOf: tiles, rows: 3, columns: 4).bytes)
    let other = try ActRequest(line: #"{"picture": [1, 2, 3], "game": "a"}"#, number: 2)
    #expect(try other.picture(rows: 3, columns: 4, line: 2) == [1, 2, 3])
  }

  @Test(arguments: ["", "17", "{", "[]", #"{"state": 3}"#, #"{"picture": [256]}"#])
  func `A line that is no request is an error with its number`(line: String) {
    #expect(throws: ActError.badLine(7)) { try ActRequest(line: line, number: 7) }
  }

  @Test func `A state of another size or with other digits is an error`() throws {
    for state in ["00", "000000000007", "00000000000x"] {
      let request = try ActRequest(line: #"{"state": "\#(state)"}"#, number: 3)
      #expect(throws: ActError.badState(line: 3, count: state.count, expected: 12)) {
        try request.picture(rows: 3, columns: 4, line: 3)
      }
    }
    let request = try ActRequest(line: #"{"reward": 1}"#, number: 4)
    #expect(throws: ActError.nothingSeen(4)) { try request.picture(rows: 3, columns: 4, line: 4) }
  }

  /// Answers `lines` with a policy.
  private func act(
    _ runner: CommandRunner, _ policy: String, _ lines: [String]
  ) throws -> CommandRunner.Result {
    _ = try runner.write(lines.joined(separator: "\n") + "\n", to: "lines.jsonl")
    return try runner.run(
      URL(filePath: "/bin/sh"),
      ["-c", #""$0" act --policy "$1" < lines.jsonl"#, CommandRunner.binary.path, policy])
  }

  @Test func `A game's second line without a reward is refused where the return is read`() throws {
    try CommandRunner.inFolder { runner in
      try PolicyCommandTests.train(runner)
      let state = #""state": "\#(String(repeating: "1", count: 100))""#
      let first = #"{"game": "a", \#(state)}"#
      let second = #"{"game": "a", \#(state), "reward": -0.1}"#
      let end = #"{"game": "a", "end": true}"#
      let whole = try act(runner, "policy", [first, second, end, first])
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(try whole.objects().map { $0["step"] as? Int } == [0, 1, nil, 0])
      let without = try act(runner, "policy", [first, first])
      #expect(
        without.status == 1 && without.errors.contains("line 2 of standard input has no reward"))
      #expect(try without.objects().count == 1)
      let cloning = try runner.laser(
        ["train", "--episodes", "episodes.txt", "--steps", "2", "--no-return", "-o", "cloning"]
          + PolicyCommandTests.size)
      #expect(cloning.status == 0, "\(cloning.errors)")
      #expect(try act(runner, "cloning", [first, first]).status == 0)
    }
  }
}
