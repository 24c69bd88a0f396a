internal import Synchronization

/// Working memory that threads borrow, so that it is made once a thread and not once a block.
struct WorkspacePool<Workspace: Sendable>: ~Copyable, Sendable {
  private let idle = Mutex<[Workspace]>([])
  private let make: @Sendable () -> Workspace

  init(_ make: @escaping @Sendable () -> Workspace) { self.make = make }

  func take() -> Workspace { idle.withLock { $0.popLast() } ?? make() }

  func give(back workspace: Workspace) { idle.withLock { $0.append(workspace) } }
}
