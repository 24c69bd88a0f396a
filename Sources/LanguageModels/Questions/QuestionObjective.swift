public import Numerics
public import LaserOps
internal import Synchronization

/// The search's task on a language model: answer questions; ties go to the lower loss.
///
/// Everything below the lowest edited layer is as it was: the unedited model's stream that enters this layer is kept,
/// or computed once for all candidates, and a candidate computes from there on. What all questions begin with is
/// computed once for those that are computed together, and a prompt once for all its answers. Where text is generated
/// token by token, a candidate first reads the unedited model's continuation in one pass; only where it would have said
/// something else does it go on by itself. One pass and token by token differ by roundings of the attention, so that
/// two tokens that are equally likely to the last digits may change places; nothing else can.
public final class QuestionObjective<Model: LanguageModel>: Objective {
  /// The questions, in data order.
  public let questions: QuestionSet
  let model: Model
  let judge: AnswerJudge
  let workers: Workers
  let memory: Int
  let success: Success
  private let progress: @Sendable (Int, Int) -> Void
  private let preparations = Mutex(Preparations())

  /// What counts as a success.
  public enum Success: Equatable, Sendable {
    /// A right answer, by the benchmark's rules.
    case right
    /// A right answer of one token among so many of the likeliest. No text is generated to see that, and what is
    /// said is the likeliest token where such an answer begins.
    case ranked(within: Int)
  }

  /// The bytes that kept streams take unless said otherwise.
  public static var defaultMemory: Int { 2 << 30 }

  /// Scores edits of `model`, in whose tokens the questions are.
  ///
  /// - Parameters:
  ///   - questions: The questions.
  ///   - model: The unedited model.
  ///   - memory: How many bytes kept streams may take; no outcome depends on it.
  ///   - success: What counts as a success.
  ///   - workers: The threads; no outcome depends on their number.
  ///   - progress: Called with the number of answers so far and of all, of the candidates that are scored together.
  public init(
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

  /// Forgets the streams that are kept.
  public func releaseMemory() { preparations.withLock { $0 = Preparations() } }

  /// Keeps the streams of every part; together they take the memory that those of one list may take.
  public func expect(_ parts: [[Int]]) {
    preparations.withLock { $0 = Preparations(expected: Set(parts)) }
  }

  /// Asks every candidate the same questions.
  ///
  /// - Throws: ``LanguageModelError``.
  public func outcomes(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try answers(of: candidates, on: examples).map { answers in
      answers.map { answer in
        Outcome(
          isSuccess: isSuccess(answer), measure: Float(answer.loss),
          answer: answer.tokens.isEmpty && success != .right ? nil : answer.predicted,
          margin: answer.margin.map { Float($0) })
      }
    }
  }

  private func isSuccess(_ answer: QuestionAnswer) -> Bool {
    switch success {
    case .right: answer.isCorrect
    case .ranked(let limit): answer.isRanked && answer.rank.map { $0 <= limit } ?? false
    }
  }

  /// What every candidate answers to the same questions.
  ///
  /// - Parameters:
  ///   - candidates: The models.
  ///   - examples: Which questions, by number.
  /// - Returns: For every candidate the answers in the order of `examples`.
  /// - Throws: ``LanguageModelError``.
  public func answers(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[QuestionAnswer]] {
    try preparations.withLock { preparations in
      let kept = preparations.take(examples)
      var chunks = try kept ?? prepare(examples, within: memory(of: examples, preparations))
      defer { preparations.keep(chunks, of: examples) }
      var answers = candidates.map { _ in [QuestionAnswer]() }
      for place in chunks.indices {
        for (index, candidate) in candidates.enumerated() {
          answers[index] += try self.answers(of: candidate, on: &chunks[place])
          progress(
            answers.reduce(0) { $0 + $1.count }, candidates.count * examples.count)
        }
        chunks[place].streams.release()
      }
      return answers
    }
  }

  /// How many bytes the streams of `examples` may take: those that are expected share the memory by their numbers.
  private func memory(of examples: [Int], _ preparations: Preparations) -> Int {
    let all = preparations.expected.reduce(0) { $0 + $1.count }
    return all == 0 ? memory : memory / all * examples.count
  }

  /// What is kept from one call to the next: of the lists of examples that are expected, or of the last one.
  private struct Preparations {
    private(set) var expected: Set<[Int]> = []
    private var kept: [[Int]: [PreparedChunk]] = [:]

    init(expected: Set<[Int]> = []) { self.expected = expected }

    /// Hands over what is kept of `examples`, and forgets everything when they are not expected.
    mutating func take(_ examples: [Int]) -> [PreparedChunk]? {
      let found = kept.removeValue(forKey: examples)
      if !expected.contains(examples) { self = Preparations() }
      return found
    }

    mutating func keep(_ chunks: [PreparedChunk], of examples: [Int]) { kept[examples] = chunks }
  }

  private struct PreparedChunk {
    let chunk: QuestionChunk
    var streams: KeptStreams
  }

  private func prepare(_ examples: [Int], within memory: Int) throws -> [PreparedChunk] {
    let inference = Inference(model, workers: workers)
    let chunks = try QuestionChunk.chunks(of: examples, in: questions).map { chunk in
      guard questions.start != nil, success == .right else { return chunk }
      let continuations = try inference.continuations(
        of: chunk, in: questions, isFinished: judge.isSettled)
      return continuations.allSatisfy(\.isEmpty)
        ? chunk : chunk.checking(continuations, in: questions)
    }
    let plans = KeptStreams.plans(
      tokens: chunks.map(\.sequences.tokenCount), shape: model.shape, memory: memory)
    return zip(chunks, plans).map {
      PreparedChunk(chunk: $0, streams: KeptStreams(of: $0.sequences, plan: $1))
    }
  }

  private func answers(
    of candidate: Candidate<Model>, on prepared: inout PreparedChunk
  ) throws -> [QuestionAnswer] {
    // The last layer is always computed: it drops the rows that nobody reads.
    let last = model.shape.layerCount - 1
    let layer = min(candidate.lowestEditedLayer ?? last, last)
    let inference = Inference(candidate.model, workers: workers)
    let chunk = prepared.chunk
    let stream = try prepared.streams.stream(entering: layer, of: model, using: workers)
    let readings = try inference.readings(of: chunk, from: stream, entering: layer)
    let continuations =
      if success != .right {
        readings.map { Array($0.likeliest.prefix(1)) }
      } else if let said = chunk.continuations {
        try inference.continuations(
          checking: said, of: chunk, readings, in: questions, isFinished: judge.isSettled)
      } else {
        try inference.continuations(of: chunk, in: questions, isFinished: judge.isSettled)
      }
    return try zip(chunk.numbers, zip(readings, continuations)).map { number, said in
      try judge.answer(to: number, said.0, continuation: said.1)
    }
  }
}
