internal import Numerics
package import LaserOps

/// What a model says, rather than how well: right answers, wrong ones of the same type, generic words, and how near
/// the answer is in the model's own embedding (Fig. 5).
///
/// The nearness is the cosine between the embeddings of two tokens: the first of the right answer and the first that
/// the model says. No position counts; for a masked model an embedding is what it reads of a token at the start of a
/// text.
package struct TailObjective<Model: LanguageModel>: Objective {
  private let questions: QuestionSet
  private let judge: AnswerJudge
  private let answers: QuestionObjective<Model>
  private let model: Model
  /// For every relation all its answers in the benchmark, normalised.
  private let relatedAnswers: [String?: Set<String>]

  /// Looks at what edits of `model` say, by asking `answers`.
  ///
  /// - Throws: ``StudyError/choosesLabels(task:)`` for a benchmark in which nothing is said.
  package init(_ answers: QuestionObjective<Model>, of model: Model) throws {
    let questions = answers.questions
    guard questions.benchmark.scoring.metric == .generation else {
      throw StudyError.choosesLabels(task: questions.benchmark.task)
    }
    self.questions = questions
    judge = AnswerJudge(questions)
    self.answers = answers
    self.model = model
    relatedAnswers = questions.benchmark.examples.reduce(into: [:]) { answers, example in
      answers[example.relation, default: []].insert(AnswerText.normalized(example.answer))
    }
  }

  /// How near the answers are.
  package var secondaryMeasure: SecondaryMeasure { .similarity }

  /// The number of questions.
  package var exampleCount: Int { answers.exampleCount }

  /// Asks every candidate the same questions.
  ///
  /// - Throws: ``LanguageModelError``.
  package func outcomes(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try session().outcomes(of: candidates, on: examples)
  }

  /// Keeps streams as questions do, and the embeddings of what was said.
  package func session(asking parts: [[Int]] = []) -> any ScoringSession<Model> {
    TailSession(self, asking: parts)
  }

  private final class TailSession: ScoringSession {
    private let objective: TailObjective
    private let answers: QuestionSession<Model>
    private var embeddings: [Int: [Float]] = [:]

    init(_ objective: TailObjective, asking parts: [[Int]]) {
      self.objective = objective
      answers = QuestionSession(objective.answers, asking: parts)
    }

    func outcomes(of candidates: [Candidate<Model>], on examples: [Int]) throws -> [[Outcome]] {
      try answers.answers(of: candidates, on: examples).map { answers in
        try answers.map { answer in
          Outcome(
            isSuccess: answer.isCorrect, measure: try similarity(of: answer),
            answer: try objective.type(of: answer).rawValue, word: answer.predicted)
        }
      }
    }

    private func similarity(of answer: QuestionAnswer) throws -> Double {
      guard let said = answer.tokens.first,
        let right = objective.questions.questions[answer.number].firstAnswerToken
      else { return 0 }
      return CosineSimilarity.of(try embedding(of: said), try embedding(of: right))
    }

    private func embedding(of token: Int) throws -> [Float] {
      if let known = embeddings[token] { return known }
      try objective.model.check([token])
      let row = objective.model.tokenEmbeddings(of: [token]).values
      embeddings[token] = row
      return row
    }
  }

  private func type(of answer: QuestionAnswer) throws -> AnswerType {
    if answer.isCorrect { return .right }
    let said = try answer.tokens.first.map(judge.word) ?? ""
    if let said, GenericWords.contains(said) { return .generic }
    let related = relatedAnswers[questions.examples[answer.number].relation] ?? []
    return Self.begins(answer.generated ?? "", withOneOf: related) ? .sameType : .other
  }

  /// Whether `text` begins with one of `answers` as whole words.
  static func begins(_ text: String, withOneOf answers: Set<String>) -> Bool {
    let text = AnswerText.normalized(text)
    return text.indices.dropFirst().contains { end in
      !text[end].isLetter && !text[end].isNumber && answers.contains(String(text[..<end]))
    } || answers.contains(text)
  }
}

/// What kind of thing a model said.
package enum AnswerType: String, CaseIterable, Sendable {
  /// The right answer.
  case right
  /// What is said begins with another answer to the same relation, or to any question where the set names none.
  case sameType = "same type"
  /// A function word, a number, a mark or white space.
  case generic
  /// Anything else.
  case other
}

/// How near two vectors point.
package enum CosineSimilarity {
  /// a · b / (|a| |b|), in double precision; 0 where one of them has no direction.
  ///
  /// - Precondition: Both have the same number of elements.
  package static func of(_ left: [Float], _ right: [Float]) -> Double {
    precondition(left.count == right.count, "\(left.count) and \(right.count) elements")
    func product(_ left: [Float], _ right: [Float]) -> Double {
      zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let lengths = (product(left, left) * product(right, right)).squareRoot()
    return lengths > 0 ? product(left, right) / lengths : 0
  }
}

/// Words that say nothing of what was asked: the paper's "a", "the", "of" and their like.
enum GenericWords {
  private static let words: Set<String> = [
    "a", "about", "after", "all", "also", "an", "and", "another", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "both", "but", "by", "can", "could", "did", "do", "does",
    "during", "each", "for", "from", "had", "has", "have", "he", "her", "here", "him", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "just", "like", "located", "many", "may", "me",
    "more", "most", "much", "my", "no", "not", "now", "of", "on", "one", "only", "or", "other",
    "our", "out", "over", "s", "same", "she", "should", "so", "some", "such", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "under", "until",
    "up",
    "us", "very", "was", "we", "well", "were", "what", "when", "where", "which", "while", "who",
    "will", "with", "would", "you", "your",
  ]

  /// Whether `text` is a function word or has no letter.
  static func contains(_ text: String) -> Bool {
    let word = AnswerText.normalized(text)
    return words.contains(word) || !word.unicodeScalars.contains { $0.properties.isAlphabetic }
  }
}
