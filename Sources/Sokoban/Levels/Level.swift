/// A Sokoban puzzle at its start: walls, targets, boxes and the player.
///
/// Cells are row-major: cell (row, column) is `row * columns + column`. Three things always hold, so
/// that neither the environment nor a solver has to look at the edge: every cell of the outermost ring
/// is a wall; there are as many boxes as targets, and at least one; boxes and player stand on distinct
/// cells that are not walls.
public struct Level: Hashable, Sendable {
  /// The longest side that is accepted, in cells.
  public static let maximumSide = 64

  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Walls, floor and targets, row by row: gym-sokoban's `room_fixed`.
  public let fixed: [FixedTile]
  /// The cells of the boxes, ascending.
  public let boxes: [Int]
  /// The cell of the player.
  public let player: Int

  /// Checks and keeps a room; `boxes` may come in any order.
  ///
  /// - Throws: `LevelError` naming the rule that the room breaks.
  /// - Precondition: `fixed.count == rows * columns`.
  public init(rows: Int, columns: Int, fixed: [FixedTile], boxes: [Int], player: Int) throws {
    guard rows <= Level.maximumSide, columns <= Level.maximumSide else {
      throw LevelError.tooLarge(rows: rows, columns: columns)
    }
    precondition(
      fixed.count == rows * columns, "\(fixed.count) tiles cannot fill \(rows) × \(columns) cells")
    if let cell = Level.firstOpenEdgeCell(rows: rows, columns: columns, fixed: fixed) {
      throw LevelError.openAtEdge(row: cell / columns, column: cell % columns)
    }
    guard fixed.indices.contains(player), fixed[player] != .wall else {
      throw LevelError.misplaced(what: "player", cell: player)
    }
    let boxes = boxes.sorted()
    guard !boxes.isEmpty else { throw LevelError.noBoxes }
    var previous = -1
    for box in boxes {
      guard fixed.indices.contains(box), fixed[box] != .wall, box != player, box != previous else {
        throw LevelError.misplaced(what: "box", cell: box)
      }
      previous = box
    }
    var targets = 0
    for tile in fixed where tile == .target { targets += 1 }
    guard targets == boxes.count else {
      throw LevelError.boxesAndTargetsDiffer(boxes: boxes.count, targets: targets)
    }
    self.rows = rows
    self.columns = columns
    self.fixed = fixed
    self.boxes = boxes
    self.player = player
  }

  /// Keeps a room that is known to obey the rules, such as the image of a level.
  init(unchecked size: (rows: Int, columns: Int), fixed: [FixedTile], boxes: [Int], player: Int) {
    rows = size.rows
    columns = size.columns
    self.fixed = fixed
    self.boxes = boxes
    self.player = player
  }

  /// The number of cells.
  public var cellCount: Int { fixed.count }

  /// The cells of the targets, ascending.
  ///
  /// - Complexity: O(cells).
  public var targets: [Int] { fixed.indices.filter { fixed[$0] == .target } }

  /// Whether every box already stands on a target.
  public var isSolved: Bool { boxes.allSatisfy { fixed[$0] == .target } }

  /// The first cell of the outermost ring that is not a wall.
  static func firstOpenEdgeCell(rows: Int, columns: Int, fixed: [FixedTile]) -> Int? {
    for row in 0..<rows {
      let start = row * columns
      if row == 0 || row == rows - 1 {
        for column in 0..<columns where fixed[start + column] != .wall { return start + column }
      } else {
        if fixed[start] != .wall { return start }
        if fixed[start + columns - 1] != .wall { return start + columns - 1 }
      }
    }
    return nil
  }
}
