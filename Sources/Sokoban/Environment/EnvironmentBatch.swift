/// Many environments of one size, side by side in memory, each stepped by itself.
///
/// The rules are gym-sokoban's to the letter (its `step`, `_push`, `_move` and `_calc_reward`), quirks
/// included: the box count is 0 after a reset even if a box already stands on a target, an episode
/// ends by equality with the step limit, and stepping on past the end is allowed.
///
/// The tiny picture of each room is kept up to date cell by cell: a step changes three at most.
/// ``Image/init(tilesOf:rows:columns:)`` is the plain way to the same bytes.
public struct EnvironmentBatch: Sendable {
  /// The step limit that gym-sokoban's Sokoban-v1 has.
  public static let defaultMaxSteps = 120

  /// The number of rows of every room.
  public let rows: Int
  /// The number of columns of every room.
  public let columns: Int
  /// The number of steps after which an episode ends unsolved.
  public let maxSteps: Int
  /// The rooms as they start.
  public private(set) var levels: [Level]
  /// The raw values of the ``Tile``s now, `[environments × rows × columns]`.
  public private(set) var tiles: [UInt8]
  /// The tiny pictures now, red, green and blue of each cell, `[environments × rows × columns × 3]`.
  public private(set) var pictures: [UInt8]

  /// What an environment knows besides its tiles.
  private struct Progress: Sendable {
    var player: Int
    var steps = 0
    /// Counts the player's target too: it is not covered by a box.
    var uncoveredTargets: Int
    var boxesOnTarget = 0
    let boxCount: Int
  }
  private var progress: [Progress]
  /// The change of the cell index by action, 0 for none.
  private let offsets: [Int]

  /// Sets up one environment a level, each at its start.
  ///
  /// - Throws: `EnvironmentError` when the levels differ in size.
  /// - Precondition: There is at least one level, and the step limit is positive.
  public init(_ levels: [Level], maxSteps: Int = EnvironmentBatch.defaultMaxSteps) throws {
    precondition(!levels.isEmpty && maxSteps > 0, "a batch needs a level and a positive step limit")
    self.init(uniform: levels, maxSteps: maxSteps)
    for (index, level) in levels.enumerated()
    where level.rows != rows || level.columns != columns {
      throw EnvironmentError.sizesDiffer(
        index: index, rows: level.rows, columns: level.columns, expectedRows: rows,
        expectedColumns: columns)
    }
    for index in levels.indices { reset(index) }
  }

  /// A batch of one, which cannot differ in size.
  init(single level: Level, maxSteps: Int) {
    precondition(maxSteps > 0, "the step limit must be positive, not \(maxSteps)")
    self.init(uniform: [level], maxSteps: maxSteps)
    reset(0)
  }

  private init(uniform levels: [Level], maxSteps: Int) {
    let columns = levels[0].columns
    rows = levels[0].rows
    self.columns = columns
    self.maxSteps = maxSteps
    self.levels = levels
    tiles = Array(repeating: 0, count: levels.count * levels[0].cellCount)
    pictures = Array(repeating: 0, count: levels.count * levels[0].cellCount * 3)
    progress = levels.map {
      Progress(player: $0.player, uncoveredTargets: 0, boxCount: $0.boxes.count)
    }
    offsets = Action.allCases.map { $0.direction?.offset(columns: columns) ?? 0 }
  }

  /// The number of environments.
  public var count: Int { levels.count }

  /// The number of cells of a room.
  public var cellCount: Int { rows * columns }

