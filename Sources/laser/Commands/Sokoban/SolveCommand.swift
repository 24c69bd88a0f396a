import Numerics
import ArgumentParser
import Sokoban

/// `laser sokoban solve` — move-optimal solutions of every level of a file.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Solves levels in the fewest moves, walks counted.",
    discussion: """
      Of --shards N processes each solves a part of the levels that hangs together; what they print, one behind the other, \
      is what one process prints.
      """)

  @Argument(help: "A level file (XSB, Boxoban or episodes).", completion: .file())
  var file: String
  @Option(help: "Give a level up after so many positions.")
  var limit = Solver.defaultLimit
  @Option(
    name: .customLong("index"), parsing: .upToNextOption,
    help: "Only these levels, counted from 0, for example 0-5,9.")
  var chosen: [CommaList<IndexRange>] = []
  @OptionGroup(title: "Many processes") var sharing: BlockOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions

  /// Levels that one piece of work solves with the same memory.
  private static let pieceSize = 8

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit takes a number from 1.") }
  }

  func run() throws {
    let levels = try LevelFile(contentsOf: file)
    let indexes = chosen.isEmpty ? Array(levels.levels.indices) : chosen.indexes
    let wanted = try indexes[sharing.block(of: indexes.count)].map {
      (index: $0, level: try levels.level(at: $0))
    }
    let progress = ProgressBar("levels")
    var solved = 0
    // Block by block, so that results appear in order while later levels are still being solved.
    let blockSize = Self.pieceSize * 4 * threads.workers.count
    for start in stride(from: 0, to: wanted.count, by: blockSize) {
      let block = wanted[start..<min(start + blockSize, wanted.count)]
      for line in solve(Array(block)) {
        solved += line.solved ? 1 : 0
        if output.isJSON { try Output.json(line) } else { print(line.text) }
      }
      progress.show(min(start + blockSize, wanted.count), of: wanted.count)
    }
    progress.finish("\(solved) of \(wanted.count) solved")
  }

  private func solve(_ block: [(index: Int, level: Level)]) -> [SolvedLevel] {
    let pieces = (block.count + Self.pieceSize - 1) / Self.pieceSize
    let solved = threads.workers.map(pieces) { [limit] piece -> [SolvedLevel] in
      var solver = Solver(limit: limit)
      let end = min(block.count, (piece + 1) * Self.pieceSize)
      return block[piece * Self.pieceSize..<end].map { item in
        SolvedLevel(index: item.index, result: Result { try solver.solve(item.level) })
      }
    }
    return solved.flatMap(\.self)
  }
}

/// A line of `laser sokoban solve`.
private struct SolvedLevel: Encodable, Sendable {
  let index: Int
  let solved: Bool
  var moves: Int?
  var pushes: Int?
  var solution: String?
  var expanded: Int?
  var reason: String?

  init(index: Int, result: Result<Solution, any Error>) {
    self.index = index
    switch result {
    case .success(let found):
      solved = true
      moves = found.moves
      pushes = found.pushes
      solution = found.lurd
      expanded = found.expanded
    case .failure(let error):
      solved = false
      reason = String(describing: error)
    }
  }

  var text: String {
    guard let moves, let pushes, let solution else { return "\(index): \(reason ?? "not solved")" }
    return "\(index): \(moves) moves, \(pushes) pushes: \(solution)"
  }
}
