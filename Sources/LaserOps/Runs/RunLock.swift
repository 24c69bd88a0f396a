internal import Files
internal import Foundation

/// A mark that a process of this machine is at work in a folder, for people who start the same run twice and for reports.
/// Nothing depends on it: where locks do not work there is none.
final class RunLock {
  private let file: FileHandle?

  /// Holds the lock of the file at `url` until the process ends, however it ends; nil if somebody else holds it.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - isShared: Whether others may hold it at the same time.
  init?(_ url: URL, isShared: Bool) {
    file = try? FileHandle(forReadingFrom: url)
    if let file, !OpenFile.lock(file, isShared: isShared) { return nil }
  }
}