  /// Plays `action` in environment `index`; a blocked one costs a step and leaves the room as it is.
  public mutating func step(_ index: Int, _ action: Action) -> Transition {
    var state = progress[index]
    let moved = apply(action, base: index * cellCount, state: &state)
    state.steps += 1

    // Same order of additions as `_calc_reward`, so that the doubles agree in every bit.
    var reward = -0.1
    let boxesOnTarget = state.boxCount - state.uncoveredTargets
    if boxesOnTarget > state.boxesOnTarget {
      reward += 1
    } else if boxesOnTarget < state.boxesOnTarget {
      reward -= 1
    }
    state.boxesOnTarget = boxesOnTarget
    var outcome = GameOutcome.ongoing
    if state.uncoveredTargets == 0 {
      reward += 10
      outcome = .solved
    } else if state.steps == maxSteps {
      outcome = .outOfSteps
    }
    progress[index] = state
    return Transition(
      reward: reward, outcome: outcome, movedPlayer: moved.player, movedBox: moved.box)
  }

  /// Puts environment `index` back to its start.
  public mutating func reset(_ index: Int) {
    let level = levels[index]
    progress[index] = Progress(
      player: level.player,
      uncoveredTargets: level.boxes.count { level.fixed[$0] != .target },
      boxCount: level.boxes.count)
    for (cell, tile) in level.tiles.enumerated() { show(tile, at: index * cellCount + cell) }
  }

  /// Puts environment `index` at the start of another level.
  ///
  /// - Precondition: `level` has the size of the others.
  public mutating func reset(_ index: Int, to level: Level) {
    precondition(
      level.rows == rows && level.columns == columns,
      "a \(level.rows) × \(level.columns) level in a batch of \(rows) × \(columns)")
    levels[index] = level
    reset(index)
  }

  /// The number of steps that environment `index` has taken since its reset.
  public func steps(_ index: Int) -> Int { progress[index].steps }

  /// The cell of the player in environment `index`.
  public func player(_ index: Int) -> Int { progress[index].player }

  /// gym-sokoban's `boxes_on_target` of environment `index`: 0 until the first step after a reset.
  public func boxesOnTarget(_ index: Int) -> Int { progress[index].boxesOnTarget }

  /// Whether every target of environment `index` is covered.
  public func isSolved(_ index: Int) -> Bool { progress[index].uncoveredTargets == 0 }

  /// The tiny picture of environment `index`, `[rows × columns × 3]`.
  public func picture(_ index: Int) -> ArraySlice<UInt8> {
    pictures[index * cellCount * 3..<(index + 1) * cellCount * 3]
  }

  // The digits make the rules arithmetic: a player on floor or target (5, 6) is that tile plus 4, a
  // box on target or floor (3, 4) is 5 minus the tile (2, 1), and 9 minus a box is a player there.
  private mutating func apply(
    _ action: Action, base: Int, state: inout Progress
  ) -> (player: Bool, box: Bool) {
    let offset = offsets[Int(action.rawValue)]
    guard offset != 0 else { return (false, false) }
    let here = base + state.player
    let next = here + offset
    let tile = tiles[next]
    switch tile {
    case 1, 2:
      show(tiles[here] - 4, at: here)
      show(tile + 4, at: next)
      state.player += offset
      return (true, false)
    case 3, 4:
      guard action.isPush else { return (false, false) }
      // A box is never in the outermost ring, so the cell beyond it exists.
      let beyond = tiles[next + offset]
      guard beyond == 1 || beyond == 2 else { return (false, false) }
      show(tiles[here] - 4, at: here)
      show(9 - tile, at: next)
      show(5 - beyond, at: next + offset)
      state.player += offset
      state.uncoveredTargets += (tile == 3 ? 1 : 0) - (beyond == 2 ? 1 : 0)
      return (true, true)
    default:
      return (false, false)
    }
  }

  /// Changes one cell, in the tiles and in the picture.
  @inline(__always)
  private mutating func show(_ tile: UInt8, at index: Int) {
    tiles[index] = tile
    let color = TinyPalette.packed(tile)
    pictures[index * 3] = UInt8(truncatingIfNeeded: color >> 16)
    pictures[index * 3 + 1] = UInt8(truncatingIfNeeded: color >> 8)
    pictures[index * 3 + 2] = UInt8(truncatingIfNeeded: color)
  }
}
