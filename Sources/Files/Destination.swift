internal import Foundation

/// Where the bytes written to a path go.
package struct Destination: Equatable, Sendable {
  /// The file itself; no symbolic link, unless it is one of the system's.
  package let path: String
  /// Whether it is written in place: a pipe, a terminal, or a name of the system's.
  package let isDirect: Bool

  /// How many links are followed; Linux follows as many.
  private static let longestChain = 40

  /// Follows the symbolic links at the end of `path`; the last may name a file that is yet to come.
  ///
  /// - Throws: ``FileError/cannotWrite(path:code:)`` if they run in a circle.
  package init(of path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      self.init(path: path, isDirect: true)
      return
    }
    var target = path
    for _ in 0..<Self.longestChain {
      // What stands here may be a link to a regular file (`/dev/stdout` of `laser … > file`), yet the
      // name is the system's, and the file is somebody's who has it open.
      let isSystems = target.hasPrefix("/dev/") && !target.hasPrefix("/dev/shm/")
      if isSystems || target.hasPrefix("/proc/") {
        self.init(path: target, isDirect: true)
        return
      }
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else {
        self.init(path: target, isDirect: false)
        return
      }
      let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
      target = next.hasPrefix("/") ? next : folder + next
    }
    throw FileError.cannotWrite(path: path, code: ELOOP)
  }

  private init(path: String, isDirect: Bool) {
    self.path = path
    self.isDirect = isDirect
  }
}
