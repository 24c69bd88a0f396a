extension EpisodeRecorder {
  /// Solves every game of `games` that `writer` does not have yet anew wherever it leaves the shortest way, writes the
  /// episodes that begin like the game and go on like the solution, and finishes the file.
  ///
  /// A step after which the shortest solution is not one shorter is a mistake. The first episode of a game is the level's own
  /// solution. At each mistake one shows what to do instead, unless an earlier one comes by there, and one behind it how to
  /// go on, unless nothing mends it. A game without a mistake gives none. So a policy that learns from these episodes sees
  /// what it does not know yet: where its own games lead, and what to do there (DAgger, arXiv:1011.0686).
  ///
  /// - Parameters:
  ///   - games: Games as they were played; what is a solution or corrected already is refused.
  ///   - writer: Where the episodes go, those of a game as one record.
  ///   - progress: Called now and then with the number of games that are done.
  /// - Throws: ``RecordingError``, `FileError` from the writer, and what reading a game throws.
  /// - Returns: Counts of the episodes that were recorded now, and the games whose levels are too hard.
  package func record(
    corrections games: EpisodeCollection, to writer: EpisodeWriter,
    progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    let limit = limit
    let solvers = WorkspacePool { Solver(limit: limit) }
    var summary = RecordingSummary()
    try forEach(
      try Self.indexes(from: writer.completed, count: games.count), with: solvers,
      outcome: { index, solver in
        let game = try games.episode(at: index)
        guard game.kind == .game else {
          let (file, index) = try games.place(of: index)
          throw RecordingError.noGame(file: file, index: index)
        }
        return try Correction.episodes(of: game, index: index, solver: &solver)
      },
      to: { index, outcome in
        summary.add(outcome, index: index)
        switch outcome {
        case .success(let episodes) where episodes.isEmpty:
          try writer.append(withoutEpisode: "no mistake")
        case .success(let episodes): try writer.append(together: episodes)
        case .failure(let error): try writer.append(withoutEpisode: error.description)
        }
      }, progress: progress)
    try writer.finish()
    return summary
  }
}

/// One game, followed step by step, and what it gives.
private struct Correction {
  private let game: Episode
  private var episodes: [Episode] = []
  /// The positions from which an episode goes on with a solution.
  private var taught: Set<Level> = []
  /// Solutions: stuck games come back to the same positions.
  private var solutions: [Level: [Action]] = [:]
  private var hasMistake = false

  private init(_ game: Episode) { self.game = game }

  /// The episodes that a game gives, or why its level is too hard.
  ///
  /// - Throws: ``RecordingError/wrongSolution(index:_:_:)``.
  static func episodes(
    of game: Episode, index: Int, solver: inout Solver
  ) throws -> Result<[Episode], SolverError> {
    var correction = Correction(game)
    do {
      try correction.follow(with: &solver)
    } catch let error as SolverError {
      guard correction.hasMistake else { return .failure(error) }
    }
    guard correction.hasMistake else { return .success([]) }
    for episode in correction.episodes {
      do { try episode.check() } catch let error as SolutionError {
        throw RecordingError.wrongSolution(index: index, episode, error)
      }
    }
    return .success(correction.episodes)
  }

  /// Plays the game to its end, or to a mistake that nothing mends.
  private mutating func follow(with solver: inout Solver) throws {
    var environment = Environment(game.level, maxSteps: .max)
    guard !environment.isSolved else { return }
    var position = game.level
    var plan = try solution(of: position, by: &solver)[...]
    teach(plan, after: 0, at: position)
    // Whether what is planned is the rest of an episode.
    var isTaught = true
    for (step, action) in game.actions.enumerated() where !environment.isSolved {
      let isPlanned = plan.first?.asPush == action.asPush
      _ = environment.step(action.asPush)
      let before = position
      position = environment.position
      if isPlanned {
        plan = plan.dropFirst()
        continue
      }
      let better: [Action]?
      do { better = try solution(of: position, by: &solver) } catch SolverError.unsolvable {
        better = nil
      }
      if let better, better.count < plan.count {
        // Another shortest way.
        plan = better[...]
        isTaught = false
        continue
      }
      hasMistake = true
      if !isTaught { teach(plan, after: step, at: before) }
      guard let better else { return }
      plan = better[...]
      teach(plan, after: step + 1, at: position)
      isTaught = true
    }
  }

  private mutating func solution(of position: Level, by solver: inout Solver) throws -> [Action] {
    if let known = solutions[position] { return known }
    let found = try solver.solve(position).actions
    solutions[position] = found
    return found
  }

  /// Adds the episode that goes on with `plan` after some steps of the game.
  private mutating func teach(_ plan: ArraySlice<Action>, after steps: Int, at position: Level) {
    guard taught.insert(position).inserted else { return }
    episodes.append(
      steps == 0
        ? Episode(level: game.level, actions: Array(plan))
        : Episode(
          level: game.level, playing: Array(game.actions.prefix(steps)), correctedBy: Array(plan)))
  }
}
