/// Generates rooms by gym-sokoban's algorithm, its quirks included.
///
/// A walk digs the floor, boxes are put on their targets, and a search that pulls them away finds the
/// start; a room of score zero is thrown away. Every room is solvable, and neither a box nor the player
/// starts on a target. The memory of the search is kept for the next room: give each thread its own.
public struct RoomGenerator: Sendable {
  /// What rooms to generate.
  public let configuration: RoomConfiguration

  private var play = ReversePlayer()

  /// How often gym-sokoban tries before it starts again.
  private static let triesPerStart = 4
  /// How often this generator starts again before it gives up.
  private static let starts = 5_000

  /// - Throws: `RoomError` if no room can come of `configuration`.
  public init(_ configuration: RoomConfiguration = RoomConfiguration()) throws {
    try configuration.validate()
    self.configuration = configuration
  }

  /// The next room; it depends on `generator` alone.
  ///
  /// - Throws: `RoomError.noRoomFound` if the configuration gives next to no puzzles.
  public mutating func room(using generator: inout some RandomNumberGenerator) throws -> Level {
    for _ in 0..<Self.starts {
      for _ in 0..<Self.triesPerStart {
        let isFloor = configuration.topology(using: &generator)
        guard let placed = configuration.placement(on: isFloor, using: &generator) else { break }
        let result = play.result(of: placed)
        if result.score > 0 { return try placed.level(startingAt: result) }
      }
    }
    throw RoomError.noRoomFound(attempts: Self.starts * Self.triesPerStart)
  }

  /// The first of the next rooms that is not, up to symmetry, among `excluded`.
  ///
  /// - Throws: ``RoomError/noRoomFound(attempts:)``; ``RoomError/allExcluded(rooms:)`` if next to all are excluded.
  package mutating func room(
    excluding excluded: Set<LevelClass>, using generator: inout some RandomNumberGenerator
  ) throws -> Level {
    guard !excluded.isEmpty else { return try room(using: &generator) }
    for _ in 0..<Self.starts {
      let room = try room(using: &generator)
      if !excluded.contains(LevelClass(room)) { return room }
    }
    throw RoomError.allExcluded(rooms: Self.starts)
  }
}

extension PlacedRoom {
  /// The room with boxes and player where reverse play left them.
  func level(startingAt result: ReversePlayResult) throws -> Level {
    var fixed: [FixedTile] = isFloor.map { $0 ? .floor : .wall }
    for target in targets { fixed[target] = .target }
    return try Level(
      rows: rows, columns: columns, fixed: fixed, boxes: result.boxes, player: result.player)
  }
}
