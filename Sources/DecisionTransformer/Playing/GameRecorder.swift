package import Numerics
package import Sokoban

/// Lets a policy play and writes its games, as they were played, with what they earned.
///
/// The games are the same whatever the number of threads, wherever a recording was resumed, and however many processes
/// share it: rooms play in groups of 64 that begin at multiples of 64.
package struct GameRecorder: Sendable {
  private let policy: Policy
  private let options: RolloutOptions
  private let workers: Workers

  /// - Parameters:
  ///   - policy: Who plays.
  ///   - options: How; sampled, its games differ from one another.
  ///   - workers: The threads.
  package init(_ policy: Policy, options: RolloutOptions, workers: Workers = .allCores) {
    self.policy = policy
    self.options = options
    self.workers = workers
  }

  /// What a recording came to.
  package struct Summary: Equatable, Sendable {
    /// The number of games, of their steps, and of those that solved their level.
    package var games = 0
    package var steps = 0
    package var solved = 0
    /// The sum of what they earned.
    package var totalReturn = 0.0
  }

  /// Plays the levels of `range` that `writer` does not have yet, writes the games, and finishes the file.
  ///
  /// - Parameters:
  ///   - range: Numbers of levels.
  ///   - count: How many levels there are in all.
  ///   - writer: Where the games go.
  ///   - levels: The levels with some numbers, 64 at most; all of which ``Policy/check(_:_:)`` allows.
  ///   - progress: Called now and then with the number of levels that are done.
  /// - Throws: ``RolloutError``, `RecordingError`, `FileError` from the writer, and what `levels` throws.
  /// - Returns: Counts of the games that were played now.
  package func record(
    _ range: Range<Int>, of count: Int, to writer: EpisodeWriter,
    levels: @Sendable (Range<Int>) throws -> [Level], progress: (Int) -> Void = { _ in }
  ) throws -> Summary {
    guard writer.completed <= range.count else {
      throw RecordingError.moreRecordsThanLevels(records: writer.completed, levels: range.count)
    }
    let together = Policy.levelsTogether
    let encoder = InferenceEncoder(of: policy)
    var summary = Summary()
    var next = range.lowerBound + writer.completed
    while next < range.upperBound {
      let first = next / together
      let groups = first..<min(first + Self.groupsTogether, (range.upperBound - 1) / together + 1)
      let games = try workers.map(groups.count) { place in
        let start = (groups.lowerBound + place) * together
        let numbers = start..<min(start + together, count)
        let rooms = try levels(numbers)
        return zip(
          rooms,
          try policy.playTogether(
            rooms, numbers: Array(numbers), options, embeddings: EmbeddingCache(by: encoder)))
      }.flatMap { $0 }
      for (place, (level, game)) in games.enumerated() {
        guard place + groups.lowerBound * together == next, next < range.upperBound else {
          continue
        }
        try writer.append(Episode(level: level, playing: game.actions))
        summary.games += 1
        summary.steps += game.steps
        summary.solved += game.isSolved ? 1 : 0
        summary.totalReturn += game.totalReturn
        next += 1
      }
      progress(next - range.lowerBound)
    }
    try writer.finish()
    return summary
  }

  /// How many groups are played before they are written.
  private static let groupsTogether = 16
}
