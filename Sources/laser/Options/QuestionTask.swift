import Numerics
import LanguageModels
import LaserOps

/// Questions that a language model is searched on: the objective, and what a journal of the search says of itself.
struct QuestionTask<Model: LanguageModel> {
  let model: Model
  let questions: QuestionSet
  /// The questions that are asked: where an answer must be among the likeliest tokens, those with a one-token answer.
  let split: DataSplit
  let memory: Int
  private let success: QuestionObjective<Model>.Success

  /// - Throws: `StudyError` where no question of a part can be scored.
  init(
    model: Model, questions: QuestionSet, split: DataSplit,
    memory: Int = QuestionObjective<Model>.defaultMemory,
    success: QuestionObjective<Model>.Success = .right
  ) throws {
    self.model = model
    self.questions = questions
    self.split = success == .right ? split : try questions.ranked(split)
    self.memory = memory
    self.success = success
  }

  /// The same task on other questions of the set.
  ///
  /// - Throws: `StudyError` where none of them can be scored.
  func asking(_ split: DataSplit) throws -> QuestionTask {
    try QuestionTask(
      model: model, questions: questions, split: split, memory: memory, success: success)
  }

  /// - Throws: `StorageError` for a configuration that cannot be read.
  func scored(
    workers: Workers, remarks: [String: String] = [:],
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> ScoredTask<QuestionObjective<Model>> {
    ScoredTask(
      model: model,
      objective: QuestionObjective(
        questions, of: model, memory: memory, success: success, workers: workers,
        progress: progress),
      split: split, identity: try identity(), remarks: remarks)
  }

  /// Fingerprints, not paths: the same search elsewhere on the disk is the same search.
  ///
  /// - Throws: `StorageError` for a configuration that cannot be read.
  func identity() throws -> [String: String] {
    let scoring = questions.benchmark.scoring
    let options =
      switch (success, scoring.metric) {
      case (.ranked(let limit), _): QuestionTaskOptions.text(rankLimit: limit)
      case (.right, .classification): "labels by their probability"
      case (.right, .generation):
        "up to \(scoring.maximumNewTokens) tokens, answer sought in \(scoring.matching.rawValue)"
      }
    return [
      "task": questions.benchmark.task.rawValue, "variant": questions.benchmark.variant.rawValue,
      "model": "\(try model.checkpoint.fingerprint())",
      "questions": "\(questions.examples.count), \(questions.fingerprint)",
      "scoring": "\(QuestionSet.scoringVersion)", "options": options, "split": split.identity,
    ]
  }
}

extension DataSplit {
  /// The split as a journal's header names it.
  var identity: String {
    guard !validation.isEmpty else { return "all \(test.count)" }
    var parts = Fingerprint()
    for index in validation { parts.combine("\(index)") }
    return "\(validation.count) validation, \(test.count) test, \(parts)"
  }
}

/// How a journal's header tells that an answer may be one of several likely tokens.
enum QuestionTaskOptions {
  private static let words = (before: "answer sought among the ", after: " likeliest tokens")

  static func text(rankLimit limit: Int) -> String { "\(words.before)\(limit)\(words.after)" }

  /// The number of tokens in such a text; nil for any other.
  static func rankLimit(in text: String) -> Int? {
    guard text.hasPrefix(words.before), text.hasSuffix(words.after) else { return nil }
    return Int(text.dropFirst(words.before.count).dropLast(words.after.count))
  }
}
