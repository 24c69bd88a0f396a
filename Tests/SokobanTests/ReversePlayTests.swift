import Numerics
import Foundation
import Sokoban
import Testing

/// A room played backwards by the real gym-sokoban.
private struct ReversePlayGolden {
  let room: PlacedRoom
  let score: Int
  let boxes: [Int]
  let player: Int
  let explored: Int

  init(columns: Int, before: Substring, after: Substring, score: Substring, explored: Substring)
    throws
  {
    let (before, after) = (Array(before.utf8), Array(after.utf8))
    let digit = { (value: Int) in UInt8(ascii: "0") + UInt8(value) }
    room = PlacedRoom(
      rows: before.count / columns, columns: columns, isFloor: before.map { $0 != digit(0) },
      targets: before.indices.filter { before[$0] == digit(2) },
      player: try #require(before.firstIndex(of: digit(5))))
    boxes = after.indices.filter { after[$0] == digit(3) || after[$0] == digit(4) }
    player = try #require(after.firstIndex(of: digit(5)))
    self.score = try #require(Int(score))
    self.explored = try #require(Int(explored))
  }

  func expect(_ result: ReversePlayResult) {
    #expect(result.score == score)
    #expect(result.explored == explored)
    #expect(result.boxes.sorted() == boxes)
    #expect(result.player == player)
  }
}

struct ReversePlayTests {
  @Test func `playing backwards finds what gym-sokoban finds`() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "reverse_play_golden", withExtension: "tsv", subdirectory: "Fixtures"))
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 21)
    var play = ReversePlayer()
    for line in lines {
      let fields = line.split(separator: "\t")
      let golden = try ReversePlayGolden(
        columns: try #require(Int(fields[0])), before: fields[1], after: fields[2],
        score: fields[3], explored: fields[4])
      golden.expect(play.result(of: golden.room))
      if golden.explored < 2_000 { golden.expect(ReversePlay.result(of: golden.room)) }
    }
  }

  @Test(.enabled(if: Collections.folder != nil, "LASER_DATA is not set"))
  func `playing backwards equals the published vectors for three boxes`() throws {
    let folder = try #require(Collections.folder)
    let lines = try String(
      contentsOfFile: folder + "/gym_sokoban/reverseplay_vectors_3box.txt", encoding: .utf8
    ).split(separator: "\n")
    #expect(lines.count == 60)
    var play = ReversePlayer()
    for line in lines {
      let fields = line.split(separator: " ")
      let golden = try ReversePlayGolden(
        columns: 10, before: fields[0], after: fields[1], score: fields[2], explored: fields[3])
      golden.expect(play.result(of: golden.room))
    }
  }

  @Test(arguments: [(7, 7, 2, 40), (8, 6, 3, 20), (5, 9, 5, 10), (6, 13, 1, 40), (14, 14, 1, 6)])
  func `the fast reverse play equals the plain one`(
    rows: Int, columns: Int, boxes: Int, count: Int
  ) throws {
    let configuration = RoomConfiguration(
      rows: rows, columns: columns, boxes: boxes, steps: rows + columns)
    var generator = SplitMix64(seed: 5)
    var play = ReversePlayer()
    var played = 0
    while played < count {
      let isFloor = configuration.topology(using: &generator)
      guard let room = configuration.placement(on: isFloor, using: &generator) else { continue }
      #expect(play.result(of: room) == ReversePlay.result(of: room))
      played += 1
    }
  }
}
