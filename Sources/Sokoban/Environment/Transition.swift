/// How things stand after a step.
public enum GameOutcome: Hashable, Sendable {
  /// Play goes on.
  case ongoing
  /// Every target is covered.
  case solved
  /// The step limit is reached with a target uncovered.
  case outOfSteps
}

/// What one step brought.
public struct Transition: Hashable, Sendable {
  /// The reward of the step, to the last bit as Python adds it up.
  public var reward: Double
  /// Whether play goes on.
  public var outcome: GameOutcome
  /// Whether the player changed cells.
  public var movedPlayer: Bool
  /// Whether a box changed cells.
  public var movedBox: Bool

  /// Whether gym-sokoban reports the episode as done.
  public var isDone: Bool { outcome != .ongoing }
}
