internal import Numerics
package import Sokoban

/// The games that a policy plays in worlds that somebody else steps, such as gym-sokoban: pictures and rewards in,
/// actions out. A game keeps its keys and values between two actions.
///
/// ```swift
/// let games = try PolicyGames(of: policy)
/// let action = try games.action(in: "a", seeing: environment.picture)
/// ```
package final class PolicyGames {
  private let policy: Policy
  private let options: RolloutOptions
  private let embeddings: EmbeddingCache
  private var games: [String: Game] = [:]
  /// The number of games that have begun, which sampled actions depend on.
  private var begun = 0

  private struct Game {
    let number: Int
    let stepper: PolicyStepper
    var input: PolicyStepper.Input
    var time = 0
  }

  /// No game yet.
  ///
  /// - Parameters:
  ///   - policy: Who plays.
  ///   - options: How. A game ends after ``RolloutOptions/maximumSteps``.
  /// - Throws: ``RolloutError``.
  package init(of policy: Policy, options: RolloutOptions = RolloutOptions()) throws {
    try policy.check([], options)
    self.policy = policy
    self.options = options
    embeddings = EmbeddingCache(by: InferenceEncoder(of: policy))
  }

  /// The next action of a game, which begins with its first one.
  ///
  /// - Parameters:
  ///   - game: Its name.
  ///   - picture: The tiny picture now, `[rows × columns × 3]`.
  ///   - reward: What the action before has earned; not read in the first step.
  /// - Returns: The action, and the number of the step, counted from 0.
  /// - Throws: ``RolloutError`` for a picture of another size, a game that is over, or logits that are no numbers.
  package func action(
    in game: String, seeing picture: [UInt8], reward: Double = 0
  ) throws -> (action: Action, step: Int) {
    guard picture.count == policy.configuration.pictureCount else {
      throw RolloutError.wrongPicture(
        game: game, bytes: picture.count, expected: policy.configuration.pictureCount)
    }
    var state = games[game] ?? start()
    guard state.time < options.maximumSteps else {
      throw RolloutError.gameOver(game: game, steps: options.maximumSteps)
    }
    if state.time > 0 { state.input.returnToGo -= reward }
    picture.withUnsafeBufferPointer { state.stepper.show($0, at: 0) }
    state.stepper.step([state.input], time: state.time)
    let logits = UnsafeBufferPointer(
      start: state.stepper.logits.start, count: policy.configuration.actions)
    guard logits.allSatisfy(\.isFinite) else {
      throw RolloutError.notANumber(level: state.number, step: state.time)
    }
    let choice = Policy.choose(logits, options.choice, level: state.number, time: state.time)
    let step = state.time
    state.input.previousAction = choice
    state.time += 1
    games[game] = state
    return (Action(pushing: Direction(rawValue: UInt8(choice)) ?? .up), step)
  }

  /// Whether a game has had its first step.
  package func hasBegun(_ game: String) -> Bool { games[game] != nil }

  /// Forgets a game; its name may begin another one.
  package func end(_ game: String) { games[game] = nil }

  private func start() -> Game {
    defer { begun += 1 }
    return Game(
      number: begun, stepper: PolicyStepper(policy, sequences: 1, embeddings: embeddings),
      input: .init(slot: 0, returnToGo: options.targetReturn, previousAction: 0))
  }
}
