import ArgumentParser
import Foundation
import LaserOps

/// `laser study` — the figures and tables of the paper, each from one command.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Draws the paper's figures and tables for your model and your data.",
    discussion: """
      Every study has a folder of its own with journal.jsonl, result.json and report.html. Killed \
      and started again with the same arguments it goes on where it was. 'laser report' joins the \
      reports of several folders.
      """,
    subcommands: [
      LayersCommand.self, DepthCommand.self, ComposeCommand.self, FrequencyCommand.self,
      TailCommand.self, RankCommand.self, TablesCommand.self,
    ])
}

/// Where a study's journal, result and report go, and for whom it prints.
struct StudyOutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder of the journal, the result and the report.")
  var output: String
  @OptionGroup var format: OutputOptions

  var folder: StudyFolder { StudyFolder(URL(userPath: output)) }

  /// Writes result and report, and prints the result.
  ///
  /// - Parameters:
  ///   - result: The result.
  ///   - text: The result for a person.
  /// - Returns: What the progress bar says last.
  /// - Throws: `StorageError`, and what keeps the report from being written.
  func finish(_ result: some Encodable, text: String) throws -> String {
    try folder.write(result, command: ShellCommand.current.text)
    try StudyReportWriter(folders: [folder]).write(to: folder.report)
    if format.isJSON { try Output.json(result) } else { print(text) }
    return "report in \(folder.report.path)"
  }
}
