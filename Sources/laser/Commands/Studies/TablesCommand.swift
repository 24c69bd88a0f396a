import Reports
import ArgumentParser
import Foundation
import LaserOps

/// `laser study tables` — finished searches beside the paper's Tables 1 to 3.
struct TablesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables",
    abstract: "Puts finished searches beside the paper's Tables 1, 2 and 3.",
    discussion: "Language models go into Tables 1 and 3, policies into Table 2.")

  @Argument(help: "Output folders of laser search.", completion: .file())
  var folders: [String]
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    Interruption.endsWithCode()
    let result = try TablesResult(
      of: folders.map { RunFolder(URL(userPath: $0)) }, scoredBy: \.text)
    // Nothing takes long here; the journal says what the folder is.
    let _: Journal<Trial> = try target.folder.open(
      for: RunHeader(RunIdentity(kind: .study(.tables)), from: .current()))
    let last = try target.finish(result, text: result.text)
    Output.note(last)
  }
}
