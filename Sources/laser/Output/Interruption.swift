import Foundation

import Synchronization

/// Signals that ask a long command to stop: it ends with the code for "come again".
///
/// A search ends at once: what is finished is on the disk by then, line by line; what is not is lost, at most about a
/// minute's work. A training saves first.
enum Interruption {
  /// The exit code of a command that the same command may finish later: BSD's EX_TEMPFAIL.
  static let code: Int32 = 75

  /// From now on TERM, INT and USR1 (what a batch system sends before its limit) end the process with ``code``.
  ///
  /// They are unblocked too: a process inherits what whoever started it had blocked.
  static func endsWithCode() {
    // SAFETY: Only `write` and `_exit` are called, which a handler may call at any time.
    handle { _ in
      let text: StaticString = "\ninterrupted; the same command goes on where this one was\n"
      _ = Foundation.write(2, text.utf8Start, text.utf8CodeUnitCount)
      _exit(75)
    }
  }

  /// From now on the first of these signals is only remembered in ``isAsked``, for a command that has something to save; a
  /// second one ends the process with ``code``.
  static func isRemembered() {
    // SAFETY: An atomic operation and `_exit`, which a handler may use at any time.
    handle { _ in
      if Interruption.asked.exchange(true, ordering: .relaxed) { _exit(75) }
    }
  }

  /// Whether the command has been asked to stop.
  static var isAsked: Bool { asked.load(ordering: .relaxed) }

  private static let asked = Atomic(false)

  private static func handle(_ handler: @escaping @convention(c) (Int32) -> Void) {
    // Made before a handler may need it.
    _ = isAsked
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGUSR1] {
      sigaddset(&signals, number)
      signal(number, handler)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
