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
      TailCommand.self, RankCommand.self, GradientCommand.self,
      TablesCommand.self,
    ])
}

/// Where a study's journal, result and report go, and for whom it prints.
struct StudyOutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: "The folder of the journal, the result and the report.",
    completion: .file())
  var output: String
  @OptionGroup var format: OutputOptions

  var folder: RunFolder { RunFolder(URL(userPath: output)) }

  /// Opens the journal of a study that tries the edits of a grid.
  ///
  /// - Parameters:
  ///   - study: Which study.
  ///   - task: The model and what scores it.
  ///   - space: The grid. One that the model does not have leaves no journal behind, which would refuse the next attempt.
  /// - Returns: The journal.
  /// - Throws: `InterventionError` for a kind or a layer that the model lacks, `RunError`.
  func journal(
    _ study: StudyName, of task: ScoredTask<some Experiment>, trying space: SearchSpace
  ) throws -> Journal<Trial> {
    _ = try space.sites(of: task.experiment.model)
    var identity = task.experiment.identity.of(.study(study))
    identity.grid = try space.identity(for: task.experiment.model)
    return try folder.open(for: RunHeader(identity, from: task.provenance))
  }

  /// Writes result and report, and prints the result.
  ///
  /// - Parameters:
  ///   - result: The result.
  ///   - text: The result for a person.
  /// - Returns: What the progress bar says last.
  /// - Throws: `StorageError`, and what keeps the report from being written.
  func finish(_ result: some Encodable, text: String) throws -> String {
    try folder.write(result, command: ShellCommand.current.text)
    try ReportWriter(paths: [output]).write(to: folder.report)
    if format.isJSON { try Output.json(result) } else { print(text) }
    return "report in \(folder.report.path)"
  }
}
