public import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
public import LaserOps

/// The options that name a model of either kind and what it is scored on.
struct ScoredTaskOptions: ParsableArguments {
  @OptionGroup(title: "A policy") var policy: PolicySearchOptions
  @OptionGroup(title: "A language model") var questions: QuestionSearchOptions
  @Option(help: "Only the first so many levels or examples.")
  var limit: Int?
  @Option(help: "Choose the validation part at random with this seed instead of the first fifth.")
  var splitSeed: UInt64?
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    switch (policy.policy, questions.model) {
    case (nil, nil), (_?, _?):
      throw ValidationError(
        "Give either --policy DIR --levels FILE or --model PATH --task TASK --data FILE…")
    case (_?, nil):
      guard policy.levels != nil else { throw ValidationError("--policy needs --levels FILE.") }
      if let option = questions.firstGiven {
        throw ValidationError("\(option) goes with --model, not with --policy.")
      }
    case (nil, _?):
      guard questions.task != nil, !questions.data.isEmpty else {
        throw ValidationError("--model needs --task TASK and --data FILE…")
      }
      if let option = policy.firstGiven {
        throw ValidationError("\(option) goes with --policy, not with --model.")
      }
    }
  }

  /// Loads the model and what it is scored on, and lets `user` work with them.
  ///
  /// - Parameters:
  ///   - title: What the progress bar is called.
  ///   - part: The part of the examples that will be scored; nil for validation and test.
  ///   - user: What is done with them.
  /// - Throws: What is wrong with the files, and what `user` throws.
  func load(
    _ title: String, part: DataSplit.Part? = nil, for user: some ScoredTaskUser
  ) throws {
    let bar = SearchBar(title)
    let split = SplitChoice(part: part, seed: splitSeed)
    if let path = questions.model {
      try load(LanguageModelLoader.announcing(path), split: split, bar: bar, for: user)
    } else {
      let experiment = try policy.experiment(
        limit: limit, split: split, seed: seed.value, workers: threads.workers)
      var task = ScoredTask(experiment: experiment, provenance: policy.provenance)
      task.sideEffects = PolicySideEffects(
        policy: experiment.policy, rollout: experiment.rollout, limit: limit,
        workers: threads.workers)
      task.games = experiment.games
      try user.run(task, bar: bar)
    }
  }

  private func load(
    _ model: some LanguageModel, split: SplitChoice, bar: SearchBar, for user: some ScoredTaskUser
  ) throws {
    var experiment = try questions.experiment(
      of: model, limit: limit, split: split, workers: threads.workers)
    experiment.progress = { bar.show(answers: $0, of: $1) }
    var task = ScoredTask(experiment: experiment, provenance: questions.provenance)
    task.sideEffects = QuestionSideEffects(
      model: model, path: questions.model ?? "", details: questions.details, limit: limit,
      memory: experiment.memory, workers: threads.workers)
    try user.run(task, bar: bar)
  }
}

/// How the examples are divided.
struct SplitChoice {
  /// The part that will be scored; nil for validation and test.
  let part: DataSplit.Part?
  /// Chooses validation at random.
  let seed: UInt64?

  /// - Throws: `SplitError` where there are too few examples; a validation error for a seed that divides nothing.
  func split(of count: Int, groups: [Int]? = nil) throws -> DataSplit {
    guard part == .all else {
      return try DataSplit(exampleCount: count, shuffledBy: seed, groups: groups)
    }
    try check()
    return try DataSplit(undivided: count)
  }

  /// What can be said before the examples are read.
  ///
  /// - Throws: A validation error for a seed that divides nothing.
  func check() throws {
    guard part != .all || seed == nil else {
      throw ValidationError("--split-seed divides the examples; give --split validation or test.")
    }
  }

  /// The division by which the first examples pick and the others report.
  ///
  /// - Throws: A validation error where another division was asked for; `SplitError`.
  func split(validationCount: Int, testCount: Int) throws -> DataSplit {
    guard part != .all, seed == nil else {
      throw ValidationError(
        "--test-levels says which levels pick and which report; leave out --split-seed and --split all."
      )
    }
    return try DataSplit(validationCount: validationCount, testCount: testCount)
  }
}

extension DataSplit.Part: ExpressibleByArgument {}
