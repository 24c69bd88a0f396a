import CCommit

/// Which `laser` this is.
///
/// Known since the build: a program that was copied somewhere still knows it, and none is asked at run time.
enum Version {
  /// Raised by the commit that changes what a command prints or writes.
  static let current = "0.15.0"

  /// The version and, where it was built by the Makefile in a clone, the commit, such as `0.5.0 (d9effb5, changed)`.
  static var text: String {
    let commit = String(cString: laser_commit())
    let isChanged = commit.hasSuffix("-dirty")
    guard !commit.isEmpty else { return current }
    return "\(current) (\(isChanged ? "\(commit.dropLast(6)), changed" : commit))"
  }
}
