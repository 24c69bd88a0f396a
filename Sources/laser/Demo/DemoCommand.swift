import ArgumentParser
import DecisionTransformer
import Foundation
import Sokoban

/// `laser demo` — the main job, on what ships with the project: train, search, report.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Cuts the rank of a policy's and a language model's matrices and writes a report.",
    discussion: """
      Killed and started again it goes on where it was. To start afresh, choose another folder.
      """)

  @Option(
    name: .shortAndLong, help: "The folder of the policy, the search and the report.",
    completion: .file())
  var output = "runs/demo"
  @Option(
    help: "The folder of the episodes (default: those that come with laser).", completion: .file())
  var episodes: String?
  @Option(
    help: "The folder of a trained policy (default: the one that comes with laser).",
    completion: .file())
  var shipped: String?
  @Option(
    help: ArgumentHelp(
      "The language model (default: SmolLM2-135M, where make model puts it).",
      valueName: "path"), completion: .file())
  var model: String?
  @Option(
    help: "The CounterFact questions that it answers (default: those that come with laser).",
    completion: .file())
  var questions: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let episodes = URL(userPath: try ShippedFile.episodes.path(named: episodes))
    let shipped = URL(userPath: try ShippedFile.policy.path(named: shipped))
    let questions = try ShippedFile.questions.path(named: questions)
    let demo = Demo(
      settings: DemoSettings(), folder: try OutputPath.makeFolder(output), episodes: episodes,
      shipped: shipped, model: languageModel, questions: questions, workers: threads.workers)
    let finished = try demo.run()
    if format.isJSON {
      try Output.json(finished.results)
    } else {
      print("Policy\n\(finished.results.policy.text)")
      print("Shipped policy, four boxes\n\(finished.results.shipped.text)")
      if let language = finished.results.language { print("Language model\n\(language.text)") }
      if let guided = finished.results.guided { print("Language model, guided\n\(guided.text)") }
    }
    Output.note("Open the report: \(finished.report.path)")
  }

  /// The model that was named, or the one of `make model` if it is there.
  private var languageModel: URL? {
    if let model { return URL(userPath: model) }
    let path = ModelCache.smolLM2
    guard FileManager.default.fileExists(atPath: path.path) else {
      Output.note(
        "no language model at \(path.path): the demo ends with the policies (make model fetches it)"
      )
      return nil
    }
    return path
  }
}
