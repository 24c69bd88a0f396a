internal import Dispatch
internal import Synchronization

/// Solves levels on several threads and hands over the episodes in the order of the levels.
///
/// The episodes are the same whatever the number of threads is, and wherever a recording was resumed.
package struct EpisodeRecorder: Sendable {
  /// How many levels are solved at the same time.
  package let threads: Int
  /// The solvers' limit, in states a level; see ``Solver/limit``. Each of the threads has its own
  /// solver, and ``Solver/defaultMemory`` for it.
  package let limit: Int
  /// How the solutions of levels and rooms are spoilt; nil: not at all.
  package let noise: EpisodeNoise?

  /// - Precondition: `threads > 0 && limit > 0`.
  package init(threads: Int, limit: Int = Solver.defaultLimit, noise: EpisodeNoise? = nil) {
    precondition(threads > 0 && limit > 0, "\(threads) threads, a limit of \(limit)")
    self.threads = threads
    self.limit = limit
    self.noise = noise
  }

  /// What became of a level.
  package typealias Outcome = Result<Episode, SolverError>

  /// How many levels are done together: what waits in memory while one takes long, and is lost with it, is at most this.
  private static let blockSize = 2_048

  /// Solves the levels that `writer` does not have yet, writes them, and finishes the file.
  ///
  /// `progress` is called now and then with the number of levels that are done.
  ///
  /// - Throws: ``RecordingError``, and `FileError` from the writer.
  package func record(
    _ levels: [Level], to writer: EpisodeWriter, progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    let summary = try record(
      levels, skipping: writer.completed, to: { try write($1, to: writer) }, progress: progress)
    try writer.finish()
    return summary
  }

  /// Generates and solves the rooms that `writer` does not have yet, writes them, and finishes the
  /// file.
  ///
  /// The file comes to hold `count` rooms; `generator` gives the random numbers of the room with an
  /// index; `progress` is called now and then with the number of rooms that are done. A room that is,
  /// up to symmetry, among `excluded` is replaced by the next one of its random numbers.
  ///
  /// - Throws: ``RoomError``, ``RecordingError``, and `FileError` from the writer.
  package func record(
    rooms configuration: RoomConfiguration, count: Int, excluding excluded: Set<LevelClass> = [],
    to writer: EpisodeWriter, generator: @Sendable (Int) -> some RandomNumberGenerator & Sendable,
    progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    let summary = try record(
      rooms: configuration, count: count, skipping: writer.completed, excluding: excluded,
      generator: generator,
      to: { try write($1, to: writer) }, progress: progress)
    try writer.finish()
    return summary
  }

  /// Solves `levels` from `first` on and hands each outcome with its index to `sink`, in order, from one thread or another.
  ///
  /// - Throws: ``RecordingError``, and what `sink` throws.
  package func record(
    _ levels: [Level], skipping first: Int = 0, to sink: (Int, Outcome) throws -> Void,
    progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    let solvers = WorkspacePool { Solver(limit: limit) }
    return try record(
      try EpisodeRecorder.indexes(from: first, count: levels.count), with: solvers,
      outcome: { try $1.outcome(of: levels[$0], index: $0, noise: noise) }, to: sink,
      progress: progress)
  }

  /// Generates and solves the rooms `first..<count` and hands each outcome with its index to `sink`, in order, from one
  /// thread or another.
  ///
  /// - Throws: ``RoomError``, ``RecordingError``, and what `sink` throws.
  package func record(
    rooms configuration: RoomConfiguration, count: Int, skipping first: Int = 0,
    excluding excluded: Set<LevelClass> = [],
    generator: @Sendable (Int) -> some RandomNumberGenerator & Sendable,
    to sink: (Int, Outcome) throws -> Void, progress: (Int) -> Void = { _ in }
  ) throws -> RecordingSummary {
    let rooms = try RoomGenerator(configuration)
    let workspaces = WorkspacePool { (rooms: rooms, solver: Solver(limit: limit)) }
    return try record(
      try EpisodeRecorder.indexes(from: first, count: count), with: workspaces,
      outcome: { index, workspace in
        var numbers = generator(index)
        let room = try workspace.rooms.room(excluding: excluded, using: &numbers)
        return try workspace.solver.outcome(of: room, index: index, noise: noise)
      }, to: sink, progress: progress)
  }

  /// What is left of `count` levels after the `first` ones.
  static func indexes(from first: Int, count: Int) throws -> Range<Int> {
    precondition(first >= 0, "a recording goes on after 0 records or more, not \(first)")
    guard first <= count else {
      throw RecordingError.moreRecordsThanLevels(records: first, levels: count)
    }
    return first..<count
  }

  /// Works through `indexes`, counts what comes of them, and hands it to `sink`.
  func record<Workspace: Sendable>(
    _ indexes: Range<Int>, with workspaces: borrowing WorkspacePool<Workspace>,
    outcome: @Sendable (Int, inout Workspace) throws -> Outcome,
    to sink: (Int, Outcome) throws -> Void, progress: (Int) -> Void
  ) throws -> RecordingSummary {
    var summary = RecordingSummary()
    try forEach(
      indexes, with: workspaces, outcome: outcome,
      to: { index, outcome in
        summary.add(outcome.map { [$0] }, index: index)
        try sink(index, outcome)
      }, progress: progress)
    return summary
  }

  /// Works through `indexes`, in parallel, and hands what comes of them in order to `sink`: each as soon as all before it
  /// are done, on the thread that has done the last of them.
  func forEach<Workspace: Sendable, Outcome: Sendable>(
    _ indexes: Range<Int>, with workspaces: borrowing WorkspacePool<Workspace>,
    outcome: @Sendable (Int, inout Workspace) throws -> Outcome,
    to sink: (Int, Outcome) throws -> Void, progress: (Int) -> Void
  ) throws {
    try withoutActuallyEscaping(sink) { sink in
      try withoutActuallyEscaping(progress) { progress in
        // Whoever hands over holds the queue's lock, so that both are called by one thread at a time.
        nonisolated(unsafe) let (sink, progress) = (sink, progress)
        var start = indexes.lowerBound
        while start < indexes.upperBound {
          let block = start..<min(start + Self.blockSize, indexes.upperBound)
          try work(through: block, with: workspaces, outcome) { queue, result, index in
            queue.add(result, at: index, to: sink, progress: progress)
          }
          start = block.upperBound
        }
      }
    }
  }

  /// Works through `block` in parallel; `handOver` takes each outcome while no other thread is there, and says whether there
  /// is a use for more.
  private func work<Workspace: Sendable, Outcome: Sendable>(
    through block: Range<Int>, with workspaces: borrowing WorkspacePool<Workspace>,
    _ outcome: @Sendable (Int, inout Workspace) throws -> Outcome,
    handOver: @Sendable (inout OutcomeQueue<Outcome>, Result<Outcome, any Error>, Int) -> Bool
  ) throws {
    let queue = Mutex(OutcomeQueue<Outcome>(from: block.lowerBound))
    let next = Atomic(block.lowerBound)
    DispatchQueue.concurrentPerform(iterations: min(threads, block.count)) { _ in
      var workspace = workspaces.take()
      var goesOn = true
      while goesOn {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < block.upperBound else { break }
        let result = Result { try outcome(index, &workspace) }
        goesOn = queue.withLock { handOver(&$0, result, index) }
      }
      workspaces.give(back: workspace)
    }
    if let failure = queue.withLock(\.failure) { throw failure }
  }

  func write(_ outcome: Outcome, to writer: EpisodeWriter) throws {
    switch outcome {
    case .success(let episode): try writer.append(episode)
    case .failure(let error): try writer.append(withoutEpisode: error.description)
    }
  }
}

