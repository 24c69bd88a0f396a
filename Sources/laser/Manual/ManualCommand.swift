import ArgumentParser
import Files
import Foundation

/// `laser manual` — the manual pages, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Writes a manual page for every command.",
    discussion: """
      laser.1, laser-search.1 and so on, as the parser describes the commands; make install puts them where man \
      finds them.
      """,
    shouldDisplay: false)

  @Option(name: .shortAndLong, help: "The folder of the pages.", completion: .file())
  var output: String

  func run() throws {
    let folder = try OutputPath.makeFolder(output)
    for command in try CommandDescription.laser().family {
      let page = ManualPage(command: command, version: Version.current)
      try AtomicFile.write(page.text, to: folder.appendingPathComponent(page.fileName))
    }
  }
}
