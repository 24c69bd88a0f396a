import Reports
import Numerics
import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// The text part of the demo: the very search that the policies went through, on a language model's answers.
struct DemoQuestions {
  let settings: DemoSettings
  /// The language model.
  let path: URL
  /// The questions' file.
  let data: String
  let folder: URL
  let workers: Workers

  /// A finished search, and the command that repeats it in another folder.
  struct Finished {
    /// The model's name, from its file or folder.
    let model: String
    let report: SearchReport
    let command: ShellCommand
  }

  /// Searches what is not searched yet.
  func run() throws -> Finished { try run(LanguageModelLoader.load(path)) }

  private func run(_ model: some LanguageModel) throws -> Finished {
    // Options have their defaults only after parsing.
    let questions = try TaskDetails.parse([]).questions(
      settings.task, data: [data], limit: nil, for: model, at: path.path, workers: workers)
    var experiment = try QuestionExperiment(
      model: model, questions: questions,
      split: try DataSplit(exampleCount: questions.examples.count), workers: workers)
    let layers = settings.questionLayers(of: model.layerCount)
    let bar = SearchBar("search")
    experiment.progress = { bar.show(answers: $0, of: $1) }
    let search = InterventionSearch(
      model: model, objective: experiment.objective, split: experiment.split,
      space: try SearchSpace(
        kinds: settings.mlpKinds, layers: Array(layers), fractions: settings.questionFractions)
    )
    let target = RunFolder(folder.appendingPathComponent("questions"))
    _ = try target.run(
      search, of: experiment.identity, from: .current(model: path.relativePath, data: [data]),
      progress: bar.show)
    bar.finish(
      "\(questions.examples.count) questions, \(settings.mlpKinds.count) matrices in each of "
        + "the last \(settings.questionLayerCount) layers")
    let (result, _, trials) = try target.finishedSearch()
    return Finished(
      model: (path.pathExtension == "gguf" ? path.deletingPathExtension() : path).lastPathComponent,
      report: SearchReport(result: result, trials: trials, vocabulary: .questions),
      command: command(layers: layers))
  }

  private func command(layers: Range<Int>) -> ShellCommand {
    ShellCommand([
      "laser", "search", "--model", path.relativePath, "--task", settings.task.rawValue, "--data",
      data, "--kinds", settings.mlpKinds.map(\.rawValue).joined(separator: ","), "--layers",
      "\(layers.lowerBound)-\(layers.upperBound - 1)", "--rhos",
      settings.questionFractions.map { "\($0)" }.joined(separator: ","), "-o",
      folder.appendingPathComponent("again/questions").relativePath,
    ])
  }
}
