/// Some questions that are computed together: their sequences, and which rows of the finished stream are read.
struct QuestionChunk: Sendable {
  /// The questions, by their number in the set.
  let numbers: [Int]
  /// What the unedited model generated after every question's prompt, read to see whether another model would say the
  /// same; nil where nothing is checked.
  let continuations: [[Int]]?
  private let questions: [Question]
  /// All sequences of all questions, and the checked continuations of their prompts.
  let sequences: PrefixBatch
  /// The rows that are read, ascending.
  let rows: [Int]
  /// What is read in each of them.
  let queries: [LogitQuery]
  private let layout: Layout
  /// The places that predict the tokens of every question's checked continuation, its last sequence.
  private let checkedPlaces: [[Question.Place]]

  /// About how many tokens are computed together, beside the start of all: enough for the speed of large matrix products.
  static let tokensAtOnce = 2048

  /// The questions of `numbers` in chunks, in their order.
  ///
  /// - Parameters:
  ///   - numbers: The questions, by their number in the set.
  ///   - set: The set.
  ///   - isSharingStart: Whether what all questions begin with is computed once for a chunk; else every row belongs to
  ///     one question.
  ///   - tokensAtOnce: About how many tokens are computed together.
  /// - Returns: The chunks.
  static func chunks(
    of numbers: [Int], in set: QuestionSet, isSharingStart: Bool = true,
    tokensAtOnce: Int = Self.tokensAtOnce
  ) -> [QuestionChunk] {
    let start = isSharingStart ? set.start : set.start.map { _ in [] }
    var chunks: [QuestionChunk] = []
    var pending: [Int] = []
    var sequences = PrefixBatch(after: start)
    for number in numbers {
      sequences.append(group: set.questions[number].sequences)
      if !pending.isEmpty, sequences.ownTokenCount > tokensAtOnce {
        chunks.append(QuestionChunk(pending, in: set, after: start))
        pending = []
        sequences = PrefixBatch(after: start)
        sequences.append(group: set.questions[number].sequences)
      }
      pending.append(number)
    }
    if !pending.isEmpty { chunks.append(QuestionChunk(pending, in: set, after: start)) }
    return chunks
  }

  /// The same questions, with what is needed to see whether a model goes on like `continuations`.
  ///
  /// - Parameters:
  ///   - continuations: What was generated after every question's prompt.
  ///   - set: Where the questions are from.
  /// - Returns: A chunk of longer sequences.
  /// - Precondition: No token depends on later ones.
  func checking(_ continuations: [[Int]], in set: QuestionSet) -> QuestionChunk {
    precondition(set.start != nil, "tokens that depend on later ones cannot be checked")
    return QuestionChunk(numbers, in: set, after: set.start, checking: continuations)
  }

  private init(
    _ numbers: [Int], in set: QuestionSet, after start: [Int]?,
    checking continuations: [[Int]]? = nil
  ) {
    self.numbers = numbers
    self.continuations = continuations
    questions = numbers.map { set.questions[$0] }
    var sequences = PrefixBatch(after: start)
    var layout = Layout()
    var checkedPlaces: [[Question.Place]] = []
    for (index, question) in questions.enumerated() {
      let continuation = continuations?[index] ?? []
      checkedPlaces.append(
        continuation.indices.map {
          .init(sequence: question.sequences.count, position: question.prompt.count - 1 + $0)
        })
      // The last token is predicted, not read.
      let checked = continuation.isEmpty ? [] : [question.prompt + continuation.dropLast()]
      layout.firstSequences.append(sequences.count)
      sequences.append(group: question.sequences + checked)
    }
    layout.packed = sequences.packed
    var queries: [Int: LogitQuery] = [:]
    func wantLikeliest(_ count: Int, in row: Int) {
      queries[row, default: LogitQuery()].likeliest = max(count, queries[row]?.likeliest ?? 0)
    }
    for (index, question) in questions.enumerated() {
      for answer in question.answers {
        for (token, place) in zip(answer.tokens, answer.places) {
          queries[layout.row(of: place, question: index), default: LogitQuery()].tokens
            .insert(token)
        }
      }
      for place in question.filled { wantLikeliest(1, in: layout.row(of: place, question: index)) }
      if question.hasOneTokenAnswer, let deepest = set.benchmark.scoring.topK.max(),
        let place = question.answers[question.right].places.first
      {
        // One more than the ranks that are told: the right answer may be one of them, and has a margin to the others.
        wantLikeliest(deepest + 1, in: layout.row(of: place, question: index))
      }
      for place in checkedPlaces[index] {
        wantLikeliest(1, in: layout.row(of: place, question: index))
      }
    }
    self.sequences = sequences
    self.layout = layout
    self.checkedPlaces = checkedPlaces
    rows = queries.keys.sorted()
    self.queries = rows.compactMap { queries[$0] }
  }

  /// Which rows belong to which question.
  private struct Layout {
    var packed = PackedSequences(counts: [], cached: [])
    /// Every question's first sequence.
    var firstSequences: [Int] = []

    func row(of place: Question.Place, question: Int) -> Int {
      packed.row(of: place.position, in: firstSequences[question] + place.sequence)
    }
  }

  /// The row of the finished stream that `place` of the chunk's `question`th question is read in.
  func row(of place: Question.Place, question: Int) -> Int {
    layout.row(of: place, question: question)
  }

  /// Which question of the chunk every row belongs to.
  ///
  /// - Precondition: No start is shared by all.
  var questionOfEveryRow: [Int] {
    let packed = layout.packed
    var owners = [Int](repeating: 0, count: packed.rowCount)
    for (question, first) in layout.firstSequences.enumerated() {
      let end =
        question + 1 < layout.firstSequences.count
        ? layout.firstSequences[question + 1] : packed.count
      for sequence in first..<end {
        for row in packed.rows(of: sequence) { owners[row] = question }
      }
    }
    return owners
  }

  /// The questions with what the model reads say of each place, from the readings of all rows.
  func readings(_ readings: [LogitReading]) -> [QuestionReadings] {
    let byRow = Dictionary(uniqueKeysWithValues: zip(rows, readings))
    return questions.enumerated().map { index, question in
      QuestionReadings(question, checked: checkedPlaces[index]) {
        byRow[layout.row(of: $0, question: index)]
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
  /// The likeliest tokens where the right answer begins, as many as were asked for at that place.
  let likeliest: [Int]
  /// The log-probability of each of them.
  let likeliestLogProbabilities: [Double]
  /// The likeliest token in the place of every token of the checked continuation.
  let checked: [Int]

  init(
    _ question: Question, checked places: [Question.Place],
    reading: (Question.Place) -> LogitReading?
  ) {
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
    checked = places.compactMap { reading($0)?.likeliest.first }
  }
}
