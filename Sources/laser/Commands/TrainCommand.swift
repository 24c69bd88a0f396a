import ArgumentParser
import DecisionTransformer
import Foundation
import Sokoban

/// `laser train` — a Decision Transformer on optimal episodes.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a Decision Transformer on optimal episodes.")

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
      it falls to zero.
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
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !episodes.isEmpty else { throw ValidationError("--episodes takes at least one file.") }
    guard !resume || (model.isEmpty && training.isEmpty) else {
      throw ValidationError(
        "--resume keeps the options that the training began with; leave the others out.")
    }
    guard resume || finishIn == nil else {
      throw ValidationError("--finish-in is for a training that goes on: give --resume too.")
    }
    guard reportEvery >= 1, saveEvery >= 1, stopAt ?? 1 >= 1 else {
      throw ValidationError("--report-every, --save-every and --stop-at take numbers from 1.")
    }
  }

  func run() throws {
    let folder = try OutputPath.makeFolder(output)
    let collection = try EpisodeCollection(contentsOf: episodes)
    let trainer = try makeTrainer(on: collection, in: folder)
    let measured = try makeHeldOut(beside: collection, for: trainer.configuration)
    var schedule = TrainingRun.Schedule()
    schedule.reportEvery = reportEvery
    schedule.saveEvery = saveEvery
    schedule.stopAt = stopAt
    if trainer.isFinished {
      Output.note(
        "the training in \(output) is finished: all \(trainer.options.steps) updates are made")
    } else if let stopAt, stopAt <= trainer.completedSteps {
      Output.note("the training in \(output) has made \(trainer.completedSteps) updates already")
    }
    let run = TrainingRun(trainer, heldOut: measured, folder: folder, schedule: schedule)
    let progress = ProgressBar("updates")
    progress.goOn(after: trainer.completedSteps)
    let total = min(stopAt ?? .max, trainer.options.steps)
    _ = try run.run { point in
      if format.isJSON { try Output.json(point) }
      progress.show(point.step, of: total, point.summary)
    }
    progress.finish("policy of \(trainer.parameterCount) parameters in \(output)")
  }

  /// The held-out episodes, with a word where they are not held out.
  private func makeHeldOut(
    beside training: EpisodeCollection, for configuration: Configuration
  ) throws -> EpisodeDataset? {
    guard !heldOut.isEmpty else { return nil }
    let collection = try EpisodeCollection(contentsOf: heldOut)
    let known = try collection.countOfLevels(among: training)
    if known > 0 {
      Output.note(
        "\(known) of the \(collection.count) held-out levels are among the episodes to learn from, as they are or "
          + "turned: what is measured on them says little of unseen levels")
    }
    return try EpisodeDataset(collection, for: configuration)
  }

  private func makeTrainer(on collection: EpisodeCollection, in folder: URL) throws -> Trainer {
    if resume {
      let configuration = try Configuration(contentsOf: folder)
      let dataset = try EpisodeDataset(collection, for: configuration)
      let trainer = try Trainer(
        resuming: folder, episodes: dataset, finishingIn: finishIn, workers: threads.workers)
      if trainer.addedEpisodes > 0 {
        Output.note(
          "\(trainer.addedEpisodes) episodes more than before, drawn after update \(trainer.completedSteps)"
        )
      }
      return trainer
    }
    guard
      !FileManager.default.fileExists(
        atPath: folder.appendingPathComponent("model.safetensors").path)
    else {
      throw OutputError.hasPolicy(output)
    }
    let options = training.options
    var configuration = model.configuration
    configuration.encoder.readsPlan = options.planWeight != nil
    try configuration.validate()
    let dataset = try EpisodeDataset(
      training.shuffleActions ? collection.shufflingActions(seed: options.seed) : collection,
      for: configuration, checksSolutions: !training.shuffleActions)
    if dataset.skipped > 0 {
      Output.note(
        "\(dataset.skipped) episodes have more than \(configuration.maximumSteps) steps and are left out"
      )
    }
    return try Trainer(
      configuration, options: options, episodes: dataset, workers: threads.workers)
  }
}

