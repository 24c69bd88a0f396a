/// Why written steps are not a solution; steps count from 0.
package enum SolutionError: Error, Equatable, Sendable {
  /// Not one of `udlrUDLR`.
  case unknownLetter(UInt8, step: Int)
  /// A wall, or a box that a lower-case letter must not push or that does not give way.
  case blocked(Action, step: Int)
  /// A lower-case letter in a played game whose step pushed a box.
  case pushes(Action, step: Int)
  /// An upper-case letter where no box is.
  case pushesNothing(Action, step: Int)
  /// Steps follow the one that covers the last target.
  case solvedEarly(after: Int, of: Int)
  /// A target is left uncovered.
  case unsolved(after: Int)
}

extension SolutionError: CustomStringConvertible {
  /// Which step is wrong, and why.
  package var description: String {
    switch self {
    case .unknownLetter(let letter, let step):
      "step \(step) is byte \(letter), expected a letter of udlr (moves) or UDLR (pushes)"
    case .blocked(let action, let step):
      "step \(step) ('\(SolutionError.letter(action))') is blocked by a wall or a box; the solution belongs to another level?"
    case .pushes(let action, let step):
      "step \(step) ('\(SolutionError.letter(action))') pushes a box; expected upper case for a push"
    case .pushesNothing(let action, let step):
      "step \(step) ('\(SolutionError.letter(action))') pushes no box; expected lower case for a move"
    case .solvedEarly(let steps, let count):
      "the level is solved after \(steps) of \(count) steps; expected the solution to end there"
    case .unsolved(let count):
      "the \(count) steps leave a target uncovered"
    }
  }

  private static func letter(_ action: Action) -> Character {
    Character(UnicodeScalar(action.letter ?? UInt8(ascii: "-")))
  }
}
