import ArgumentParser
import Foundation
import LaserOps

/// `laser report` — finished searches and studies as one HTML page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes the HTML report of searches and studies, finished or still going.")

  @Argument(help: "Output folders of laser search and laser study.", completion: .file())
  var folders: [String]
  @Option(
    name: .shortAndLong, help: "The page to write (default: report.html in the first folder).",
    completion: .file())
  var output: String?

  func run() throws {
    guard let first = folders.first else { return }
    if let output { try OutputPath.checkFile(output) }
    let page = output.map(URL.init(userPath:)) ?? RunFolder(URL(userPath: first)).report
    try ReportWriter(paths: folders, mayBeGoingOn: true).write(to: page)
    print(page.path)
  }
}
