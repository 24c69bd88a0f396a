import Files
import Reports
import Numerics
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// The main job from end to end: a policy is trained, every one of its matrices is cut, the policy that ships with the
/// project and a language model go through the same search, a report is written.
struct Demo {
  let settings: DemoSettings
  let folder: URL
  let episodes: URL
  /// The policy that ships with the project.
  let shipped: URL
  /// The language model; without one the demo ends with the policies.
  let model: URL?
  /// The questions that the language model answers.
  let questions: String
  let workers: Workers

  /// What the demo leaves behind.
  struct Finished {
    /// What the search of each model found.
    let results: Results
    let report: URL
  }

  /// The results as `--json` prints them.
  struct Results: Encodable {
    let policy: SearchResult
    let shipped: SearchResult
    let language: SearchResult?
    let guided: SearchResult?
  }

  private var trainingFile: String {
    episodes.appendingPathComponent("\(settings.setting).txt").relativePath
  }
  private var heldOutFile: String {
    episodes.appendingPathComponent("\(settings.setting)-held-out.txt").relativePath
  }

  func run() throws -> Finished {
    let start = Date()
    // First of all, so that what is missing is said before minutes of training.
    if let model { try OpenFile.checkReadable(model.path) }
    _ = try MappedFile(URL(userPath: questions))
    let heldOut = try EpisodeCollection(contentsOf: [heldOutFile])
    let shippedPolicy = try Policy(contentsOf: shipped)
    let (policy, curve) = try train(heldOut: heldOut)
    let trained = DemoPolicy(
      policy: policy, path: folder.appendingPathComponent("policy").relativePath,
      levelFile: heldOutFile, kinds: nil, fractions: settings.fractions, composes: true,
      name: "search", settings: settings, folder: folder)
    let (search, games) = try trained.run(workers: workers)
    let ready = DemoPolicy(
      policy: shippedPolicy, path: shipped.relativePath,
      levelFile: episodes.appendingPathComponent("\(settings.shippedSetting)-held-out.txt")
        .relativePath,
      kinds: settings.mlpKinds, fractions: settings.shippedFractions,
      composes: false, name: "shipped", settings: settings, folder: folder)
    let (shippedSearch, _) = try ready.run(workers: workers)
    let language = try model.map {
      try DemoQuestions(
        settings: settings, path: $0, data: questions, folder: folder, workers: workers
      ).run()
    }
    let report = DemoReport(
      settings: settings, curve: curve, parameterCount: policy.parameterCount,
      search: search, shipped: .init(report: shippedSearch, command: ready.command(at: ready.path)),
      language: language, games: games, searchCommand: trained.command(at:),
      trainingFile: trainingFile, heldOutFile: heldOutFile, folder: folder,
      seconds: Date().timeIntervalSince(start))
    let page = folder.appendingPathComponent("report.html")
    try AtomicFile.write(try report.document.html, to: page)
    return Finished(
      results: Results(
        policy: search.result, shipped: shippedSearch.result, language: language?.report.result,
        guided: language?.guided.result),
      report: page)
  }

  private func train(heldOut: EpisodeCollection) throws -> (Policy, TrainingCurve) {
    let configuration = settings.configuration
    let options = settings.training
    let target = folder.appendingPathComponent("policy")
    let dataset = try EpisodeDataset(
      EpisodeCollection(contentsOf: [trainingFile]), for: configuration)
    let trainer: PolicyTrainer
    let state = target.appendingPathComponent("training.json")
    if FileManager.default.fileExists(atPath: state.path) {
      trainer = try PolicyTrainer(resuming: target, episodes: dataset, workers: workers)
      guard trainer.options == options, trainer.configuration == configuration else {
        throw DemoError.folderOfOtherSettings(folder: folder.path)
      }
      Output.note("training: going on after update \(trainer.completedSteps) of \(options.steps)")
    } else {
      trainer = try PolicyTrainer(
        configuration, options: options, episodes: dataset, workers: workers)
    }
    let progress = ProgressBar("training")
    progress.goOn(after: trainer.completedSteps)
    var schedule = TrainingRun.Schedule()
    schedule.saveEvery = 250
    let run = TrainingRun(
      trainer, heldOut: try EpisodeDataset(heldOut, for: configuration), folder: target,
      schedule: schedule)
    let trained = try run.run { progress.show($0.step, of: options.steps, $0.summary) }
    progress.finish("a policy of \(trainer.parameterCount) parameters in \(target.path)")
    return trained
  }
}

/// Why the demo cannot go on.
enum DemoError: Error, Equatable, CustomStringConvertible {
  /// The output folder has a policy that was trained with other options.
  case folderOfOtherSettings(folder: String)

  var description: String {
    switch self {
    case .folderOfOtherSettings(let folder):
      "\(folder) has a demo of other settings, from another version of laser; "
        + "remove the folder or name another with --output"
    }
  }
}
