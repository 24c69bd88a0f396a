public import Foundation
public import Numerics
public import LaserOps

/// A language model whose edits answer questions.
public struct QuestionExperiment<Model: LanguageModel>: Experiment {
  /// The unedited model.
  public let model: Model
  /// The questions, in data order.
  package let questions: QuestionSet
  /// The questions that are asked: where an answer must be among the likeliest tokens, those with a one-token answer.
  public let split: DataSplit
  /// How many bytes may be kept between trials; no outcome depends on it.
  package let memory: Int
  private let success: QuestionObjective<Model>.Success
  private let workers: Workers
  private let modelFingerprint: Fingerprint
  /// Called with the number of answers so far and of all, of the candidates that are scored together.
  package var progress: @Sendable (Int, Int) -> Void = { _, _ in }

  /// Edits of `model` are scored on `questions`, which are in its tokens.
  ///
  /// - Parameters:
  ///   - model: The unedited model.
  ///   - questions: The questions.
  ///   - split: Which of them pick and which report.
  ///   - memory: How many bytes may be kept between trials.
  ///   - success: What counts as a success.
  ///   - workers: The threads.
  /// - Throws: ``StudyError`` where no question of a part can be scored; `StorageError` for a configuration that cannot
  ///   be read.
  package init(
    model: Model, questions: QuestionSet, split: DataSplit,
    memory: Int = QuestionObjective<Model>.defaultMemory,
    success: QuestionObjective<Model>.Success = .right, workers: Workers = .allCores
  ) throws {
    self.model = model
    self.questions = questions
    self.split = success == .right ? split : try questions.ranked(split)
    self.memory = memory
    self.success = success
    self.workers = workers
    modelFingerprint = try model.checkpoint.fingerprint()
  }

  /// Edits of `model` are scored on a benchmark; the first fifth of the examples picks, the rest reports.
  ///
  /// - Parameters:
  ///   - model: The unedited model.
  ///   - url: Where it lies, its tokenizer with it.
  ///   - task: The benchmark.
  ///   - data: Its files.
  ///   - limit: How many examples; nil for all.
  ///   - success: What counts as a success.
  ///   - workers: The threads.
  /// - Throws: `BenchmarkError`, `QuestionError`, `TokenizerError`, `StorageError`: what is wrong with a file;
  ///   `SplitError` for too few examples.
  public init(
    of model: Model, at url: URL, task: BenchmarkTask.Name, data: [URL], limit: Int? = nil,
    success: QuestionObjective<Model>.Success = .right, workers: Workers = .allCores
  ) throws {
    let tokenizer = try Tokenizer(contentsOf: url)
    let benchmark = try BenchmarkTask(task).load(
      data, options: BenchmarkOptions(family: ModelFamily(model), tokenizer: tokenizer))
    let questions = try QuestionSet(
      benchmark, limit: limit, for: model, tokenizer: tokenizer, workers: workers)
    try self.init(
      model: model, questions: questions,
      split: DataSplit(exampleCount: questions.examples.count), success: success, workers: workers)
  }

  /// The same with other questions of the set.
  ///
  /// - Throws: ``StudyError`` where none of them can be scored.
  package func asking(_ split: DataSplit) throws -> QuestionExperiment {
    var other = try QuestionExperiment(
      model: model, questions: questions, split: split, memory: memory, success: success,
      workers: workers)
    other.progress = progress
    return other
  }

  /// How many questions are answered, and with what loss.
  public var objective: QuestionObjective<Model> {
    QuestionObjective(
      questions, of: model, memory: memory, success: success, workers: workers, progress: progress)
  }

  /// The model, the questions and how answers are judged.
  public var identity: RunIdentity {
    let (benchmark, scoring) = (questions.benchmark, questions.benchmark.scoring)
    var rules: [String: RunValue] = [
      "variant": .text(benchmark.variant.rawValue), "metric": .text(scoring.metric.rawValue),
      "version": .integer(QuestionSet.scoringVersion),
    ]
    switch (success, scoring.metric) {
    case (.ranked(let limit), _): rules["top_k"] = .integer(limit)
    case (.right, .classification): break
    case (.right, .generation):
      rules["new_tokens"] = .integer(scoring.maximumNewTokens)
      rules["matching"] = .text(scoring.matching.rawValue)
    }
    return RunIdentity(
      model: "\(modelFingerprint)",
      data: [
        "questions": .init(count: questions.examples.count, fingerprint: "\(questions.fingerprint)")
      ],
      scoring: .init(task: benchmark.task.rawValue, rules: rules), split: split.identity)
  }
}
