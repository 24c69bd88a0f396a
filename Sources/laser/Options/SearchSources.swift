import Numerics
import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
import LaserOps
import Sokoban

/// A policy to be searched, and the levels that it plays.
struct PolicySearchOptions: ParsableArguments {
  @Option(help: "The folder of the policy to edit.", completion: .file())
  var policy: String?
  @Option(help: "The levels to play.", completion: .file())
  var levels: String?
  @Option(
    help: """
      Levels that report (test); all of --levels then pick (validation). Without them the first fifth of --levels picks \
      and the rest reports.
      """, completion: .file())
  var testLevels: String?
  @OptionGroup var playing: PlayingOptions

  /// The first option that makes no sense without `--policy`.
  var firstGiven: String? {
    let given = [
      ("--levels", levels != nil), ("--test-levels", testLevels != nil),
      ("--target-return", playing.targetReturn != nil),
      ("--max-steps", playing.maxSteps != EnvironmentBatch.defaultMaxSteps),
      ("--sample", playing.sample),
    ]
    return given.first(where: \.1)?.0
  }

  func experiment(
    limit: Int?, split: SplitChoice, seed: UInt64, workers: Workers
  ) throws -> PolicyExperiment {
    let file = try LevelFile(contentsOf: levels ?? "")
    let chosen = Array(try file.first(limit ?? file.levels.count))
    let others = try testLevels.map { try LevelFile(contentsOf: $0) }
    let policy = try Policy(contentsOf: URL(userPath: policy ?? ""))
    let rollout = playing.rollout(seed: seed)
    try policy.check(chosen, rollout, in: file.name)
    if let others {
      try policy.check(others.levels, rollout, in: others.name)
      noteLevels(of: others.levels, among: chosen)
    }
    return PolicyExperiment(
      policy: policy, levels: chosen + (others?.levels ?? []), rollout: rollout,
      split: try others.map {
        try split.split(validationCount: chosen.count, testCount: $0.levels.count)
      } ?? split.split(of: chosen.count), testFileStart: others == nil ? 0 : chosen.count,
      workers: workers)
  }

  /// Says how many levels that report also pick.
  private func noteLevels(of others: [Level], among chosen: [Level]) {
    let picking = Set(chosen.map(LevelClass.init))
    let known = others.count { picking.contains(LevelClass($0)) }
    guard known > 0 else { return }
    Output.note(
      "\(known) of the \(others.count) test levels are among the levels that pick, as they are or turned: what is "
        + "measured on them says little of unseen levels")
  }

  var provenance: RunProvenance {
    .current(model: policy, data: [levels, testLevels].compactMap(\.self))
  }
}

/// A language model to be searched, and the questions that it answers.
struct QuestionSearchOptions: ParsableArguments {
  @Option(
    help: "The language model to edit: a Hugging Face folder or a .gguf file.", completion: .file())
  var model: String?
  @Option(help: TaskOptions.taskHelp)
  var task: BenchmarkTask.Name?
  @Option(parsing: .upToNextOption, help: TaskOptions.dataHelp, completion: .file())
  var data: [String] = []
  @OptionGroup var details: TaskDetails
  @Option(
    help: """
      Count a one-token answer as right if it is among the K likeliest tokens (counterfact), and leave out the \
      examples with longer ones; several times faster, for nothing is generated.
      """)
  var topK: Int?
  @Option(
    help: ArgumentHelp(
      """
      Memory for what is kept between trials, or on the way up for a gradient, such as 500M or 2G (default: 2G); \
      changes no result. A race keeps up to \
      512M of decompositions beside it.
      """, valueName: "bytes"))
  var memory: ByteCount?

  /// The first option that makes no sense without `--model`.
  var firstGiven: String? {
    let given = [
      ("--task", task != nil), ("--data", !data.isEmpty),
      ("--variant", details.variant != .paper),
      ("--llama-tokenizer", details.llamaTokenizer != nil), ("--memory", memory != nil),
      ("--top-k", topK != nil),
    ]
    return given.first(where: \.1)?.0
  }

  /// - Throws: A validation error unless model, task and data are given.
  func checkIsComplete() throws {
    guard model != nil, task != nil, !data.isEmpty else {
      throw ValidationError("Give --model PATH --task TASK --data FILE…")
    }
  }

  func experiment<Model: LanguageModel>(
    of model: Model, limit: Int?, split: SplitChoice, workers: Workers
  ) throws -> QuestionExperiment<Model> {
    guard let task else { throw ValidationError("--model needs --task.") }
    let questions = try details.questions(
      task, data: data, limit: limit, for: model, at: self.model ?? "", workers: workers)
    let ranked = questions.benchmark.scoring.topK
    if let topK, topK < 1 || topK > ranked.max() ?? 0 {
      throw StudyError.notRanked(within: topK, task: task, available: ranked)
    }
    return try QuestionExperiment(
      model: model, questions: questions,
      split: try split.split(of: questions.examples.count, groups: questions.groups),
      memory: memory?.bytes ?? QuestionObjective<Model>.defaultMemory,
      success: topK.map { .ranked(within: $0) } ?? .right, workers: workers)
  }

  var provenance: RunProvenance { .current(model: model, data: data) }
}

/// A number of bytes: `1000000`, `500M`, `2G`; K, M and G are powers of 1024.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = argument.last.flatMap { units[$0.uppercased()] }
    guard let count = Int(unit == nil ? argument : String(argument.dropLast())), count >= 0
    else { return nil }
    let product = count.multipliedReportingOverflow(by: unit ?? 1)
    guard !product.overflow else { return nil }
    bytes = product.partialValue
  }
}
