/// Turns what a model says at the places of a question into an answer, by the rules of the benchmark and its variant.
struct AnswerJudge: Sendable {
  let questions: QuestionSet
  let scoring: BenchmarkScoring
  private let isAuthors: Bool
  private let rankLimit: Int?

  /// - Parameters:
  ///   - questions: The questions.
  ///   - rankLimit: Among how many of the likeliest tokens the right one has to be; nil where text is judged.
  init(_ questions: QuestionSet, rankLimit: Int? = nil) {
    self.questions = questions
    self.rankLimit = rankLimit
    scoring = questions.benchmark.scoring
    isAuthors = questions.benchmark.variant == .authors
  }

  /// The answer to question `number`.
  ///
  /// - Parameters:
  ///   - number: The question.
  ///   - readings: What the model says at its places.
  ///   - continuation: The tokens that were generated one by one; empty where all were read at once.
  /// - Returns: The judged answer.
  /// - Throws: `TokenizerError` for a token that the tokenizer does not have.
  func answer(
    to number: Int, _ readings: QuestionReadings, continuation: [Int]
  ) throws -> QuestionAnswer {
    let question = questions.questions[number]
    let example = questions.examples[number]
    let sums = readings.answers.map { $0.reduce(0, +) }
    let right = question.right
    let loss = -sums[right] / lossDivisor(tokens: readings.answers[right].count)
    guard scoring.metric == .generation else {
      let others = sums.indices.filter { $0 != right }
      let best = sums.indices.reduce(0) { sums[$1] > sums[$0] ? $1 : $0 }
      return QuestionAnswer(
        number: number,
        // Strictly: a tie with another candidate is no preference for the right one.
        isCorrect: others.allSatisfy { sums[right] > sums[$0] }, loss: loss,
        predicted: example.candidates[best].stripped, candidateLogProbabilities: sums,
        margin: others.map { sums[$0] }.max().map { sums[right] - $0 },
        generated: nil, tokens: [], isRanked: false, rank: nil, f1: nil)
    }
    let tokens = question.prompt.isEmpty ? readings.filled : continuation
    let text = try text(of: tokens)
    let isRanked = questions.isRanked(number)
    return QuestionAnswer(
      number: number, isCorrect: isAnswered(number, by: text), loss: loss,
      predicted: try label(of: tokens), candidateLogProbabilities: [],
      margin: margin(of: question, readings),
      generated: text,
      tokens: tokens, isRanked: isRanked,
      rank: isRanked
        ? try rank(of: example.answer, in: readings.likeliest.prefix(scoring.topK.max() ?? 0))
        : nil,
      f1: AnswerText.f1(
        of: scoring.matching == .promptAndContinuation ? example.prompt + text : text,
        against: example.answer, isAuthors: isAuthors))
  }

  /// How much likelier the right answer's token is than the one that it has to outdo; nil where text is judged, which may
  /// say the right thing later.
  private func margin(of question: Question, _ readings: QuestionReadings) -> Double? {
    guard let other = outdone(by: question, readings),
      let probability = readings.answers[question.right].first
    else { return nil }
    return probability - other.logProbability
  }

  /// The token that the right answer's has to outdo to be among the likeliest; nil where text is judged.
  func outdone(
    by question: Question, _ readings: QuestionReadings
  ) -> (token: Int, logProbability: Double)? {
    guard let rankLimit, question.hasOneTokenAnswer, let right = question.firstAnswerToken
    else { return nil }
    let others = zip(readings.likeliest, readings.likeliestLogProbabilities)
      .filter { $0.0 != right }
    guard others.indices.contains(rankLimit - 1) else { return nil }
    return (others[rankLimit - 1].0, others[rankLimit - 1].1)
  }

  /// Whether `tokens`, generated one by one, end the answer to question `number`: nothing that could follow would
  /// change whether it is right.
  func isSettled(_ number: Int, by tokens: [Int]) throws -> Bool {
    if let last = tokens.last, questions.stops.contains(last) { return true }
    guard scoring.matching != .token else { return false }
    // A character that is only begun says nothing yet.
    var decoder = decoder
    var text = ""
    for token in tokens where questions.tokenizer.isKnown(token) {
      text += try decoder.append(token)
    }
    return isAnswered(number, by: text)
  }

  private func isAnswered(_ number: Int, by text: String) -> Bool {
    let example = questions.examples[number]
    return switch scoring.matching {
    case .continuation: AnswerText.isFound(example.answer, in: text)
    case .promptAndContinuation: AnswerText.isFound(example.answer, in: example.prompt + text)
    case .token: AnswerText.areEqual(example.answer, text)
    }
  }

  /// The authors' masked scoring counts one token too many for answers of several tokens.
  func lossDivisor(tokens: Int) -> Double {
    let isOneTooMany =
      isAuthors && questions.benchmark.family.isMasked
      && [.hotpotQA, .epistemic, .wikidata].contains(questions.benchmark.task)
    return Double(tokens + (isOneTooMany ? 1 : 0))
  }

  private var decoder: StreamingDecoder {
    questions.tokenizer.streamingDecoder(isStart: false, skippingSpecialTokens: true)
  }

  private func text(of tokens: [Int]) throws -> String {
    var decoder = decoder
    var text = ""
    for token in tokens where questions.tokenizer.isKnown(token) {
      text += try decoder.append(token)
    }
    return text + decoder.finish()
  }

  /// The first token as a label; where that is only white space, as it would be written in a program.
  private func label(of tokens: [Int]) throws -> String {
    guard let first = tokens.first else { return "" }
    guard let text = try word(first) else { return "token \(first)" }
    let stripped = text.stripped
    return stripped.isEmpty ? "\(text.debugDescription)" : stripped
  }

  /// What one token says in the middle of a text; nil for one that the tokenizer does not have.
  func word(_ token: Int) throws -> String? {
    guard questions.tokenizer.isKnown(token) else { return nil }
    var decoder = questions.tokenizer.streamingDecoder(isStart: false)
    return try decoder.append(token) + decoder.finish()
  }

  /// By text, as the authors do: capitals and spaces do not matter.
  private func rank(of answer: String, in likeliest: some Collection<Int>) throws -> Int? {
    let place = try likeliest.enumerated().first { _, token in
      try AnswerText.areEqual(answer, text(of: [token]))
    }
    return place.map { $0.offset + 1 }
  }
}
