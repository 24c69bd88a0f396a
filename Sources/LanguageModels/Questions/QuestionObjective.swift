package import Numerics
public import LaserOps

/// The search's task on a language model: answer questions; ties go to the lower loss.
///
/// Everything below the lowest edited layer is as it was: the unedited model's stream that enters this layer is kept,
/// or computed once for all candidates, and a candidate computes from there on. What all questions begin with is
/// computed once for those that are computed together, and a prompt once for all its answers. Where text is generated
/// token by token, a candidate first reads the unedited model's continuation in one pass; only where it would have said
/// something else does it go on by itself. One pass and token by token differ by roundings of the attention, so that
/// two tokens that are equally likely to the last digits may change places; nothing else can.
public struct QuestionObjective<Model: LanguageModel>: Objective {
  /// The questions, in data order.
  package let questions: QuestionSet
  let model: Model
  let judge: AnswerJudge
  let workers: Workers
  let memory: Int
  let success: Success
  let progress: @Sendable (Int, Int) -> Void

  /// What counts as a success.
  public enum Success: Equatable, Sendable {
    /// A right answer, by the benchmark's rules.
    case right
    /// A right answer of one token among so many of the likeliest. No text is generated to see that, and what is
    /// said is the likeliest token where such an answer begins.
    case ranked(within: Int)
  }

  /// The bytes that kept streams, or activations, take unless said otherwise.
  package static var defaultMemory: Int { 2 << 30 }

  /// Scores edits of `model`, in whose tokens the questions are.
  ///
  /// - Parameters:
  ///   - questions: The questions.
  ///   - model: The unedited model.
  ///   - memory: How many bytes kept streams, or the activations of a gradient, may take; no outcome depends on it.
  ///   - success: What counts as a success.
  ///   - workers: The threads; no outcome depends on their number.
  ///   - progress: Called with the number of answers so far and of all, of the candidates that are scored together.
  package init(
    _ questions: QuestionSet, of model: Model, memory: Int = QuestionObjective.defaultMemory,
    success: Success = .right, workers: Workers = .allCores,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.questions = questions
    self.model = model
    self.memory = memory
    self.success = success
    self.workers = workers
    self.progress = progress
    judge =
      switch success {
      case .right: AnswerJudge(questions)
      case .ranked(let limit): AnswerJudge(questions, rankLimit: limit)
      }
  }

  /// The loss decides among equal accuracies.
  public var secondaryMeasure: SecondaryMeasure { .loss }

  /// The number of questions.
  public var exampleCount: Int { questions.examples.count }

  /// The accuracy of always giving the commonest right answer; nil where an answer is right as one of several.
  public func majorityScore(on examples: [Int]) -> Double? {
    examples.isEmpty || success != .right ? nil : questions.majorityAccuracy(of: examples)
  }

  /// Asks every candidate the same questions; what is kept goes when they are answered.
  ///
  /// - Throws: ``LanguageModelError``.
  public func outcomes(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try session().outcomes(of: candidates, on: examples)
  }

  /// What every candidate answers to the same questions.
  ///
  /// - Parameters:
  ///   - candidates: The models.
  ///   - examples: Which questions, by number.
  /// - Returns: For every candidate the answers in the order of `examples`.
  /// - Throws: ``LanguageModelError``.
  package func answers(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[QuestionAnswer]] {
    try QuestionSession(self, asking: []).answers(of: candidates, on: examples)
  }

  /// Keeps the unedited model's streams from one call to the next: those of every part together take the memory that those
  /// of one list may take.
  public func session(asking parts: [[Int]] = []) -> any ScoringSession<Model> {
    QuestionSession(self, asking: parts)
  }

  /// What became of an answered question.
  func outcome(of answer: QuestionAnswer) -> Outcome {
    Outcome(
      isSuccess: isSuccess(answer), measure: answer.loss,
      answer: answer.tokens.isEmpty && success != .right ? nil : answer.predicted,
      margin: answer.margin.map { Float($0) })
  }

  private func isSuccess(_ answer: QuestionAnswer) -> Bool {
    switch success {
    case .right: answer.isCorrect
    case .ranked(let limit): answer.isRanked && answer.rank.map { $0 <= limit } ?? false
    }
  }
}
