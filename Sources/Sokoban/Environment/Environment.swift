/// One Sokoban room being played, exactly as gym-sokoban's `SokobanEnv` plays it.
///
/// ```swift
/// var environment = Environment(level)
/// let transition = environment.step(.pushUp)
/// if transition.outcome == .solved { print(transition.reward) }
/// ```
/// ``EnvironmentBatch`` holds the rules, and plays many rooms at once.
public struct Environment: Sendable {
  private var batch: EnvironmentBatch

  /// Sets the room at its start.
  ///
  /// - Precondition: `maxSteps` is positive.
  public init(_ level: Level, maxSteps: Int = EnvironmentBatch.defaultMaxSteps) {
    batch = EnvironmentBatch(single: level, maxSteps: maxSteps)
  }

  /// The room as it starts.
  public var level: Level { batch.levels[0] }

  /// Plays `action`; a blocked one costs a step and leaves the room as it is.
  public mutating func step(_ action: Action) -> Transition { batch.step(0, action) }

  /// Puts the room back to its start.
  public mutating func reset() { batch.reset(0) }

  /// The number of steps since the reset.
  public var steps: Int { batch.steps(0) }

  /// The cell of the player.
  public var player: Int { batch.player(0) }

  /// gym-sokoban's `boxes_on_target`: 0 until the first step after a reset.
  public var boxesOnTarget: Int { batch.boxesOnTarget(0) }

  /// Whether every target is covered.
  public var isSolved: Bool { batch.isSolved(0) }

  /// The raw values of the ``Tile``s now, row by row.
  public var tiles: [UInt8] { batch.tiles }

  /// The tiny picture now, red, green and blue of each cell, `[rows × columns × 3]`.
  public var picture: [UInt8] { batch.pictures }

  /// The room as it stands now, as a level of its own.
  public var position: Level {
    let level = level
    let boxes = tiles.indices.filter {
      tiles[$0] == Tile.box.rawValue || tiles[$0] == Tile.boxOnTarget.rawValue
    }
    return Level(
      unchecked: (level.rows, level.columns), fixed: level.fixed, boxes: boxes, player: player)
  }

  /// The tiles as a string of digits: gym-sokoban's `room_state`, and 6 for the player on a target.
  public var roomState: String {
    String(decoding: batch.tiles.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
  }
}
