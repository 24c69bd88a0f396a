import Foundation

/// Signals that ask a long command to stop: it ends at once with the code for "come again".
///
/// What is finished is on the disk by then, line by line; what is not is lost, at most about a minute's work.
enum Interruption {
  /// The exit code of a command that the same command may finish later: BSD's EX_TEMPFAIL.
  static let code: Int32 = 75

  /// From now on TERM, INT and USR1 (what a batch system sends before its limit) end the process with ``code``.
  ///
  /// They are unblocked too: a process inherits what whoever started it had blocked.
  static func endsWithCode() {
    var asked = sigset_t()
    sigemptyset(&asked)
    for number in [SIGTERM, SIGINT, SIGUSR1] { sigaddset(&asked, number) }
    defer { pthread_sigmask(SIG_UNBLOCK, &asked, nil) }
    for number in [SIGTERM, SIGINT, SIGUSR1] {
      // SAFETY: Only `write` and `_exit` are called, which a handler may call at any time.
      signal(number) { _ in
        let text: StaticString = "\ninterrupted; the same command goes on where this one was\n"
        _ = Foundation.write(2, text.utf8Start, text.utf8CodeUnitCount)
        _exit(75)
      }
    }
  }
}
