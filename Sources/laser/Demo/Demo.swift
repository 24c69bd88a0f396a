import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// The main job from end to end: a policy is trained, every one of its matrices is cut, a language model goes through
/// the same search, a report is written.
struct Demo {
  let settings: DemoSettings
  let folder: URL
  let episodes: URL
  /// The language model; without one the demo has only its first half.
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
    let language: SearchResult?
  }

  private var trainingFile: String {
    episodes.appendingPathComponent("\(settings.setting).txt").relativePath
  }
  private var heldOutFile: String {
    episodes.appendingPathComponent("\(settings.setting)-held-out.txt").relativePath
  }

  func run() throws -> Finished {
    let start = Date()
    let heldOut = try EpisodeCollection(contentsOf: [heldOutFile])
    let levels = Array(try LevelFile(contentsOf: heldOutFile).first(settings.searchedLevels))
    let (policy, curve) = try train(heldOut: heldOut)
    let split = try DataSplit(exampleCount: levels.count)
    let (result, trials) = try search(policy, levels: levels, split: split)
    let language = try model.map {
      try DemoQuestions(
        settings: settings, path: $0, data: questions, folder: folder, workers: workers
      ).run()
    }
    let games = try ComparedGames(
      policy: policy, edit: result.best.edit, levels: split.test.map { levels[$0] },
      numbers: split.test, options: settings.rollout, workers: workers)
    try games.write(in: SearchFolder(folder.appendingPathComponent("search")))
    let report = DemoReport(
      settings: settings, curve: curve, parameterCount: policy.parameterCount,
      search: SearchReport(result: result, trials: trials, vocabulary: .policy), language: language,
      games: games, trainingFile: trainingFile, heldOutFile: heldOutFile, folder: folder,
      seconds: Date().timeIntervalSince(start))
    let page = folder.appendingPathComponent("report.html")
    try AtomicFile.write(try report.document.html, to: page)
    return Finished(
      results: Results(policy: result, language: language?.report.result), report: page)
  }

  private func train(heldOut: EpisodeCollection) throws -> (Policy, TrainingCurve) {
    let configuration = settings.configuration
    let options = settings.training
    let target = folder.appendingPathComponent("policy")
    let dataset = try EpisodeDataset(
      EpisodeCollection(contentsOf: [trainingFile]), for: configuration)
    let trainer: Trainer
    let state = target.appendingPathComponent("training.json")
    if FileManager.default.fileExists(atPath: state.path) {
      trainer = try Trainer(resuming: target, episodes: dataset, workers: workers)
      guard trainer.options == options, trainer.configuration == configuration else {
        throw DemoError.folderOfOtherSettings(folder: folder.path)
      }
      Output.note("training: going on after update \(trainer.completedSteps) of \(options.steps)")
    } else {
      trainer = try Trainer(
        configuration, options: options, episodes: dataset, workers: workers)
    }
    let progress = ProgressBar("training")
    var schedule = TrainingRun.Schedule()
    schedule.saveEvery = 250
    let run = TrainingRun(
      trainer, heldOut: try EpisodeDataset(heldOut, for: configuration), folder: target,
      schedule: schedule)
    let trained = try run.run { progress.show($0.step, of: options.steps, $0.summary) }
    progress.finish("a policy of \(trainer.parameterCount) parameters in \(target.path)")
    return trained
  }

  private func search(
    _ policy: Policy, levels: [Level], split: DataSplit
  ) throws -> (SearchResult, [Trial]) {
    let task = PolicyTask(
      policy: policy, levels: levels, rollout: settings.rollout, split: split
    ).scored(workers: workers)
    let search = InterventionSearch(
      model: task.model, objective: task.objective, split: task.split,
      space: try SearchSpace(fractions: settings.fractions), options: .init(composes: true))
    let progress = SearchBar("search")
    let target = SearchFolder(folder.appendingPathComponent("search"))
    _ = try target.run(
      search, identity: task.identity,
      remarks: RunFacts.remarks([
        "policy": folder.appendingPathComponent("policy").relativePath, "levels": heldOutFile,
      ]), command: ShellCommand.current.text, progress: progress.show)
    progress.finish("every matrix tried at \(settings.fractions.count) ranks")
    let (result, _, trials) = try target.finished()
    return (result, trials)
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
