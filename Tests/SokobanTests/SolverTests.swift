import Numerics
import Foundation
import Sokoban
import Testing

struct SolverTests {
  /// Small rooms.
  private func smallRooms(_ count: Int, seed: UInt64, boxes: Int = 2) throws -> [Level] {
    var rooms = try RoomGenerator(
      RoomConfiguration(rows: 7, columns: 7, boxes: boxes, steps: 14))
    return try (0..<count).map { stream in
      var generator = SplitMix64(seed: seed, stream: stream)
      return try rooms.room(using: &generator)
    }
  }

  private func play(_ solution: Solution, on level: Level) throws -> PlainGame {
    var game = PlainGame(level)
    for action in solution.actions {
      let direction = try #require(action.direction)
      let (next, pushes) = try #require(game.after(direction))
      #expect(pushes == action.isPush)
      game = next
    }
    return game
  }

  @Test(arguments: [(1, 100), (2, 200), (3, 50)])
  func `solutions are as short as a plain breadth-first search finds`(boxes: Int, count: Int)
    throws
  {
    var solver = Solver()
    for room in try smallRooms(count, seed: 21, boxes: boxes) {
      let solution = try solver.solve(room)
      #expect(solution.moves == PlainGame(room).optimalMoves)
      #expect(try play(solution, on: room).isSolved)
    }
  }

  @Test func `what is left of a solution is the solution of what is left`() throws {
    var solver = Solver()
    for room in try smallRooms(40, seed: 22) {
      let solution = try solver.solve(room)
      var game = PlainGame(room)
      for (depth, action) in solution.actions.enumerated() {
        let direction = try #require(action.direction)
        game = try #require(game.after(direction)).game
        #expect(try solver.solve(game.now).actions == Array(solution.actions[(depth + 1)...]))
      }
    }
  }

  @Test func `a solution takes the first direction that shortest solutions begin with`() throws {
    var solver = Solver()
    for room in try smallRooms(60, seed: 23) {
      let solution = try solver.solve(room)
      let game = PlainGame(room)
      let first = Direction.allCases.first {
        game.after($0)?.game.optimalMoves == solution.moves - 1
      }
      #expect(solution.actions.first?.direction == first)
    }
  }

  @Test(arguments: [16, 40, 62])
  func `wide levels are solved like narrow ones`(corridor: Int) throws {
    var solver = Solver()
    for room in try smallRooms(5, seed: 24) {
      // A corridor from the player's row to the right makes the board too large for one word.
      let columns = 64
      var fixed = [FixedTile](repeating: .wall, count: 16 * columns)
      let moved = { (cell: Int) in (cell / 7) * columns + cell % 7 }
      for cell in room.fixed.indices { fixed[moved(cell)] = room.fixed[cell] }
      let row = moved(room.player) / columns
      for column in 1...corridor where fixed[row * columns + column] == .wall {
        fixed[row * columns + column] = .floor
      }
      for below in row..<15 where fixed[below * columns + corridor] == .wall {
        fixed[below * columns + corridor] = .floor
      }
      let level = try Level(
        rows: 16, columns: columns, fixed: fixed, boxes: room.boxes.map(moved),
        player: moved(room.player))
      let solution = try solver.solve(level)
      #expect(solution.moves == PlainGame(level).optimalMoves)
      #expect(try play(solution, on: level).isSolved)
    }
  }

  @Test func `a solved level has an empty solution`() throws {
    var solver = Solver()
    let solution = try solver.solve(try Level(xsb: "#####\n#@* #\n#####"))
    #expect(solution.moves == 0 && solution.pushes == 0 && solution.lurd.isEmpty)
  }

  @Test func `walks are written in lower case and pushes in upper case`() throws {
    var solver = Solver()
    let solution = try solver.solve(try Level(xsb: "######\n#    #\n#@   #\n#.$  #\n######"))
    #expect(solution.lurd == "rrdL")
    #expect(solution.moves == 4 && solution.pushes == 1)
  }

  @Test(arguments: [
    // A box in a corner.
    "######\n#$   #\n# @. #\n#    #\n######",
    // A box whose wall has no target.
    "#######\n#  $  #\n#  @  #\n#  .  #\n#######",
    // A target behind a wall.
    "#######\n#@$ #.#\n#   ###\n#######",
    // A box behind a wall.
    "#######\n#@ .#$#\n#   ###\n#######",
    // Two boxes that block each other.
    "########\n#@     #\n# $$   #\n####.. #\n########",
  ])
  func `an unsolvable level is found to be so`(text: String) throws {
    var solver = Solver()
    let error = #expect(throws: SolverError.self) { try solver.solve(try Level(xsb: text)) }
    guard case .unsolvable = error else {
      Issue.record("expected an unsolvable level, found \(String(describing: error))")
      return
    }
  }

