extension EpisodeRecorder {
  /// Solves every game of `games` that `writer` does not have yet anew wherever it leaves the shortest way, writes the
  /// episodes that begin like the game and go on like the solution, and finishes the file.
  ///
  /// The first such episode of a game is the level's own solution. A step after which the shortest solution is not one
  /// shorter is a mistake; after each the game is followed, and corrected by a solution from where it then stands. A game
  /// without a mistake gives none, nor does what comes after a mistake that nothing mends, or a position that came before.
  /// So a policy that learns from these episodes sees what it does not know yet: where its own games lead, and what
  /// to do there (DAgger, arXiv:1011.0686).
  ///
  /// - Parameters:
  ///   - games: Games as they were played; what is a solution or corrected already is refused.
  ///   - writer: Where the episodes go, those of a game as one record.
  ///   - progress: Called now and then with the number of games that are done.
  /// - Throws: ``RecordingError``, `FileError` from the writer, and what reading a game throws.
  /// - Returns: Counts of the episodes that were recorded now, and the games whose levels are too hard.
  public func record(
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
        guard game.kind == .game else { throw RecordingError.noGame(index: index) }
        return try solver.corrections(of: game, index: index)
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

extension Solver {
  /// The solution of a game's level and those that begin after its mistakes; none where it makes no mistake.
  fileprivate mutating func corrections(
    of game: Episode, index: Int
  ) throws -> Result<[Episode], SolverError> {
    var environment = Environment(game.level, maxSteps: .max)
    var seen: Set<Level> = [game.level]
    var episodes: [Episode] = []
    do {
      guard !environment.isSolved else { return .success([]) }
      var plan = try solve(game.level).actions[...]
      episodes.append(Episode(level: game.level, actions: Array(plan)))
      var hasMistake = false
      for (step, action) in game.actions.enumerated() where !environment.isSolved {
        let isPlanned = plan.first?.asPush == action.asPush
        _ = environment.step(action.asPush)
        if isPlanned {
          plan = plan.dropFirst()
          continue
        }
        let position = environment.position
        let better = try solve(position).actions
        let isMistake = better.count >= plan.count
        plan = better[...]
        guard isMistake else { continue }
        hasMistake = true
        if seen.insert(position).inserted {
          episodes.append(
            Episode(level: game.level, playing: Array(game.actions[...step]), correctedBy: better))
        }
      }
      guard hasMistake else { return .success([]) }
    } catch SolverError.unsolvable where !episodes.isEmpty {
      // The mistake that nothing mends: the episode before it shows what to do instead.
    } catch let error as SolverError {
      return .failure(error)
    }
    for episode in episodes {
      do { try episode.check() } catch let error as SolutionError {
        throw RecordingError.wrongSolution(index: index, episode, error)
      }
    }
    return .success(episodes)
  }
}
