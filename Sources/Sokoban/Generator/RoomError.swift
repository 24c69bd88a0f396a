/// Why no room can be generated.
package enum RoomError: Error, Equatable, Sendable {
  /// A side is shorter or longer than rooms can be.
  case wrongSize(rows: Int, columns: Int)
  /// Too few or too many boxes.
  case wrongBoxCount(Int)
  /// The walk that digs the floor needs steps, but not for ever.
  case wrongSteps(Int)
  /// Not a probability.
  case wrongTurnProbability(Double)
  /// The inside has no space for the boxes, the player and one free cell.
  case tooSmall(rows: Int, columns: Int, boxes: Int)
  /// All attempts gave rooms without a puzzle.
  case noRoomFound(attempts: Int)
  /// So many rooms in a row were among those to leave out.
  case allExcluded(rooms: Int)
}

extension RoomError: CustomStringConvertible {
  /// What is wrong, and what to do about it.
  package var description: String {
    let sides = RoomConfiguration.sides
    let boxCounts = RoomConfiguration.boxCounts
    return switch self {
    case .wrongSize(let rows, let columns):
      "a room of \(rows) × \(columns) cells; expected sides from \(sides.lowerBound) to \(sides.upperBound)"
    case .wrongBoxCount(let boxes):
      "a room with \(boxes) boxes; expected \(boxCounts.lowerBound) to \(boxCounts.upperBound)"
    case .wrongSteps(let steps):
      "\(steps) steps to dig the room; expected 1 to 100000"
    case .wrongTurnProbability(let probability):
      "a probability of \(probability) to turn; expected 0 to 1"
    case .tooSmall(let rows, let columns, let boxes):
      "\(boxes) \(boxes == 1 ? "box" : "boxes") and a player do not fit into the inside of a room of \(rows) × \(columns) cells with a cell to spare; take a larger room or fewer boxes"
    case .noRoomFound(let attempts):
      "no puzzle in \(attempts) attempts; take a larger room or fewer boxes"
    case .allExcluded(let rooms):
      "\(rooms) rooms in a row were all among those that are excluded; take a larger room or more boxes"
    }
  }
}
