package import Numerics
package import Sokoban

/// How long a policy's solutions are beside the shortest ones, over the levels that it solved.
package struct SolutionLengths: Equatable, Sendable {
  /// The number of solved levels.
  package let solved: Int
  /// How many of them were solved in the fewest steps there are.
  package let shortest: Int
  /// The sum of the policy's steps.
  package let steps: Int
  /// The sum of the fewest steps.
  package let fewestSteps: Int

  /// Solves every level that the policy solved.
  ///
  /// - Parameters:
  ///   - levels: The levels.
  ///   - rollouts: What became of each.
  ///   - workers: The threads.
  /// - Throws: ``UnsolvedLevel``, the first level that is too hard for the solver.
  /// - Precondition: One rollout a level.
  package init(_ levels: [Level], _ rollouts: [Rollout], workers: Workers) throws {
    precondition(
      levels.count == rollouts.count, "\(rollouts.count) rollouts of \(levels.count) levels")
    let solved = levels.indices.filter { rollouts[$0].isSolved }
    let fewest = try Self.fewestSteps(
      of: solved.map { levels[$0] }, numbers: solved, workers: workers)
    self.solved = solved.count
    shortest = zip(solved, fewest).count { rollouts[$0].steps == $1 }
    steps = solved.reduce(0) { $0 + rollouts[$1].steps }
    fewestSteps = fewest.reduce(0, +)
  }

  /// The fewest steps that solve each level.
  ///
  /// - Parameters:
  ///   - levels: The levels.
  ///   - numbers: What an error calls them; nil: their places here.
  ///   - workers: The threads.
  /// - Returns: A number a level.
  /// - Throws: ``UnsolvedLevel``, the first level that is too hard for the solver.
  package static func fewestSteps(
    of levels: [Level], numbers: [Int]? = nil, workers: Workers
  ) throws -> [Int] {
    let starts = Array(stride(from: 0, to: levels.count, by: levelsTogether))
    return try workers.map(starts.count) { piece in
      // Levels of a piece share the solver's memory.
      var solver = Solver()
      let end = min(starts[piece] + levelsTogether, levels.count)
      return try (starts[piece]..<end).map { index in
        do {
          return try solver.solve(levels[index]).moves
        } catch let error as SolverError {
          throw UnsolvedLevel(level: numbers?[index] ?? index, reason: error)
        }
      }
    }.flatMap { $0 }
  }

  private static let levelsTogether = 16
}

/// A level whose fewest steps are not known.
package struct UnsolvedLevel: Error, Equatable, Sendable, CustomStringConvertible {
  /// Its number.
  package let level: Int
  /// Why.
  package let reason: SolverError

  /// Which level, and what was found.
  package var description: String { "level \(level): \(reason)" }
}
