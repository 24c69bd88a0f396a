import LanguageModels
import LaserOps

/// Questions that a language model is searched on: the objective, and what a journal of the search says of itself.
struct QuestionTask<Model: LanguageModel> {
  let model: Model
  let questions: QuestionSet
  let split: DataSplit
  var memory = QuestionObjective<Model>.defaultMemory

  func search(
    _ space: SearchSpace, options: InterventionSearch<QuestionObjective<Model>>.Options,
    workers: Workers, progress: @escaping @Sendable (Int, Int) -> Void
  ) -> InterventionSearch<QuestionObjective<Model>> {
    InterventionSearch(
      model: model,
      objective: QuestionObjective(
        questions, of: model, memory: memory, workers: workers, progress: progress),
      split: split, space: space, options: options)
  }

  /// Fingerprints, not paths: the same search elsewhere on the disk is the same search.
  ///
  /// - Throws: `StorageError` for a configuration that cannot be read.
  func identity() throws -> [String: String] {
    let scoring = questions.benchmark.scoring
    let options =
      switch scoring.metric {
      case .classification: "labels by their probability"
      case .generation:
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
    var parts = Fingerprint()
    for index in validation { parts.combine("\(index)") }
    return "\(validation.count) validation, \(test.count) test, \(parts)"
  }
}
