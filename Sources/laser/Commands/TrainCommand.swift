import ArgumentParser
import DecisionTransformer
import Files
import Foundation
import Sokoban

/// `laser train` — a Decision Transformer on episodes.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a Decision Transformer on episodes.",
    discussion: """
      Asked to stop (TERM, INT, USR1) it saves and ends with code 75; the same command then goes on, to the same bytes.

      Processes that mpirun (OpenMPI) has started share every batch, at most four of them; the policy is that of one process, \
      to the same bytes.
      """)

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Episode files to learn from.", valueName: "file"),
    completion: .file())
  var episodes: [String]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Episode files to measure on that are not learned from.", valueName: "file"),
    completion: .file())
  var heldOut: [String] = []
  @Option(name: .shortAndLong, help: "The folder of the policy.", completion: .file())
  var output: String
  @Option(
    help: "Begin with the weights of the policy in this folder, whose sizes the new one has.",
    completion: .file())
  var from: String?
  @Flag(
    help: """
      Go on where the training in the folder was left; its options are kept. More episode files may follow those that \
      it began with.
      """)
  var resume = false
  @Option(
    parsing: .unconditional,
    help: """
      With --resume, where --decay-steps kept the rate constant so far: end after so many more updates, over which \
      it falls to zero. The same number again goes on towards that end.
      """)
  var finishIn: Int?

  @OptionGroup(title: "Model") var model: ModelSizeOptions
  @OptionGroup(title: "Training") var training: TrainingArguments

  @Option(
    parsing: .unconditional,
    help: "Stop after this update with a checkpoint, from which --resume goes on to the end.")
  var stopAt: Int?
  @Option(help: "Updates between two reports.")
  var reportEvery = 50
  @Option(help: "Updates between two checkpoints.")
  var saveEvery = 500
  @Option(
    parsing: .unconditional,
    help: """
      Also play held-out rooms greedily every so many updates, a multiple of --report-every, and say what share is \
      solved.
      """)
  var evaluateEvery: Int?
  @Option(
    parsing: .unconditional,
    help: "With --evaluate-every: how many of the held-out rooms (default: 200).")
  var evaluateRooms: Int?
  @Option(
    help: "Also write what is reported into this folder as TensorBoard reads it.",
    completion: .directory)
  var tensorboard: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !episodes.isEmpty else { throw ValidationError("--episodes takes at least one file.") }
    guard !resume || (model.isEmpty && training.isEmpty) else {
      throw ValidationError(
        "--resume keeps the options that the training began with; leave the others out.")
    }
    guard from == nil || (model.isEmpty && !training.noReturn && !resume) else {
      throw ValidationError(
        "--from takes the sizes of its policy, and whether it is told the return; leave those options and --resume out."
      )
    }
    if let best = training.best, !(best > 0 && best <= 1) {
      throw ValidationError("--best takes a share above 0 and at most 1, such as 0.1, not \(best).")
    }
    guard training.best == nil || !training.shuffleActions else {
      throw ValidationError("--shuffle-actions leaves nothing earned to choose the --best by.")
    }
    guard resume || finishIn == nil else {
      throw ValidationError("--finish-in is for a training that goes on: give --resume too.")
    }
    guard reportEvery >= 1, saveEvery >= 1, stopAt ?? 1 >= 1 else {
      throw ValidationError("--report-every, --save-every and --stop-at take numbers from 1.")
    }
    guard evaluateRooms == nil || evaluateEvery != nil else {
      throw ValidationError("--evaluate-rooms goes with --evaluate-every.")
    }
    if let evaluateEvery {
      guard !heldOut.isEmpty else {
        throw ValidationError(
          "--evaluate-every plays the rooms of --held-out; give a file of them.")
      }
      guard evaluateEvery >= 1, evaluateEvery.isMultiple(of: reportEvery) else {
        throw ValidationError(
          "--evaluate-every is \(evaluateEvery), expected a multiple of --report-every, \(reportEvery)."
        )
      }
      try CountLimit.check(evaluateRooms, option: "--evaluate-rooms")
    }
  }

  func run() throws {
    Interruption.isRemembered()
    let ranks = try Ranks.joined()
    if !ranks.isFirst { Output.fallSilent() }
    let folder = try OutputPath.makeFolder(output)
    let lock = ranks.isFirst ? try OpenFile.lockFolder(folder.path) : nil
    defer { try? lock?.close() }
    guard !ranks.isFirst || lock != nil else { throw OutputError.isTraining(output) }
    let collection = try EpisodeCollection(contentsOf: episodes)
    let trainer = try makeTrainer(on: collection, in: folder, sharedBy: ranks)
    // Only the first process measures.
    let held =
      heldOut.isEmpty || !ranks.isFirst ? nil : try EpisodeCollection(contentsOf: heldOut)
    let measured = try held.map {
      try makeHeldOut($0, beside: collection, for: trainer.configuration)
    }
    var schedule = TrainingRun.Schedule()
    schedule.reportEvery = reportEvery
    schedule.saveEvery = saveEvery
    schedule.stopAt = stopAt
    schedule.isInterrupted = { Interruption.isAsked }
    if let evaluateEvery, let held {
      schedule.evaluateEvery = evaluateEvery
      schedule.rooms = try (0..<min(evaluateRooms ?? 200, held.count)).map {
        try held.episode(at: $0).level
      }
    }
    if trainer.isFinished {
      Output.note(
        "the training in \(output) is finished: all \(trainer.options.steps) updates are made")
    } else if let stopAt, stopAt <= trainer.completedSteps {
      Output.note("the training in \(output) has made \(trainer.completedSteps) updates already")
    }
    let events =
      try trainer.isFinished || !ranks.isFirst
      ? nil
      : tensorboard.map { try EventFile(in: URL(userPath: $0), after: trainer.completedSteps) }
    let run = TrainingRun(trainer, heldOut: measured, folder: folder, schedule: schedule)
    let progress = ProgressBar("updates")
    progress.goOn(after: trainer.completedSteps)
    let total = min(stopAt ?? .max, trainer.options.steps)
    let (_, curve) = try run.run { point in
      if format.isJSON { try Output.json(point) }
      try events?.append(point)
      progress.show(point.step, of: total, point.summary)
    }
    // A process that ends before this, by an error, takes all others with it.
    try ranks.leave()
    guard trainer.completedSteps >= total else {
      guard ranks.isFirst else { throw ExitCode(Interruption.code) }
      progress.finish(
        "interrupted after \(trainer.completedSteps) updates; the same command goes on from there")
      throw ExitCode(Interruption.code)
    }
    guard ranks.isFirst else { return }
    progress.finish("policy of \(trainer.parameterCount) parameters in \(output)")
    if !format.isJSON, let text = curve.text { Output.note(text) }
  }

  /// The held-out episodes, with a word where they are not held out.
  private func makeHeldOut(
    _ collection: EpisodeCollection, beside training: EpisodeCollection,
    for configuration: PolicyConfiguration
  ) throws -> EpisodeDataset {
    let known = try collection.countOfLevels(among: training)
    if known > 0 {
      Output.note(
        "\(known) of the \(collection.count) held-out levels are among the episodes to learn from, as they are or "
          + "turned: what is measured on them says little of unseen levels")
    }
    return try EpisodeDataset(collection, for: configuration)
  }

  private func makeTrainer(
    on collection: EpisodeCollection, in folder: URL, sharedBy ranks: Ranks
  ) throws -> PolicyTrainer {
    if resume {
      let options = try TrainingOptions(ofTrainingIn: folder) ?? TrainingOptions()
      let configuration = try PolicyConfiguration(contentsOf: folder)
      return try goOn(
        with: dataset(of: collection, for: configuration, options), in: folder, sharedBy: ranks)
    }
    let options = training.options
    let origin = try from.map { try Policy(contentsOf: URL(userPath: $0)) }
    var configuration = origin?.configuration ?? model.configuration
    if origin == nil {
      configuration.encoder.readsPlan = options.planWeight != nil
      if training.noReturn { configuration.returnScale = 0 }
    }
    try configuration.validate()
    try options.validate()
    let dataset = try dataset(of: collection, for: configuration, options)
    if dataset.skipped > 0 {
      Output.note(
        "\(dataset.skipped) episodes have more than \(configuration.maximumSteps) steps and are left out"
      )
    }
    if let share = options.bestShare {
      Output.note(
        "learning from \(dataset.count) of \(collection.count) episodes, the \(share) that earned most"
      )
    }
    if var begun = try TrainingOptions(ofTrainingIn: folder) {
      // Version 0.12 did not say; the fingerprint of the episodes does.
      begun.shufflesActions = begun.shufflesActions ?? options.shufflesActions
      try check(begun, isThatOf: options)
      try check(PolicyConfiguration(contentsOf: folder), isThatOf: configuration)
      let name = PolicyTrainer.originName(of: origin)
      if let found = try PolicyTrainer.originName(ofTrainingIn: folder), found != name {
        throw OutputError.otherTraining(output, field: "origin", expected: name, found: found)
      }
      return try goOn(with: dataset, in: folder, from: origin, sharedBy: ranks)
    }
    guard
      !FileManager.default.fileExists(
        atPath: folder.appendingPathComponent("model.safetensors").path)
    else {
      throw OutputError.hasPolicy(output)
    }
    if let origin {
      return try PolicyTrainer(
        from: origin, options: options, episodes: dataset, workers: threads.workers, ranks: ranks)
    }
    return try PolicyTrainer(
      configuration, options: options, episodes: dataset, workers: threads.workers, ranks: ranks)
  }

  /// What is learned from.
  private func dataset(
    of collection: EpisodeCollection, for configuration: PolicyConfiguration,
    _ options: TrainingOptions
  ) throws -> EpisodeDataset {
    let isShuffled = options.shufflesActions ?? false
    return try EpisodeDataset(
      isShuffled ? collection.shufflingActions(seed: options.seed) : collection,
      for: configuration, checksSolutions: !isShuffled, bestShare: options.bestShare)
  }

  private func goOn(
    with dataset: EpisodeDataset, in folder: URL, from origin: Policy? = nil, sharedBy ranks: Ranks
  ) throws -> PolicyTrainer {
    let trainer = try PolicyTrainer(
      resuming: folder, episodes: dataset, from: origin, finishingIn: finishIn,
      workers: threads.workers, ranks: ranks)
    if trainer.addedEpisodes > 0 {
      Output.note(
        "\(trainer.addedEpisodes) episodes more than before, drawn after update \(trainer.completedSteps)"
      )
    }
    return trainer
  }

  /// Makes sure that the training in the folder is the one of this command.
  ///
  /// - Throws: ``OutputError/otherTraining(_:field:expected:found:)``.
  private func check<Settings: Encodable & Equatable>(
    _ found: Settings, isThatOf expected: Settings
  ) throws {
    guard found != expected else { return }
    let fields = try [expected, found].map { settings in
      let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(settings))
      return (object as? [String: Any] ?? [:]).mapValues { "\($0)" }
    }
    let names = Set(fields.flatMap(\.keys)).sorted()
    let name = names.first { fields[0][$0] != fields[1][$0] } ?? "(unknown)"
    throw OutputError.otherTraining(
      output, field: name, expected: fields[0][name] ?? "(none)", found: fields[1][name] ?? "(none)"
    )
  }
}

extension TrainingCurve.Point {
  /// The point in a line.
  var summary: String {
    func fixed(_ value: Double) -> String { String(format: "%.3f", value) }
    let heldOut = heldOutAccuracy.map { ", held-out accuracy \(fixed($0))" } ?? ""
    let solved =
      heldOutSolveRate.map { ", \(String(format: "%.1f", 100 * $0)) % of held-out rooms solved" }
      ?? ""
    return "loss \(fixed(loss)), accuracy \(fixed(accuracy))\(heldOut)\(solved), "
      + "\(Int(tokensPerSecond)) tokens/s"
  }
}
