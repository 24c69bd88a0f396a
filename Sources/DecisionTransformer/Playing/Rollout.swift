public import Sokoban

/// How a policy plays.
public struct RolloutOptions: Codable, Equatable, Sendable {
  /// How the next action is chosen.
  public enum Choice: Codable, Equatable, Sendable {
    /// The most likely one; the lowest number among equals.
    case greedy
    /// By its probability; the same seed gives the same games.
    case sampled(seed: UInt64)
  }

  /// The return that the policy is asked for at the start, finite as a float; it falls by every reward received
  /// (10 in the paper).
  public var targetReturn = 10.0
  /// The steps after which an episode ends unsolved.
  public var maximumSteps = EnvironmentBatch.defaultMaxSteps
  /// How the next action is chosen.
  public var choice = Choice.greedy

  /// Greedy, target return 10, the environment's step limit.
  public init() {}
}

/// What became of one level.
public struct Rollout: Equatable, Sendable {
  /// Whether the last step covered the last target.
  public var isSolved = false
  /// The sum of the rewards.
  public var totalReturn = 0.0
  /// Every action, in order.
  public var actions: [Action] = []
  /// How many boxes stood on targets at the end.
  public var boxesOnTarget = 0

  /// The number of steps.
  public var steps: Int { actions.count }
}

/// Why a policy cannot play.
package enum RolloutError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A level, of a file if one is named, has another size than the policy's picture.
  case wrongRoomSize(
    level: Int, rows: Int, columns: Int, expectedRows: Int, expectedColumns: Int,
    file: String? = nil)
  /// The policy has no embedding for so many steps.
  case tooManySteps(asked: Int, available: Int)
  /// The target return is no number, or too large for the policy's floats.
  case badTargetReturn(Double)
  /// The policy's opinion is no number.
  case notANumber(level: Int, step: Int)
  /// A picture of another size than the policy was trained on.
  case wrongPicture(game: String, bytes: Int, expected: Int)
  /// A game that has had all its steps.
  case gameOver(game: String, steps: Int)

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .wrongRoomSize(
      let level, let rows, let columns, let expectedRows, let expectedColumns, let file):
      "\(file.map { "\($0), " } ?? "")level \(level) has \(rows) × \(columns) cells, expected \(expectedRows) × \(expectedColumns), which the policy was trained on; give levels of that size"
    case .tooManySteps(let asked, let available):
      "\(asked) steps were asked for, expected 1 to \(available), which the policy can number; choose a step limit in that range"
    case .badTargetReturn(let value):
      "the target return is \(value), expected a number of at most \(Float.greatestFiniteMagnitude)"
    case .notANumber(let level, let step):
      "the policy's logits in level \(level) at step \(step) are not numbers; its weights or the edit are damaged"
    case .wrongPicture(let game, let bytes, let expected):
      "game '\(game)': the picture has \(bytes) bytes, expected \(expected): red, green and blue of every cell, in rooms of the size that the policy was trained on"
    case .gameOver(let game, let steps):
      "game '\(game)' has had its \(steps) steps; end it, or raise the step limit"
    }
  }
}
