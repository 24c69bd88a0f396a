import Numerics
import ArgumentParser

/// `laser`: what happens to a trained transformer when the rank of one weight matrix is cut.
@main
struct Laser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laser",
    abstract: "Cuts the rank of a trained transformer's weight matrices and measures what happens.",
    version: Version.text,
    subcommands: [
      SokobanCommand.self, EpisodesCommand.self, TrainCommand.self, EvaluateCommand.self,
      QuestionsCommand.self, GenerateTextCommand.self, PerplexityCommand.self, SearchCommand.self,
      StudyCommand.self,
      SpectrumCommand.self,
      ApplyCommand.self, TokensCommand.self, LogitsCommand.self,
      GradientsCommand.self, TaskCommand.self, ReportCommand.self, DemoCommand.self,
    ])

  /// Reads the command line and runs the command that it names.
  static func main() {
    ProcessMemory.keepFreedBlocks()
    main(nil)
  }
}
