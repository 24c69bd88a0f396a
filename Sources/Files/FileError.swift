internal import Foundation

/// A file that the system would not read or write.
package enum FileError: Error, Equatable, Sendable {
  /// Missing, a folder, or not ours to read; `code` is the system's `errno`.
  case cannotRead(path: String, code: Int32)
  /// No folder, no permission, or no space; `code` is the system's `errno`.
  case cannotWrite(path: String, code: Int32)
}

extension FileError: CustomStringConvertible {
  /// What could not be done, to which file, why, and what to do.
  package var description: String {
    switch self {
    case .cannotRead(let path, let code):
      "cannot read \(path): \(Self.message(code))" + Self.readingAdvice(code)
    case .cannotWrite(let path, let code):
      "cannot write \(path): \(Self.message(code))" + Self.writingAdvice(code)
    }
  }

  /// What to do about a file that cannot be read; empty where the system's words say it.
  private static func readingAdvice(_ code: Int32) -> String {
    switch code {
    case ENOENT:
      "; check the path, which is relative to \(FileManager.default.currentDirectoryPath)"
    case EISDIR: "; name a file in it"
    case EACCES, EPERM: "; you need permission to read it (chmod +r, or another user)"
    default: ""
    }
  }

  /// What to do about a file that cannot be written.
  private static func writingAdvice(_ code: Int32) -> String {
    switch code {
    case ENOSPC: "; free some space and run the command again"
    case EDQUOT: "; your quota is used up: free some space and run the command again"
    case ENOENT, ENOTDIR: "; make its folder first, or name another place"
    case EISDIR: "; name a file in it"
    case EACCES, EPERM, EROFS: "; name a place that you may write"
    default: ""
    }
  }

  /// The system's words for an `errno`.
  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// The `errno` behind an error of Foundation's; EIO where it has none.
  package static func code(of error: any Error) -> Int32 {
    let error = error as NSError
    if error.domain == NSPOSIXErrorDomain { return Int32(truncatingIfNeeded: error.code) }
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error { return code(of: cause) }
    return EIO
  }
}