/// What came of levels, until all levels before them are done.
private struct OutcomeQueue<Outcome: Sendable>: Sendable {
  /// What is done before its turn.
  private var waiting: [Int: Result<Outcome, any Error>] = [:]
  /// The level whose turn it is.
  private var next: Int
  /// Why nothing more is handed over.
  private(set) var failure: (any Error)?

  init(from first: Int) { next = first }

  /// Takes what came of a level, and hands over all whose turn has come.
  ///
  /// - Returns: Whether there is a use for more.
  mutating func add(
    _ result: Result<Outcome, any Error>, at index: Int, to sink: (Int, Outcome) throws -> Void,
    progress: (Int) -> Void
  ) -> Bool {
    guard failure == nil else { return false }
    waiting[index] = result
    guard index == next else { return true }
    do {
      while let result = waiting.removeValue(forKey: next) {
        try sink(next, try result.get())
        next += 1
      }
    } catch {
      failure = error
      return false
    }
    progress(next)
    return true
  }
}

/// What a recording came to.
package struct RecordingSummary: Sendable {
  /// The number of episodes.
  package private(set) var episodes = 0
  /// The number of their steps.
  package private(set) var moves = 0
  /// The levels without an episode: their index, and why.
  package private(set) var unsolved: [(index: Int, error: SolverError)] = []

  mutating func add(_ outcome: Result<[Episode], SolverError>, index: Int) {
    switch outcome {
    case .success(let recorded):
      episodes += recorded.count
      moves += recorded.reduce(0) { $0 + $1.actions.count }
    case .failure(let error): unsolved.append((index, error))
    }
  }
}

extension Solver {
  /// The level with its solution, which is played before it counts, or why it has none.
  mutating func outcome(
    of level: Level, index: Int, noise: EpisodeNoise? = nil
  ) throws -> EpisodeRecorder.Outcome {
    let episode: Episode
    do {
      episode = Episode(level: level, actions: try solve(level).actions)
    } catch let error as SolverError {
      return .failure(error)
    }
    do {
      try episode.checkSolution()
    } catch let error as SolutionError {
      throw RecordingError.wrongSolution(index: index, episode, error)
    }
    guard let noise else { return .success(episode) }
    do {
      return .success(try noise.spoil(episode, index: index, solver: &self))
    } catch let error as SolverError {
      return .failure(error)
    }
  }
}
