import Numerics
import Sokoban
import Testing

struct RoomGeneratorTests {
  @Test(arguments: RoomConfiguration.boxCounts)
  func `a room is a puzzle that nothing has begun`(boxes: Int) throws {
    var rooms = try RoomGenerator(RoomConfiguration(boxes: boxes))
    var generator = SplitMix64(seed: UInt64(boxes))
    for _ in 0..<20 {
      let room = try rooms.room(using: &generator)
      #expect(room.rows == 10 && room.columns == 10)
      #expect(room.boxes.count == boxes && room.targets.count == boxes)
      #expect(room.boxes.allSatisfy { room.fixed[$0] == .floor })
      #expect(room.fixed[room.player] == .floor)
    }
  }

  @Test func `the same numbers give the same rooms, whatever came before`() throws {
    let configuration = RoomConfiguration(rows: 8, columns: 9, boxes: 2)
    var rooms = try RoomGenerator(configuration)
    var again = try RoomGenerator(configuration)
    var first: [Level] = []
    for stream in 0..<20 {
      var generator = SplitMix64(seed: 3, stream: stream)
      first.append(try rooms.room(using: &generator))
    }
    for stream in (0..<20).reversed() {
      var generator = SplitMix64(seed: 3, stream: stream)
      #expect(try again.room(using: &generator) == first[stream])
    }
    #expect(Set(first).count == 20)
  }

  @Test(arguments: [(7, 7, 2), (13, 11, 5), (13, 13, 5), (5, 64, 1)])
  func `rooms of other sizes are rooms`(rows: Int, columns: Int, boxes: Int) throws {
    var rooms = try RoomGenerator(
      RoomConfiguration(rows: rows, columns: columns, boxes: boxes))
    var generator = SplitMix64(seed: 11)
    let room = try rooms.room(using: &generator)
    #expect(room.rows == rows && room.columns == columns && room.boxes.count == boxes)
  }

  @Test(arguments: [
    (RoomConfiguration(rows: 2), RoomError.wrongSize(rows: 2, columns: 10)),
    (RoomConfiguration(columns: 65), .wrongSize(rows: 10, columns: 65)),
    (RoomConfiguration(boxes: 0), .wrongBoxCount(0)),
    (RoomConfiguration(boxes: 6), .wrongBoxCount(6)),
    (RoomConfiguration(steps: 0), .wrongSteps(0)),
    (RoomConfiguration(turnProbability: 1.5), .wrongTurnProbability(1.5)),
    (RoomConfiguration(rows: 4, columns: 4, boxes: 3), .tooSmall(rows: 4, columns: 4, boxes: 3)),
    (RoomConfiguration(rows: 3, columns: 3, boxes: 1), .tooSmall(rows: 3, columns: 3, boxes: 1)),
  ])
  func `an impossible room is an error`(configuration: RoomConfiguration, error: RoomError) {
    #expect(throws: error) { try RoomGenerator(configuration) }
    #expect(!error.description.isEmpty)
  }

  @Test func `a setting without puzzles ends with an error`() throws {
    // One step digs at most four cells in a square: a box there never moves.
    var rooms = try RoomGenerator(RoomConfiguration(rows: 4, columns: 4, boxes: 2))
    var generator = SplitMix64(seed: 1)
    #expect(throws: RoomError.noRoomFound(attempts: 20_000)) {
      try rooms.room(using: &generator)
    }
  }

  @Test func `a setting all of whose rooms are excluded ends with an error that says so`() throws {
    // There are some sixty rooms of 5 × 5 cells with a box.
    var rooms = try RoomGenerator(RoomConfiguration(rows: 5, columns: 5, boxes: 1))
    var generator = SplitMix64(seed: 1)
    var excluded: Set<LevelClass> = []
    let error = RoomError.allExcluded(rooms: 5_000)
    #expect(throws: error) {
      while true {
        let room = try rooms.room(excluding: excluded, using: &generator)
        excluded.insert(LevelClass(room))
      }
    }
    #expect(error.description.hasPrefix("5000 rooms in a row were all among those"))
  }

  /// The bounds are three standard errors of rooms that gym-sokoban itself generated.
  @Test(arguments: [(boxes: 3, mean: 24.9, bound: 1.2), (boxes: 4, mean: 33.0, bound: 1.8)])
  func `rooms are as hard as gym-sokoban's`(boxes: Int, mean: Double, bound: Double) throws {
    let count = 2_000
    var rooms = try RoomGenerator(RoomConfiguration(boxes: boxes))
    var solver = Solver()
    var moves = 0
    for stream in 0..<count {
      var generator = SplitMix64(seed: 2018, stream: stream)
      moves += try solver.solve(try rooms.room(using: &generator)).moves
    }
    #expect(abs(Double(moves) / Double(count) - mean) <= bound)
  }
}
