/// How solutions are spoilt on purpose: a share of the steps goes in a random direction.
///
/// Where a random step has left the shortest path, the next step that is not random begins a shortest path from there. Where
/// there is none any more, every further step is random, until the step limit: so returns of every size occur.
package struct EpisodeNoise: Sendable {
  /// The probability of a random step, 0 to 1.
  package let share: Double
  /// The steps after which a game ends unsolved.
  package let maximumSteps: Int
  /// Gives the random numbers of the level with an index.
  private let generator: @Sendable (Int) -> any RandomNumberGenerator

  /// - Precondition: `share` is from 0 to 1, `maximumSteps` positive.
  package init(
    share: Double, maximumSteps: Int = EnvironmentBatch.defaultMaxSteps,
    generator: @escaping @Sendable (Int) -> any RandomNumberGenerator
  ) {
    precondition((0...1).contains(share) && maximumSteps > 0, "\(share), \(maximumSteps)")
    self.share = share
    self.maximumSteps = maximumSteps
    self.generator = generator
  }

  /// Plays the solution with random steps in between.
  ///
  /// - Parameters:
  ///   - solution: A shortest one.
  ///   - index: The level's number, whose random numbers are drawn.
  ///   - solver: Solves positions anew.
  /// - Returns: The game.
  /// - Throws: `SolverError` for a position that is too hard.
  func spoil(_ solution: Episode, index: Int, solver: inout Solver) throws -> Episode {
    var generator = generator(index)
    var environment = Environment(solution.level, maxSteps: maximumSteps)
    var plan = Plan.known(solution.actions[...])
    var actions: [Action] = []
    var isDone = environment.isSolved
    while !isDone {
      let isRandom = generator.draw(probability: share)
      let random = Action(pushing: Direction.allCases[generator.draw(below: 4)])
      if !isRandom, case .unknown = plan {
        do {
          plan = .known(try solver.solve(environment.position).actions[...])
        } catch SolverError.unsolvable {
          plan = .none
        }
      }
      let action = isRandom ? random : plan.next ?? random
      let transition = environment.step(action)
      actions.append(action)
      isDone = transition.isDone
      if transition.movedPlayer { plan.follow(action) }
    }
    return Episode(level: solution.level, playing: actions)
  }

  /// What is known of the shortest path from where the player stands.
  private enum Plan {
    case known(ArraySlice<Action>)
    /// The player has left it.
    case unknown
    /// There is none.
    case none

    var next: Action? {
      guard case .known(let actions) = self else { return nil }
      return actions.first?.asPush
    }

    mutating func follow(_ action: Action) {
      guard case .known(let actions) = self else { return }
      self = action == next ? .known(actions.dropFirst()) : .unknown
    }
  }
}
