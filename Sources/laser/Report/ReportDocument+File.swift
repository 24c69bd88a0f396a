import Files
import Foundation
import Reports

extension ReportDocument {
  /// Draws and writes a page where a file for it was named, and says so.
  ///
  /// - Throws: `FileError`.
  static func write(_ page: @autoclosure () -> ReportDocument, to path: String?) throws {
    guard let path else { return }
    try AtomicFile.write(page().html, to: URL(userPath: path))
    Output.note("figure in \(path)")
  }
}
