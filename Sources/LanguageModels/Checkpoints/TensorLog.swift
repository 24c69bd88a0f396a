internal import Synchronization

/// Which tensors of a file have been asked for.
final class TensorLog: Sendable {
  private let content = Mutex<Set<String>>([])

  /// Notes that these were.
  func insert(_ names: [String]) { content.withLock { $0.formUnion(names) } }

  /// Those that were, so far.
  var names: Set<String> { content.withLock { $0 } }
}
