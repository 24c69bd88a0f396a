extension EpisodeRecorder {
  /// Solves a position beside the shortest path of every episode that `writer` does not have yet, writes the episodes
  /// from there, and finishes the file.
  ///
  /// Such a position is where a player stands who has played a random part of a solution and then up to `steps` random
  /// steps. Optimal episodes from there show how to go on after a mistake, which episodes of rooms as they were
  /// generated never do. Positions that cannot be solved any more are replaced by others; `generator` gives the random
  /// numbers of the episode with an index; `progress` is called now and then with the number that are done.
  ///
  /// - Throws: ``RecordingError``, `FileError` from the writer, and what reading an episode throws.
  /// - Precondition: `steps > 0`.
  package func record(
    besides episodes: EpisodeCollection, upTo steps: Int, to writer: EpisodeWriter,
    generator: @Sendable (Int) -> some RandomNumberGenerator & Sendable,
    progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    precondition(steps > 0, "nobody leaves a path by \(steps) steps")
    let limit = limit
    let solvers = WorkspacePool { Solver(limit: limit) }
    let summary = try record(
      try Self.indexes(from: writer.completed, count: episodes.count), with: solvers,
      outcome: { index, solver in
        let episode = try episodes.episode(at: index)
        guard episode.kind == .solution else {
          let (file, index) = try episodes.place(of: index)
          throw RecordingError.game(file: file, index: index)
        }
        var numbers = generator(index)
        for _ in 0..<Self.attempts {
          guard let position = episode.position(besideUpTo: steps, using: &numbers) else {
            continue
          }
          let outcome = try solver.outcome(of: position, index: index)
          if case .failure(.unsolvable) = outcome { continue }
          return outcome
        }
        return .success(episode)
      }, to: { try write($1, to: writer) }, progress: progress)
    try writer.finish()
    return summary
  }

  /// How many positions are tried before an episode is kept as it is.
  private static let attempts = 100
}

extension Episode {
  /// The position after a random part of the steps and 1 to `steps` random ones; nil if it is solved.
  fileprivate func position(
    besideUpTo steps: Int, using generator: inout some RandomNumberGenerator
  ) -> Level? {
    var environment = Environment(level, maxSteps: .max)
    for action in actions[..<generator.draw(below: max(1, actions.count))] {
      _ = environment.step(action)
    }
    for _ in 0...generator.draw(below: steps) {
      let direction = Direction.allCases[generator.draw(below: 4)]
      _ = environment.step(Action(pushing: direction))
    }
    return environment.isSolved ? nil : environment.position
  }
}
