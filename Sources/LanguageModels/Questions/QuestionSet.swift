package import Numerics
package import LaserOps

/// The examples of a benchmark, ready to be asked of a model: as tokens, with the rules that judge the answers.
package struct QuestionSet: Sendable {
  /// The benchmark.
  package let benchmark: BenchmarkSet
  /// The examples that are asked: the benchmark's first ones.
  package let examples: [BenchmarkExample]
  /// The examples whose answer is more than the one token that the model generates: they cannot be right.
  package let unanswerableCount: Int
  /// Which revision of the rules that turn examples into tokens and what a model says into outcomes.
  package static let scoringVersion = 1
  let questions: [Question]
  let tokenizer: Tokenizer
  /// The tokens that end a generated text.
  let stops: Set<Int>
  /// What all sequences begin with, up to the first position that is read: computed once for all that are computed
  /// together. Nil where the model allows no sharing.
  let start: [Int]?

  /// The first `limit` examples of `benchmark` in the tokens of `model`.
  ///
  /// - Parameters:
  ///   - benchmark: The examples.
  ///   - limit: How many of them; nil for all.
  ///   - model: The model that will be asked, or one like it.
  ///   - tokenizer: Its tokenizer.
  ///   - workers: The threads.
  /// - Throws: ``QuestionError``; `StorageError` for a configuration that cannot be read.
  package init(
    _ benchmark: BenchmarkSet, limit: Int? = nil, for model: some LanguageModel,
    tokenizer: Tokenizer, workers: Workers = .allCores
  ) throws {
    let examples = Array(benchmark.examples.prefix(limit ?? .max))
    let encoding = try QuestionEncoding(
      tokenizer, shape: model.shape, scoring: benchmark.scoring, path: model.checkpoint.path)
    questions = try workers.map(examples.count) { number in
      try Question(examples[number], number: number, encoding: encoding)
    }
    self.benchmark = benchmark
    self.examples = examples
    self.tokenizer = tokenizer
    start = model.shape.allowsPrefixSharing ? Self.start(of: questions) : nil
    stops = model.shape.isMasked ? [] : try model.checkpoint.endOfTextIDs()
    let scoring = benchmark.scoring
    guard scoring.metric == .generation, scoring.maximumNewTokens == 1 else {
      unanswerableCount = 0
      return
    }
    unanswerableCount = questions.count { !$0.hasOneTokenAnswer }
    if unanswerableCount == questions.count, let first = questions.first {
      throw QuestionError.noOneTokenAnswer(
        answers: questions.count, first: examples[0].answer,
        tokens: first.answers[first.right].tokens.count)
    }
  }

  private static func start(of questions: [Question]) -> [Int] {
    let common = PrefixBatch.commonStart(of: questions.lazy.flatMap(\.sequences))
    return Array(common.prefix(questions.map(\.firstReadPosition).min() ?? 0))
  }

  /// The group of every example, for splits that keep records together.
  package var groups: [Int] { examples.map(\.group) }

  /// Whether the answer to question `number` may be looked for among the likeliest tokens: it is one token, and the
  /// benchmark asks for that.
  func isRanked(_ number: Int) -> Bool {
    !benchmark.scoring.topK.isEmpty && questions[number].hasOneTokenAnswer
  }

  /// The questions of `split` that have a one-token answer: all that can be scored by the likeliest tokens.
  ///
  /// - Throws: ``StudyError/noneRanked(examples:part:task:)`` where a part has none.
  package func ranked(_ split: DataSplit) throws -> DataSplit {
    let ranked = split.keeping(isRanked)
    for part in [DataSplit.Part.validation, .test]
    where ranked[part].isEmpty && !split[part].isEmpty {
      throw StudyError.noneRanked(
        examples: split[part].count, part: split.validation.isEmpty ? .all : part,
        task: benchmark.task)
    }
    return ranked
  }

  /// Tells these questions from any others by all that answers depend on, tokens included.
  package var fingerprint: Fingerprint {
    var fingerprint = benchmark.fingerprint
    for question in questions {
      for tokens in question.sequences + question.answers.map(\.tokens) + [question.prompt] {
        fingerprint.combine("\(tokens)")
      }
    }
    fingerprint.combine("\(stops.sorted())")
    return fingerprint
  }

  /// Tells apart questions about other subjects, which no answer depends on.
  package var subjectsFingerprint: Fingerprint {
    var fingerprint = Fingerprint()
    for example in examples { fingerprint.combine(example.subject.map { "of \($0)" } ?? "") }
    return fingerprint
  }

  /// Tells apart benchmarks that ask for other relations, which no answer depends on.
  package var relationsFingerprint: Fingerprint {
    var fingerprint = Fingerprint()
    for example in benchmark.examples {
      fingerprint.combine(example.relation.map { "of \($0)" } ?? "")
      fingerprint.combine(example.answer)
    }
    return fingerprint
  }

  /// The share of `examples` that are right if the commonest right answer is given to all of them.
  ///
  /// - Precondition: There is at least one example.
  package func majorityAccuracy(of examples: [Int]) -> Double {
    precondition(!examples.isEmpty, "the majority of nothing")
    let counts = Dictionary(grouping: examples) {
      Array(AnswerText.normalized(self.examples[$0].answer).utf8)
    }
    return Double(counts.values.map(\.count).max() ?? 0) / Double(examples.count)
  }
}
