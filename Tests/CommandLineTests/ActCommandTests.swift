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
}
