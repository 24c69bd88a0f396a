internal import CProcessor
internal import Dispatch
internal import Foundation
internal import Synchronization

/// The threads behind ``Workers``: one that calls, and helpers that stay awake for a moment between two calls.
///
/// Decoding text spreads work hundreds of times in a tenth of a second. To put a thread to sleep and to wake it takes
/// longer than many of those pieces, so helpers first look out for the next call for ``patience``; a program that is
/// idle uses no processor. Where a container may use less of the processor than it sees cores, looking out counts against
/// its share: ask for fewer threads there. Helpers have the niceness of the thread that first needed them.
final class WorkerTeam: @unchecked Sendable {
  // SAFETY: `body`, `pieces` and `helpers` are written by the thread that holds `isTaken` alone, before it posts to
  // the helpers; a helper reads `body` and `pieces` between taking the post and saying that it is idle again, and the
  // caller waits for that.

  /// As many threads as the machine has cores.
  static let shared = WorkerTeam(size: UsableCores.count)

  /// How long a thread looks out before it sleeps.
  private static let patience = Duration.microseconds(100)

  /// The most threads that work together, the calling one included.
  private let size: Int
  private let isTaken = Atomic(false)
  private let next = Atomic(0)
  private var pieces = 0
  private var body: (@Sendable (Int) -> Void)?
  private var helpers: [Helper] = []

  /// A team without helpers yet: they begin when they are first needed, and never end.
  init(size: Int) { self.size = size }

  /// Calls `body` once for every piece in `0..<pieces` on up to `count` threads, and waits for all of them.
  ///
  /// - Returns: False, and nothing is done, when the team is at work already: for another thread, or for the piece
  ///   that asks.
  func forEach(
    _ pieces: Int, threads count: Int, _ body: @Sendable (Int) -> Void
  ) -> Bool {
    guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    withoutActuallyEscaping(body) { body in
      self.body = body
      self.pieces = pieces
      next.store(0, ordering: .relaxed)
      let wanted = max(0, min(count, size, pieces) - 1)
      while helpers.count < wanted { helpers.append(Helper(of: self)) }
      for helper in helpers.prefix(wanted) { helper.post() }
      work()
      for helper in helpers.prefix(wanted) { helper.finish() }
      self.body = nil
    }
    isTaken.store(false, ordering: .releasing)
    return true
  }

  /// Takes pieces until none is left. Never inlined: when it returns, its hold on the closure is gone too.
  @inline(never)
  private func work() {
    guard let body else { return }
    let pieces = pieces
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      body(piece)
    }
  }

  /// Waits until `isTrue`, but no longer than ``patience``; false when it was in vain.
  private static func lookOut(for isTrue: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + patience
    repeat {
      for _ in 0..<32 {
        if isTrue() { return true }
        processor_relax()
      }
    } while clock.now < end
    return false
  }
}

extension WorkerTeam {
  /// A thread that helps, and the slot in which the caller and it tell each other how far they are.
  private final class Helper: Sendable {
    private enum State: UInt8, AtomicRepresentable {
      /// The helper looks out for a post.
      case idle
      /// The helper sleeps; whoever changes that has to wake it.
      case asleep
      /// There is work, which the helper has not taken yet.
      case posted
      /// The helper works.
      case working
      /// The helper works, and the caller sleeps until it is done.
      case awaited
    }

    private let state = Atomic(State.idle)
    private let wake = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    /// Begins a thread.
    init(of team: WorkerTeam) {
      let thread = Thread { self.serve(team) }
      thread.name = "laser worker"
      thread.start()
    }

    private func serve(_ team: WorkerTeam) -> Never {
      while true {
        if lookOut(for: { state.load(ordering: .relaxed) == .posted }) {
          guard change(.posted, to: .working) else { continue }
          team.work()
          if state.exchange(.idle, ordering: .acquiringAndReleasing) == .awaited { done.signal() }
        } else if change(.idle, to: .asleep) {
          wake.wait()
        }
      }
    }

    /// Offers the team's work to the helper, which is idle or asleep.
    func post() {
      if state.exchange(.posted, ordering: .acquiringAndReleasing) == .asleep { wake.signal() }
    }

    /// Takes back an offer that the helper has not noticed, or waits until it is done.
    func finish() {
      if change(.posted, to: .idle) { return }
      if lookOut(for: { state.load(ordering: .acquiring) != .working }) { return }
      if change(.working, to: .awaited) { done.wait() }
    }

    private func change(_ from: State, to new: State) -> Bool {
      state.compareExchange(expected: from, desired: new, ordering: .acquiringAndReleasing)
        .exchanged
    }
  }
}
