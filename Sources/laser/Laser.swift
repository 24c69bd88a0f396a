import ArgumentParser
import Files
import Foundation
import LaserOps
import Numerics

/// `laser`: what happens to a trained transformer when the rank of one weight matrix is cut.
@main
struct Laser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laser",
    abstract: "Cuts the rank of a trained transformer's weight matrices and measures what happens.",
    discussion: """
      Start with one of these. What this machine has, a model before and after an edit, the best edit:

        laser doctor
        laser generate --model MODEL --prompt TEXT --edit Uout:28:0.4
        laser search --model MODEL --task jsonl --data FILE --guided -o run
      """,
    version: Version.text,
    subcommands: [
      SokobanCommand.self, EpisodesCommand.self, TrainCommand.self, EvaluateCommand.self,
      CompareCommand.self, ActCommand.self,
      QuestionsCommand.self, GenerateTextCommand.self, PerplexityCommand.self, SearchCommand.self,
      StudyCommand.self,
      SpectrumCommand.self,
      ApplyCommand.self, TokensCommand.self, LogitsCommand.self,
      GradientsCommand.self, TaskCommand.self, ReportCommand.self, MergeCommand.self,
      StatusCommand.self, DemoCommand.self,
      DoctorCommand.self, ManualCommand.self, ParseCommand.self,
    ])

  /// Reads the command line and runs the command that it names.
  static func main() {
    FasterBuild.takeOver()
    ProcessMemory.keepFreedBlocks()
    var failure: (any Error)?
    do { try runCommand() } catch { failure = error }
    do {
      try Output.finish()
    } catch {
      // What ended the command itself says with which code.
      if failure == nil { failure = error } else { Output.note("Error: \(error)") }
    }
    guard let failure else { return }
    guard isPassing(failure) else { exit(withError: failure) }
    Output.note("Error: \(failure)")
    Foundation.exit(Interruption.code)
  }

  /// Runs the command, or prints the help that is asked for.
  ///
  /// - Throws: What ends the command before its time.
  private static func runCommand() throws {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error where exitCode(for: error).isSuccess {
      // `exit(withError:)` would print it and not look whether it was written.
      let text = fullMessage(for: error)
      if !text.isEmpty { print(text) }
    }
  }

  /// Whether the same command may succeed later.
  private static func isPassing(_ error: any Error) -> Bool {
    switch error {
    case let error as RunError: error.isPassing
    case OutputError.isTraining: true
    case FileError.cannotWrite(_, let code): [ENOSPC, EDQUOT].contains(code)
    default: false
    }
  }
}
