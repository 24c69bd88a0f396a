internal import Dispatch
internal import Foundation
internal import Synchronization

/// A number of threads over which independent pieces of work are spread.
///
/// Work is divided into pieces by the caller, and by the number of threads only where no result depends on how, so
/// that results are the same bytes whatever the number is. Inside a piece BLAS runs on one thread.
public struct Workers: Sendable, Equatable {
  /// How many pieces run at the same time, at least one.
  public let count: Int

  /// - Precondition: `count > 0`.
  public init(count: Int) {
    precondition(count > 0, "work needs at least one thread, not \(count)")
    self.count = count
  }

  /// One worker for every core that this process may use: see `UsableCores`.
  public static let allCores = Workers(count: UsableCores.count)

  /// Calls `body` once for every piece in `0..<pieces`, in any order, and waits for all of them.
  ///
  /// A piece may spread work itself, but then more threads than cores can be at work.
  public func forEach(_ pieces: Int, _ body: @Sendable (Int) -> Void) {
    guard count > 1, pieces > 1 else {
      for piece in 0..<pieces { body(piece) }
      return
    }
    if WorkerTeam.shared.forEach(pieces, threads: count, body) { return }
    // Other threads spread work too, or a piece does.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(count, pieces)) { _ in
      while true {
        let piece = next.add(1, ordering: .relaxed).oldValue
        guard piece < pieces else { return }
        body(piece)
      }
    }
  }

  /// The results of `body` for every piece, in order.
  ///
  /// - Throws: The error of the first piece that failed, first by its number and not by the clock.
  public func map<Value: Sendable, Failure: Error>(
    _ pieces: Int, _ body: @Sendable (Int) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    let results = Mutex([Result<Value, Failure>?](repeating: nil, count: pieces))
    let lowestFailure = Atomic(Int.max)
    forEach(pieces) { piece in
      // What comes after a failed piece is not asked for; what comes before it may fail too, and first.
      guard piece < lowestFailure.load(ordering: .relaxed) else { return }
      let result = Result { () throws(Failure) in try body(piece) }
      if case .failure = result { lowestFailure.min(piece, ordering: .relaxed) }
      results.withLock { $0[piece] = result }
    }
    var values: [Value] = []
    values.reserveCapacity(pieces)
    for case let result? in results.withLock({ $0 }) { values.append(try result.get()) }
    return values
  }
}
