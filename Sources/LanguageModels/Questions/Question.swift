/// An example of a benchmark in the tokens of one model: what it reads, and where its answers are read.
struct Question: Sendable {
  /// What the model reads; a causal model reads no start of another of them a second time.
  private(set) var sequences: [[Int]] = []
  /// The candidates in their order, or the right answer alone.
  private(set) var answers: [ScoredAnswer] = []
  /// Which of ``answers`` is right.
  let right: Int
  /// Where what is generated is read all at once: every mask, or the only new token.
  private(set) var filled: [Place] = []
  /// What is continued token by token; empty where ``filled`` says it all.
  private(set) var prompt: [Int] = []

  /// A position in one of the sequences.
  struct Place: Hashable, Sendable {
    let sequence: Int
    let position: Int
  }

  /// An answer's tokens, and the places that predict them.
  struct ScoredAnswer: Sendable {
    let tokens: [Int]
    let places: [Place]
  }

  /// Whether the right answer is a single token.
  var hasOneTokenAnswer: Bool { answers[right].tokens.count == 1 }

  /// The first position that is read in any of its sequences.
  var firstReadPosition: Int {
    let places = answers.flatMap(\.places) + filled
    return places.map(\.position).min() ?? 0
  }

  /// The token that the right answer begins with.
  var firstAnswerToken: Int? { answers[right].tokens.first }

  /// The tokens of `example`, the set's `number`th.
  ///
  /// - Throws: `QuestionError`.
  init(_ example: BenchmarkExample, number: Int, encoding: QuestionEncoding) throws {
    let texts = example.candidates.isEmpty ? [example.answer] : example.candidates
    guard let right = texts.firstIndex(where: { $0.utf8.elementsEqual(example.answer.utf8) }) else {
      preconditionFailure("example \(number): the answer is none of its candidates")
    }
    self.right = right
    let scored: [Continuation]
    if encoding.mask != nil {
      scored = try readMasks(of: example, texts: texts, number: number, encoding)
    } else {
      scored = try readContinuations(of: example, texts: texts, number: number, encoding)
    }
    for (index, answer) in scored.enumerated() {
      guard let twin = scored[..<index].firstIndex(of: answer) else { continue }
      throw QuestionError.sameTokens(texts[twin], texts[index], example: number)
    }
    let longest = max(
      sequences.map(\.count).max() ?? 0,
      prompt.isEmpty ? 0 : prompt.count + encoding.scoring.maximumNewTokens - 1)
    guard longest <= encoding.shape.contextLength else {
      throw QuestionError.tooLong(
        example: number, tokens: longest, limit: encoding.shape.contextLength)
    }
  }

  /// A causal model scores the tokens that an answer adds to the prompt, whichever of the prompt's it changes.
  private mutating func readContinuations(
    of example: BenchmarkExample, texts: [String], number: Int, _ encoding: QuestionEncoding
  ) throws -> [Continuation] {
    let prompt = try encoding.tokens(of: example.prompt)
    guard !prompt.isEmpty else { throw QuestionError.emptyPrompt(example: number) }
    let wholes = try texts.map { try encoding.tokens(of: example.prompt + $0) }
    // One place for all: a candidate that changes the prompt's last token is compared over as much as the others.
    let common = wholes.reduce(prompt.count) { common, whole in
      min(common, zip(prompt, whole).prefix { $0 == $1 }.count)
    }
    guard common > 0 else { throw QuestionError.joinsPrompt(text: texts[0], example: number) }
    let continuations = try zip(texts, wholes).map { text, whole in
      guard common < whole.count, whole != prompt else {
        throw QuestionError.noTokens(text: text, example: number)
      }
      return Continuation(prompt: Array(whole[..<common]), tokens: Array(whole[common...]))
    }
    let generates = encoding.scoring.metric == .generation
    let isFilled = generates && encoding.scoring.maximumNewTokens == 1
    // The last token is scored, not read, unless those before it depend on there being one.
    let isWhole = encoding.shape.dependsOnLength
    let inputs = continuations.map { $0.prompt + $0.tokens.dropLast(isWhole ? 0 : 1) }
    let all = inputs + (isFilled ? [prompt] : [])
    sequences = all.enumerated().filter { index, input in
      !all.enumerated().contains { other, longer in
        guard longer != input else { return other < index }
        return !isWhole && longer.starts(with: input)
      }
    }.map(\.element)
    let home = { [sequences] (input: [Int]) in
      guard
        let home = sequences.firstIndex(where: { isWhole ? $0 == input : $0.starts(with: input) })
      else { preconditionFailure("example \(number): no sequence begins like an input of it") }
      return home
    }
    answers = zip(continuations, inputs).map { continuation, input in
      let first = continuation.prompt.count - 1
      let sequence = home(input)
      return ScoredAnswer(
        tokens: continuation.tokens,
        places: continuation.tokens.indices.map {
          Place(sequence: sequence, position: first + $0)
        })
    }
    if isFilled { filled = [Place(sequence: home(prompt), position: prompt.count - 1)] }
    if generates, !isFilled { self.prompt = prompt }
    return continuations
  }

  /// A masked model fills as many masks as an answer has tokens, all at once.
  private mutating func readMasks(
    of example: BenchmarkExample, texts: [String], number: Int, _ encoding: QuestionEncoding
  ) throws -> [Continuation] {
    var homes: [Int: [Place]] = [:]
    func places(masks count: Int) throws -> [Place] {
      if let places = homes[count] { return places }
      let tokens = try encoding.tokens(of: example.text(masks: count, mask: encoding.maskName))
      let positions = tokens.indices.filter { tokens[$0] == encoding.mask }
      guard positions.count == count else {
        throw QuestionError.maskInPrompt(name: encoding.maskName, example: number)
      }
      let places = positions.map { Place(sequence: sequences.count, position: $0) }
      sequences.append(tokens)
      homes[count] = places
      return places
    }
    let continuations = try texts.map { text in
      let tokens = try encoding.tokens(ofAnswer: text)
      guard !tokens.isEmpty else { throw QuestionError.noTokens(text: text, example: number) }
      return Continuation(prompt: [], tokens: tokens)
    }
    answers = try continuations.map {
      ScoredAnswer(tokens: $0.tokens, places: try places(masks: $0.tokens.count))
    }
    if encoding.scoring.metric == .generation {
      filled = try places(masks: encoding.scoring.maximumNewTokens)
    }
    return continuations
  }
}
