internal import LaserOps

/// Some questions that are computed together: their sequences, and which rows of the finished stream are read.
struct QuestionChunk: Sendable {
  /// The questions, by their number in the set.
  let numbers: [Int]
  private let questions: [Question]
  /// All sequences of all questions.
  let sequences: [[Int]]
  /// The rows that are read, ascending.
  let rows: [Int]
  /// What is read in each of them.
  let queries: [LogitQuery]
  /// Every question's first sequence.
  private let firstSequences: [Int]
  /// Every sequence's first row.
  private let starts: [Int]

  /// About how many tokens are computed together: enough for the speed of large matrix products.
  static let tokensAtOnce = 2048

  /// The questions of `numbers` in chunks of about ``tokensAtOnce``, in their order.
  static func chunks(of numbers: [Int], in set: QuestionSet) -> [QuestionChunk] {
    var chunks: [QuestionChunk] = []
    var pending: [Int] = []
    var tokens = 0
    for number in numbers {
      let count = set.questions[number].tokenCount
      if !pending.isEmpty, tokens + count > tokensAtOnce {
        chunks.append(QuestionChunk(pending, in: set))
        pending = []
        tokens = 0
      }
      pending.append(number)
      tokens += count
    }
    if !pending.isEmpty { chunks.append(QuestionChunk(pending, in: set)) }
    return chunks
  }

  private init(_ numbers: [Int], in set: QuestionSet) {
    self.numbers = numbers
    questions = numbers.map { set.questions[$0] }
    sequences = questions.flatMap(\.sequences)
    firstSequences = Self.sums(of: questions.map(\.sequences.count))
    starts = Self.sums(of: sequences.map(\.count))
    var queries: [Int: LogitQuery] = [:]
    for (index, question) in questions.enumerated() {
      let firstRow = { [firstSequences, starts] (place: Question.Place) in
        starts[firstSequences[index] + place.sequence] + place.position
      }
      for answer in question.answers {
        for (token, place) in zip(answer.tokens, answer.places) {
          queries[firstRow(place), default: LogitQuery()].tokens.insert(token)
        }
      }
      for place in question.filled {
        let row = firstRow(place)
        queries[row, default: LogitQuery()].likeliest = max(1, queries[row]?.likeliest ?? 0)
      }
      if question.hasOneTokenAnswer, let deepest = set.benchmark.scoring.topK.max(),
        let place = question.answers[question.right].places.first
      {
        // One more than the ranks that are told: the right answer may be one of them, and has a margin to the others.
        queries[firstRow(place), default: LogitQuery()].likeliest = deepest + 1
      }
    }
    rows = queries.keys.sorted()
    self.queries = rows.compactMap { queries[$0] }
  }

  private static func sums(of counts: [Int]) -> [Int] {
    counts.reduce(into: [0]) { sums, count in sums.append(sums[sums.count - 1] + count) }
  }

  /// The questions with what the model reads say of each place, from the readings of all rows.
  func readings(_ readings: [LogitReading]) -> [QuestionReadings] {
    let byRow = Dictionary(uniqueKeysWithValues: zip(rows, readings))
    return questions.enumerated().map { index, question in
      QuestionReadings(question) { place in
        byRow[starts[firstSequences[index] + place.sequence] + place.position]
      }
    }
  }
}

/// What a model says at the places of one question.
struct QuestionReadings {
  /// The log-probability of every token of every answer.
  let answers: [[Double]]
  /// The likeliest tokens at the filled places.
  let filled: [Int]
  /// The likeliest tokens where the right answer begins, where they were asked for.
  let likeliest: [Int]
  /// The log-probability of each of them.
  let likeliestLogProbabilities: [Double]

  init(_ question: Question, reading: (Question.Place) -> LogitReading?) {
    answers = question.answers.map { answer in
      zip(answer.tokens, answer.places).map { token, place in
        guard let value = reading(place)?.logProbabilities[token] else {
          preconditionFailure("nothing was read of token \(token) at \(place)")
        }
        return value
      }
    }
    filled = question.filled.compactMap { reading($0)?.likeliest.first }
    let beginning = question.answers[question.right].places.first.flatMap(reading)
    likeliest = beginning?.likeliest ?? []
    likeliestLogProbabilities = beginning?.likeliestLogProbabilities ?? []
  }
}
