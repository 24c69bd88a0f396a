/// The game that `laser sokoban play` shows, without the terminal: keys in, text out.
package struct TerminalGame: Sendable {
  /// Finds a solution of the level that it is given; throws ``SolverError/unsolvable(expanded:)`` if there is none.
  package typealias Solver = @Sendable (Level) throws -> [Action]

  /// What is being played.
  package let level: Level
  /// Whether the player has left.
  package private(set) var hasQuit = false
  /// A line about the last key, empty if there is nothing to say.
  package private(set) var message = ""
  /// The steps played so far, pushes told from moves.
  package private(set) var actions: [Action] = []

  private var environment: Environment
  /// The steps that were undone by a restart, brought back by an undo right after it.
  private var beforeRestart: [Action] = []
  private let solve: Solver

  /// Sets up a level; `solve` serves hints and solutions.
  package init(_ level: Level, solve: @escaping Solver) {
    self.level = level
    self.solve = solve
    environment = Environment(level, maxSteps: .max)
  }

  /// Whether every box is where it belongs.
  package var isSolved: Bool { environment.isSolved }

  /// The number of steps played.
  package var moves: Int { actions.count }

  /// The number of pushes among them.
  package var pushes: Int { actions.count { $0.isPush } }

  /// The raw values of the ``Tile``s now.
  package var tiles: [UInt8] { environment.tiles }

  /// Does what `key` asks for.
  package mutating func press(_ key: TerminalKey) {
    message = ""
    switch key {
    case .go(let direction): go(direction)
    case .undo: undo()
    case .restart:
      beforeRestart = actions.isEmpty ? beforeRestart : actions
      replay([])
      message = "Back at the start; u undoes that."
    case .hint: playSolution(steps: 1)
    case .solution: playSolution(steps: .max)
    case .quit: hasQuit = true
    }
  }

  private mutating func go(_ direction: Direction) {
    guard !isSolved else {
      message = "Already solved: u takes a step back, r restarts, q leaves."
      return
    }
    let transition = environment.step(Action(pushing: direction))
    guard transition.movedPlayer else { return }
    beforeRestart = []
    actions.append(
      transition.movedBox ? Action(pushing: direction) : Action(moving: direction))
    if isSolved { message = "Solved in \(moves) moves, \(pushes) pushes." }
  }

  private mutating func undo() {
    if actions.isEmpty {
      replay(beforeRestart)
      beforeRestart = []
    } else {
      replay(actions.dropLast())
    }
  }

  private mutating func replay(_ steps: [Action]) {
    environment.reset()
    for action in steps { _ = environment.step(action) }
    actions = steps
  }

  private mutating func playSolution(steps: Int) {
    guard !isSolved else {
      message = "Already solved."
      return
    }
    do {
      let (boxes, player) = (boxesNow, environment.player)
      let now = try Level(
        rows: level.rows, columns: level.columns, fixed: level.fixed, boxes: boxes, player: player)
      let solution = try solve(now)
      for action in solution.prefix(steps) {
        guard let direction = action.direction else { continue }
        go(direction)
      }
      if !isSolved { message = "Moves to go: \(solution.count - min(steps, solution.count))." }
    } catch SolverError.unsolvable {
      message = "No solution from here: undo (u) or restart (r)."
    } catch {
      message = "No hint: \(error)"
    }
  }

  private var boxesNow: [Int] {
    environment.tiles.indices.filter {
      environment.tiles[$0] == Tile.box.rawValue
        || environment.tiles[$0] == Tile.boxOnTarget.rawValue
    }
  }
}
