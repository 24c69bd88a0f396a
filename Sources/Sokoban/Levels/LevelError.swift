/// Why a room is not a Sokoban level.
package enum LevelError: Error, Equatable, Sendable {
  /// Nothing but blanks.
  case empty
  /// A character that XSB does not know; row and column count from 0.
  case unknownCharacter(UInt8, row: Int, column: Int)
  /// No `@` and no `+`.
  case noPlayer
  /// More than one `@` or `+`.
  case severalPlayers(count: Int)
  /// Neither `$` nor `*`.
  case noBoxes
  /// One box belongs on each target.
  case boxesAndTargetsDiffer(boxes: Int, targets: Int)
  /// The walls have a gap: what is inside reaches this cell of the outermost ring.
  case openAtEdge(row: Int, column: Int)
  /// More than ``Level/maximumSide`` cells a side.
  case tooLarge(rows: Int, columns: Int)
  /// A box or the player in a wall, outside of the room, or on an occupied cell.
  case misplaced(what: String, cell: Int)
}

extension LevelError: CustomStringConvertible {
  /// What is wrong, and what to do about it.
  package var description: String {
    switch self {
    case .empty:
      "the level is empty; expected rows of # (wall), $ (box), . (target), @ (player) and spaces"
    case .unknownCharacter(let byte, let row, let column):
      "row \(row), column \(column) holds \(LevelError.name(of: byte)), expected one of # $ . @ * + - _ and space"
    case .noPlayer:
      "no player; expected exactly one @ (or + on a target)"
    case .severalPlayers(let count):
      "\(count) players; expected exactly one @ (or + on a target)"
    case .noBoxes:
      "no box; expected at least one $ (or * on a target)"
    case .boxesAndTargetsDiffer(let boxes, let targets):
      "\(boxes) \(boxes == 1 ? "box" : "boxes") and \(targets) \(targets == 1 ? "target" : "targets"); expected as many boxes as targets"
    case .openAtEdge(let row, let column):
      "open at the edge: the inside reaches row \(row), column \(column); close the wall there"
    case .tooLarge(let rows, let columns):
      "\(rows) × \(columns) cells; expected at most \(Level.maximumSide) × \(Level.maximumSide)"
    case .misplaced(let what, let cell):
      "the \(what) at cell \(cell) stands in a wall, outside of the room or on an occupied cell"
    }
  }

  private static func name(of byte: UInt8) -> String {
    (0x21..<0x7F).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
  }
}
