import Reports
import Numerics
import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// The text part of the demo: the very search that the policies went through, on a language model's answers; then one in
/// which a gradient says where to cut.
struct DemoQuestions {
  let settings: DemoSettings
  /// The language model.
  let path: URL
  /// The questions' file.
  let data: String
  let folder: URL
  let workers: Workers

  /// Finished searches, and the commands that repeat them in another folder.
  struct Finished {
    /// The model's name, from its file or folder.
    let model: String
    /// The search of the last layers' grid.
    let report: SearchReport
    /// The guided search of all layers and matrices.
    let guided: SearchReport
    let commands: [ShellCommand]
  }

  /// Searches what is not searched yet.
  func run() throws -> Finished { try run(LanguageModelLoader.load(path)) }

  private func run(_ model: some LanguageModel) throws -> Finished {
    // Options have their defaults only after parsing.
    let questions = try TaskDetails.parse([]).questions(
      settings.task, data: [data], limit: nil, for: model, at: path.path, workers: workers)
    let experiment = try QuestionExperiment(
      model: model, questions: questions,
      split: try DataSplit(exampleCount: questions.examples.count), workers: workers)
    let layers = settings.questionLayers(of: model.layerCount)
    let space = try SearchSpace(
      kinds: settings.mlpKinds, layers: Array(layers), fractions: settings.questionFractions)
    let report = try search(
      space, of: experiment, in: Self.grid,
      saying:
        "\(questions.examples.count) questions, \(settings.mlpKinds.count) matrices in each of "
        + "the last \(settings.questionLayerCount) layers")
    let guided = try search(
      SearchSpace(), guide: Guide(), of: experiment, in: Self.guided,
      saying: "every matrix, where a gradient points")
    return Finished(
      model: (path.pathExtension == "gguf" ? path.deletingPathExtension() : path).lastPathComponent,
      report: report, guided: guided,
      commands: [
        command(
          in: Self.grid,
          [
            "--kinds", settings.mlpKinds.map(\.rawValue).joined(separator: ","), "--layers",
            "\(layers.lowerBound)-\(layers.upperBound - 1)", "--rhos",
            settings.questionFractions.map { "\($0)" }.joined(separator: ","),
          ]), command(in: Self.guided, ["--guided"]),
      ])
  }

  /// The folders of the two searches.
  static let grid = "questions"
  static let guided = "guided"

  /// Runs what is missing of a search.
  private func search<Model: LanguageModel>(
    _ space: SearchSpace, guide: Guide? = nil, of experiment: QuestionExperiment<Model>,
    in name: String, saying done: String
  ) throws -> SearchReport {
    let bar = SearchBar("search")
    var experiment = experiment
    experiment.progress = { bar.show(answers: $0, of: $1) }
    let search = InterventionSearch(of: experiment, space: space, options: .init(guide: guide))
    let target = RunFolder(folder.appendingPathComponent(name))
    _ = try target.run(
      search, of: experiment.identity, from: .current(model: path.relativePath, data: [data]),
      gradient: bar.show(gradients:of:), progress: bar.show)
    bar.finish(done)
    let (result, _, trials) = try target.finishedSearch()
    return SearchReport(result: result, trials: trials, vocabulary: .questions)
  }

  private func command(in name: String, _ options: [String]) -> ShellCommand {
    ShellCommand(
      ["laser", "search", "--model", path.relativePath, "--task", settings.task.rawValue]
        + ["--data", data] + options
        + ["-o", folder.appendingPathComponent("again/\(name)").relativePath])
  }
}