/// The sizes of a new policy; what is not given is as in ``Configuration``.
struct ModelSizeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Blocks (default: 6).")
  var layers: Int?
  @Option(parsing: .unconditional, help: "The width of the residual stream (default: 128).")
  var width: Int?
  @Option(parsing: .unconditional, help: "Attention heads; they divide the width (default: 8).")
  var heads: Int?
  @Option(parsing: .unconditional, help: "Time steps that the policy sees at once (default: 40).")
  var context: Int?
  @Option(
    parsing: .upToNextOption,
    help: "Channels of the picture's convolutions, multiples of 16 (default: 32,32).")
  var channels: [CommaList<Int>] = []
  @Option(
    parsing: .unconditional,
    help: "Residual blocks of two convolutions each behind those (default: 0).")
  var residualBlocks: Int?
  @Option(
    parsing: .unconditional,
    help: "Weighted means of single squares' features beside the layer over all (default: 0).")
  var focus: Int?
  @Flag(help: "Leave out the outermost ring of the picture, which is always a wall.")
  var trim = false
  @Option(parsing: .unconditional, help: "Rows and columns of the rooms (default: 10).")
  var size: Int?
  @Option(
    parsing: .unconditional,
    help: "The longest episode that the policy can play, in steps (default: 120).")
  var longest: Int?

  var isEmpty: Bool {
    [layers, width, heads, context, residualBlocks, focus, size, longest].allSatisfy { $0 == nil }
      && channels.isEmpty && !trim
  }

  var configuration: Configuration {
    var configuration = Configuration()
    if let layers { configuration.layers = layers }
    if let width { configuration.setWidth(width) }
    if let heads { configuration.heads = heads }
    if let context { configuration.contextSteps = context }
    if let longest { configuration.maximumSteps = longest }
    if let size {
      configuration.pictureHeight = size
      configuration.pictureWidth = size
    }
    if !channels.isEmpty { configuration.encoder.channels = channels.flatMap(\.elements) }
    if let residualBlocks { configuration.encoder.residualBlocks = residualBlocks }
    if let focus { configuration.encoder.focusHeads = focus }
    configuration.encoder.trimsRing = trim
    return configuration
  }
}

/// How a new policy is trained; what is not given is as in ``TrainingOptions``.
struct TrainingArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: "Windows in a batch (default: 64).")
  var batch: Int?
  @Option(parsing: .unconditional, help: "Updates (default: 2000).")
  var steps: Int?
  @Option(parsing: .unconditional, help: "The highest learning rate (default: 0.001).")
  var learningRate: Double?
  @Option(
    parsing: .unconditional,
    help: """
      Keep the rate constant until the last so many updates, over which it falls to zero (default: half a cosine over \
      the whole run).
      """)
  var decaySteps: Int?
  @Flag(
    help: "Move hidden matrices by Muon, momentum with equal singular values, instead of AdamW.")
  var muon = false
  @Option(
    parsing: .unconditional,
    help: """
      Let the encoder learn at every square where the player and a box will go from there, and how much that counts \
      beside the actions (default: there is no such head).
      """)
  var planWeight: Double?
  @Flag(
    help: "Draw every step of an episode equally often, by windows cut at its start and end.")
  var evenly = false
  @Option(parsing: .unconditional, help: "Decoupled decay of the matrices (default: 0.1).")
  var weightDecay: Double?
  @Flag(help: "Leave episodes as they stand instead of turning and mirroring them at random.")
  var noAugment = false
  @Option(parsing: .unconditional, help: "The seed of the weights and the batches (default: 0).")
  var seed: UInt64?
  @Flag(
    help: """
      A control: shuffle the actions of all episodes among each other first, so that nothing can be \
      learned from the rooms.
      """)
  var shuffleActions = false

  var isEmpty: Bool {
    [batch, steps, decaySteps].allSatisfy { $0 == nil }
      && [learningRate, weightDecay, planWeight].allSatisfy { $0 == nil }
      && seed == nil && !muon && !evenly && !noAugment && !shuffleActions
  }

  var options: TrainingOptions {
    var options = TrainingOptions()
    if let batch { options.batch = batch }
    if let steps { options.steps = steps }
    if let learningRate { options.learningRate = learningRate }
    if let weightDecay { options.weightDecay = weightDecay }
    options.decaySteps = decaySteps
    if muon { options.muonMomentumDecay = 0.95 }
    options.planWeight = planWeight
    if evenly { options.drawsEvenly = true }
    if let seed { options.seed = seed }
    options.augments = !noAugment
    return options
  }
}

extension TrainingCurve.Point {
  /// The point in a line.
  var summary: String {
    func fixed(_ value: Double) -> String { String(format: "%.3f", value) }
    let heldOut = heldOutAccuracy.map { ", held-out accuracy \(fixed($0))" } ?? ""
    return "loss \(fixed(loss)), accuracy \(fixed(accuracy))\(heldOut), "
      + "\(Int(tokensPerSecond)) tokens/s"
  }
}
