/// Solves levels in the fewest steps of the player, pushes and walks alike.
///
/// Of all shortest solutions it gives the canonical one: at every state the first direction, in
/// gym-sokoban's order up, down, left, right, with which some shortest solution of that state begins.
/// So the solution is a function of the level alone, and what is left of it after some steps is the
/// canonical solution of the level as it then stands: one action belongs to each state.
///
/// A solver keeps its memory between levels; give each thread its own.
public struct Solver: Sendable {
  /// How many states (boxes and player) a search may meet before it is given up.
  public let limit: Int
  /// How many bytes the positions that a search has met may take up before it is given up.
  public let memory: Int

  private var small = LayeredSearch<UInt64>()
  private var medium = LayeredSearch<UInt128>()

  /// The limit that callers get who name none. Rooms of 10 × 10 cells then take up to 700 MB.
  public static let defaultLimit = 5_000_000
  /// The memory that callers get who name none, 1 GB of positions. As arrays grow by doubling, the
  /// process may come to hold twice as much for a solver; it counts for boards of any size, whose
  /// positions take 16 bytes (10 × 10) to 520 (64 × 64) and more.
  public static let defaultMemory = 1 << 30

  /// A solver that gives up after `limit` states, or before the states take more than `memory` bytes.
  ///
  /// - Precondition: `limit > 0 && memory > 0`.
  public init(limit: Int = Solver.defaultLimit, memory: Int = Solver.defaultMemory) {
    precondition(limit > 0 && memory > 0, "a limit of \(limit) states and \(memory) bytes")
    self.limit = limit
    self.memory = memory
  }

  /// The canonical shortest solution of `level`; empty when it is solved already.
  ///
  /// - Throws: `SolverError`.
  public mutating func solve(_ level: Level) throws -> Solution {
    let region = SolverRegion(level)
    guard region.isSolvedOutside else { throw SolverError.unsolvable(expanded: 0) }
    let area = region.width * region.height
    return if area <= UInt64.capacity {
      try solve(level, region, with: &small)
    } else if area <= UInt128.capacity {
      try solve(level, region, with: &medium)
    } else if area <= CellBlock<4>.capacity {
      try solveLarge(level, region, CellBlock<4>.self)
    } else if area <= CellBlock<16>.capacity {
      try solveLarge(level, region, CellBlock<16>.self)
    } else {
      try solveLarge(level, region, CellBlock<64>.self)
    }
  }

  /// Large levels are rare; their memory is not kept.
  private func solveLarge<Cells: CellSet>(
    _ level: Level, _ region: SolverRegion, _: Cells.Type
  ) throws -> Solution {
    var search = LayeredSearch<Cells>()
    return try solve(level, region, with: &search)
  }

  private func solve<Cells>(
    _ level: Level, _ region: SolverRegion, with search: inout LayeredSearch<Cells>
  ) throws -> Solution {
    let board = SolverBoard<Cells>(level, region: region)
    switch search.run(board, limit: limit, memory: memory) {
    case .exhausted: throw SolverError.unsolvable(expanded: search.expanded)
    case .limitReached: throw SolverError.limitReached(limit: limit)
    case .memoryReached: throw SolverError.memoryReached(bytes: memory)
    case .solved:
      return Solution(actions: search.solution(board), expanded: search.expanded)
    }
  }
}
