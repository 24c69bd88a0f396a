import Sokoban

/// What ``PlanHead`` is asked about an episode, seen from one step: built from the last step backwards.
struct PlanTargets {
  /// One step that moved the player.
  struct Move {
    /// The cell that the player leaves.
    let cell: Int
    let direction: Direction
    /// Whether a box moves with the player.
    let pushes: Bool
  }

  /// For every cell of the room, `[cells × questions]`: which way the player next leaves it, and which way a box on it is next
  /// pushed; 0 for never, otherwise one more than the direction's number.
  private var answers: [UInt8]
  private let columns: Int

  /// A plan without any step.
  init(cells: Int, columns: Int) {
    answers = [UInt8](repeating: 0, count: cells * PlanHead.questions)
    self.columns = columns
  }

  /// Puts a step before all others.
  mutating func precede(with move: Move) {
    let answer = move.direction.rawValue + 1
    answers[move.cell * PlanHead.questions] = answer
    if move.pushes {
      let box = move.cell + move.direction.offset(columns: columns)
      answers[box * PlanHead.questions + 1] = answer
    }
  }

  /// The answers of some cells, `[cells × questions]`.
  func answers(at cells: [Int]) -> [UInt8] {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(cells.count * PlanHead.questions)
    for cell in cells {
      for question in 0..<PlanHead.questions {
        chosen.append(answers[cell * PlanHead.questions + question])
      }
    }
    return chosen
  }
}
