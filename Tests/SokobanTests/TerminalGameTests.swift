import Sokoban
import Testing

struct TerminalGameTests {
  private let level: Level

  init() throws {
    level = try Level(xsb: "#######\n#@ $ .#\n#     #\n#######\n")
  }

  private func game() -> TerminalGame {
    TerminalGame(level) { level in
      guard level.player % level.columns == 1 else { throw SolverError.unsolvable(expanded: 1) }
      return [.moveRight, .pushRight, .pushRight]
    }
  }

  @Test func `keys move the player, push boxes and count`() {
    var game = game()
    for key in TerminalKey.keys(in: Array("dd".utf8) + [0x1B, 0x5B, 0x43]).keys { game.press(key) }
    #expect(game.isSolved && game.moves == 3 && game.pushes == 2)
    #expect(game.message == "Solved in 3 moves, 2 pushes.")
    #expect(game.text(colored: false).hasPrefix("#######\r\n#   @*#\r\n"))
    game.press(.go(.left))
    #expect(game.moves == 3)
  }

  @Test func `walking into a wall counts nothing`() {
    var game = game()
    game.press(.go(.up))
    #expect(game.moves == 0 && game.tiles == level.tiles)
  }

  @Test func `undo takes back a step, and a restart`() {
    var game = game()
    game.press(.undo)
    #expect(game.tiles == level.tiles)
    game.press(.go(.right))
    game.press(.go(.right))
    let pushed = game.tiles
    game.press(.go(.down))
    game.press(.undo)
    #expect(game.tiles == pushed)
    game.press(.restart)
    #expect(game.tiles == level.tiles && game.moves == 0)
    game.press(.undo)
    #expect(game.tiles == pushed && game.moves == 2 && game.pushes == 1)
  }

  @Test func `a hint plays one step, a solution all`() {
    var game = game()
    game.press(.hint)
    #expect(game.moves == 1 && game.message == "Moves to go: 2.")
    game.press(.hint)
    #expect(game.moves == 1 && game.message.hasPrefix("No solution from here"))
    game.press(.undo)
    game.press(.solution)
    #expect(game.isSolved && game.moves == 3)
  }

  @Test func `the solver says of a stuck level that nothing leads on`() throws {
    let stuck = try Level(xsb: "#####\n#@.##\n#  $#\n#####")
    for key in [TerminalKey.hint, .solution] {
      var game = TerminalGame(stuck) { level in
        var solver = Solver()
        return try solver.solve(level).actions
      }
      game.press(key)
      #expect(game.message == "No solution from here: undo (u) or restart (r).")
    }
  }

  @Test func `a solver's error is a message`() {
    var game = TerminalGame(level) { _ in throw SolutionError.unsolved(after: 0) }
    game.press(.hint)
    #expect(game.message == "No hint: the 0 steps leave a target uncovered")
  }

  @Test func `escape sequences may come in pieces, other bytes are dropped`() {
    let whole = TerminalKey.keys(in: [0x1B, 0x4F, 0x41, 0x78, 0x1B, 0x5B, 0x44, 0x03])
    #expect(whole.keys == [.go(.up), .go(.left), .quit] && whole.rest.isEmpty)
    let cut = TerminalKey.keys(in: [UInt8(ascii: "h"), 0x1B, 0x5B])
    #expect(cut.keys == [.hint] && cut.rest == [0x1B, 0x5B])
  }

  @Test(
    arguments: [
      ("\u{1B}[1;5A", [.go(.up)]), ("\u{1B}[1;2D", [.go(.left)]),
      ("\u{1B}[1;5Ar", [.go(.up), .restart]), ("\u{1B}[3~d", [.go(.right)]),
      ("\u{1B}[24;5~", []), ("\u{1B}[1\u{1B}[B", [.go(.down)]),
    ] as [(String, [TerminalKey])])
  func `a sequence with parameters is one key, an arrow by its last letter`(
    text: String, expected: [TerminalKey]
  ) {
    let read = TerminalKey.keys(in: Array(text.utf8))
    #expect(read.keys == expected && read.rest.isEmpty)
    // However it is cut, what is left waits for the rest.
    for cut in 0...text.utf8.count {
      let first = TerminalKey.keys(in: Array(text.utf8.prefix(cut)))
      let second = TerminalKey.keys(in: first.rest + Array(text.utf8.dropFirst(cut)))
      #expect(first.keys + second.keys == expected)
    }
  }

  @Test func `quitting is a state`() {
    var game = game()
    #expect(!game.hasQuit)
    game.press(.quit)
    #expect(game.hasQuit)
  }

  @Test func `the coloured room has a line a row`() {
    let lines = game().text(colored: true).split(separator: "\r\n" as Character)
    #expect(lines.count >= 6)
    #expect(lines[1].contains("☺") && lines[1].contains("◇") && lines[1].contains("▣"))
  }
}
