/// How solutions are spoilt on purpose: a share of the steps goes in a random direction.
///
/// After a random step that leaves the shortest path the level is solved anew from there. Where it cannot be solved any
/// more, every further step is random, until the step limit: so episodes come to earn all there is to earn.
public struct EpisodeNoise: Sendable {
  /// The probability of a random step, 0 to 1.
  public let share: Double
  /// The steps after which a game ends unsolved.
  public let maximumSteps: Int
  /// Gives the random numbers of the level with an index.
  private let generator: @Sendable (Int) -> any RandomNumberGenerator

  /// - Precondition: `share` is from 0 to 1, `maximumSteps` positive.
  public init(
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
  /// - Throws: ``SolverError`` for a position that is too hard.
  func spoil(_ solution: Episode, index: Int, solver: inout Solver) throws -> Episode {
    var generator = generator(index)
    var environment = Environment(solution.level, maxSteps: maximumSteps)
    // What is left of the shortest path; nil where there is none.
    var plan: ArraySlice<Action>? = solution.actions[...]
    var actions: [Action] = []
    var isDone = environment.isSolved
    while !isDone {
      let isRandom = generator.draw(probability: share)
      let random = Action(pushing: Direction.allCases[generator.draw(below: 4)])
      let planned = plan?.first?.asPush
      let action = isRandom ? random : planned ?? random
      let transition = environment.step(action)
      actions.append(action)
      isDone = transition.isDone
      if action == planned {
        plan = plan?.dropFirst()
      } else if plan != nil, transition.movedPlayer, !isDone {
        do {
          plan = try solver.solve(environment.position).actions[...]
        } catch SolverError.unsolvable {
          plan = nil
        }
      }
    }
    return Episode(level: solution.level, playing: actions)
  }
}