  @Test func `boxes on targets out of reach do not matter`() throws {
    var solver = Solver()
    let solution = try solver.solve(try Level(xsb: "########\n#@$.#*##\n########"))
    #expect(solution.lurd == "R")
  }

  @Test func `a pocket in the walls beside the room is no place for a box`() throws {
    var solver = Solver()
    let text = """
      #########
      #     # #
      #$  @$.##
      #     ###
      #.    ###
      #########
      """
    #expect(try solver.solve(try Level(xsb: text)).moves == 8)
  }

  @Test func `rooms with pockets all around are solved as a plain breadth-first search does`()
    throws
  {
    var solver = Solver()
    var generator = SplitMix64(seed: 31)
    let (rows, columns) = (7, 9)
    var solvable = 0
    for _ in 0..<400 {
      // A third of the cells are walls, so that many levels have floor out of the player's reach, some
      // of it with boxes and targets.
      var fixed = [FixedTile](repeating: .wall, count: rows * columns)
      for row in 1..<rows - 1 {
        for column in 1..<columns - 1 where Int.random(in: 0..<3, using: &generator) > 0 {
          fixed[row * columns + column] = .floor
        }
      }
      let floor = fixed.indices.filter { fixed[$0] == .floor }.shuffled(using: &generator)
      guard floor.count > 5 else { continue }
      for target in floor[..<2] { fixed[target] = .target }
      let level = try Level(
        rows: rows, columns: columns, fixed: fixed, boxes: Array(floor[1..<3]), player: floor[3])
      guard let moves = PlainGame(level).optimalMoves else {
        #expect(throws: SolverError.self) { try solver.solve(level) }
        continue
      }
      solvable += 1
      let solution = try solver.solve(level)
      #expect(solution.moves == moves)
      #expect(try play(solution, on: level).isSolved)
    }
    #expect(solvable > 20)
  }

  @Test(arguments: [(8, 8), (14, 14), (14, 24), (20, 30), (40, 40), (64, 64)])
  func `pockets beyond all four corners of a room change nothing`(rows: Int, columns: Int) throws {
    var solver = Solver()
    // The room begins two cells from the edge; the pockets touch its corners from outside.
    var open = [FixedTile](repeating: .wall, count: rows * columns)
    for row in 2..<rows - 2 {
      for column in 2..<columns - 2 { open[row * columns + column] = .floor }
    }
    let pockets = [(1, 1), (1, columns - 2), (rows - 2, 1), (rows - 2, columns - 2)]
    for (row, column) in pockets { open[row * columns + column] = .floor }
    for (row, column) in [(2, 2), (2, columns - 3), (rows - 3, 2), (rows - 3, columns - 3)] {
      // From the room's side the box is pushed into the corner.
      let (down, right) = (row == 2 ? 1 : -1, column == 2 ? 1 : -1)
      var fixed = open
      fixed[row * columns + column] = .target
      let level = try Level(
        rows: rows, columns: columns, fixed: fixed,
        boxes: [(row + down) * columns + column + right],
        player: (row + down) * columns + column)
      let solution = try solver.solve(level)
      #expect(solution.moves == PlainGame(level).optimalMoves)
      #expect(try play(solution, on: level).isSolved)
    }
  }

  @Test func `a search beyond the limit is given up`() throws {
    var solver = Solver(limit: 100)
    let level = try Level(
      xsb: "##########\n#.       #\n#.  $ $  #\n#.  $ $  #\n#.  @    #\n#        #\n##########")
    #expect(throws: SolverError.limitReached(limit: 100)) { try solver.solve(level) }
  }

  @Test(arguments: [(6, 10), (10, 12), (14, 16), (30, 30), (64, 64)])
  func `a search beyond its memory is given up`(rows: Int, columns: Int) throws {
    // Four boxes in the open, far from their targets.
    var fixed = [FixedTile](repeating: .wall, count: rows * columns)
    for row in 1..<rows - 1 {
      for column in 1..<columns - 1 { fixed[row * columns + column] = .floor }
    }
    for column in 1...4 { fixed[columns + column] = .target }
    let boxes = [(2, 3), (2, 5), (3, 4), (3, 6)].map { $0 * columns + $1 }
    let level = try Level(
      rows: rows, columns: columns, fixed: fixed, boxes: boxes, player: columns + 6)
    var solver = Solver(memory: 20_000)
    #expect(throws: SolverError.memoryReached(bytes: 20_000)) { try solver.solve(level) }
  }
}
