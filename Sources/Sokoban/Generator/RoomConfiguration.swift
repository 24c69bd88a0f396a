/// What rooms to generate; the defaults are gym-sokoban's `Sokoban-v1`.
public struct RoomConfiguration: Hashable, Sendable {
  /// Rows of the room, walls included.
  public var rows: Int
  /// Columns of the room, walls included.
  public var columns: Int
  /// Boxes, and targets.
  public var boxes: Int
  /// Steps of the walk that digs the floor (gym: `num_gen_steps`).
  public var steps: Int
  /// The chance that a step of that walk first draws a new direction (gym:
  /// `p_change_directions`).
  public var turnProbability: Double

  /// A room of `rows` × `columns` cells; without `steps` the walk takes `int(1.7 * (rows + columns))`.
  public init(
    rows: Int = 10, columns: Int = 10, boxes: Int = 4, steps: Int? = nil,
    turnProbability: Double = 0.35
  ) {
    self.rows = rows
    self.columns = columns
    self.boxes = boxes
    self.steps = steps ?? RoomConfiguration.defaultSteps(rows: rows, columns: columns)
    self.turnProbability = turnProbability
  }

  /// gym-sokoban's number of steps for a room of this size, 34 for 10 × 10.
  public static func defaultSteps(rows: Int, columns: Int) -> Int {
    Int(1.7 * (Double(rows) + Double(columns)))
  }

  /// The sides that are accepted, in cells.
  public static let sides = 3...Level.maximumSide
  /// The numbers of boxes that are accepted.
  public static let boxCounts = 1...5

  /// - Throws: `RoomError` if no room can come of this.
  func validate() throws {
    guard Self.sides.contains(rows), Self.sides.contains(columns) else {
      throw RoomError.wrongSize(rows: rows, columns: columns)
    }
    guard Self.boxCounts.contains(boxes) else { throw RoomError.wrongBoxCount(boxes) }
    guard (1...100_000).contains(steps) else { throw RoomError.wrongSteps(steps) }
    guard (0...1).contains(turnProbability) else {
      throw RoomError.wrongTurnProbability(turnProbability)
    }
    let inside = (rows - 2) * (columns - 2)
    guard inside > boxes + 1 else {
      throw RoomError.tooSmall(rows: rows, columns: columns, boxes: boxes)
    }
  }
}
