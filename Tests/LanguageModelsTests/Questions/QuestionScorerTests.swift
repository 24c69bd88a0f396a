import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct QuestionScorerTests {
  static let models = ["gptj-deep-tied", "llama-deep", "mistral-window", "roberta-deep"]

  @Test(arguments: models, SmallQuestions.Kind.allCases)
  func `answers are those of a plain forward, one question and one token at a time`(
    name: String, kind: SmallQuestions.Kind
  ) throws {
    try check(try Golden.load(name).model, kind)
  }

  private func check(_ model: some LanguageModel, _ kind: SmallQuestions.Kind) throws {
    let set = try SmallQuestions(kind).set(for: model)
    let plain = PlainAnswers(model: model, set: set, tokenizer: try SmallQuestions.tokenizer)
    let answers = try QuestionScorer(model, questions: set).answers(to: Array(set.examples.indices))
    // Random weights answer some and not others, or nothing would be compared.
    if ![.oneTokenAnswers, .instructedAnswers].contains(kind) {
      #expect(Set(answers.map(\.isCorrect)).count == 2)
    }
    for (example, answer) in zip(set.examples, answers) {
      let scores = try plain.logProbabilities(of: example.answer, to: example)
      let loss = -scores.reduce(0, +) / Double(scores.count)
      #expect(abs(answer.loss - loss) <= 1e-4)
      guard set.benchmark.scoring.metric == .generation else {
        let sums = try example.candidates.map {
          try plain.logProbabilities(of: $0, to: example).reduce(0, +)
        }
        #expect(zip(sums, answer.candidateLogProbabilities).allSatisfy { abs($0 - $1) <= 1e-4 })
        let best = sums.indices.max { sums[$0] < sums[$1] } ?? 0
        #expect(" " + answer.predicted == example.candidates[best])
        #expect(answer.isCorrect == (example.candidates[best] == example.answer))
        continue
      }
      let text = try plain.text(of: plain.generated(after: example))
      #expect(answer.generated == text)
      #expect(answer.isCorrect == AnswerText.isFound(example.answer, in: text))
    }
  }

  @Test(arguments: ["gptj-deep-tied", "roberta-deep"])
  func `the rank is the answer's place among the likeliest tokens`(name: String) throws {
    try checkRanks(try Golden.load(name).model)
  }

  private func checkRanks(_ model: some LanguageModel) throws {
    let set = try SmallQuestions(.oneTokenAnswers).set(for: model)
    let answers = try QuestionScorer(model, questions: set).answers(to: Array(set.examples.indices))
    // " zz" is three tokens.
    #expect(answers.map(\.isRanked) == set.examples.map { $0.answer != " zz" })
    #expect(set.unanswerableCount == 3)
    for answer in answers where answer.rank == 1 { #expect(answer.isCorrect) }
    #expect(answers.contains { ($0.rank ?? 0) > 1 })
  }

  @Test func `the authors look for the answer in the prompt too, and accept one token as it is`()
    throws
  {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let files = try BenchmarkFiles(
      #"{"prompt": "the qx is", "answer": " qx"}"#, #"{"prompt": "the zq is", "answer": " qx"}"#)
    let tokenizer = try SmallQuestions.tokenizer
    let answers = try [BenchmarkOptions.Variant.paper, .authors].map { variant in
      let set = try QuestionSet(
        files.load(.jsonl, variant), for: model, tokenizer: tokenizer)
      return try QuestionScorer(model, questions: set).answers(to: [0, 1])
    }
    #expect(answers[0].map(\.isCorrect) == [false, false])
    #expect(answers[1].map(\.isCorrect) == [true, false])
    #expect(answers[0].map(\.loss) == answers[1].map(\.loss))
  }

  @Test func `the authors divide the loss of several masks by one too many`() throws {
    let model = try RoBERTa(Checkpoint(Golden.folder.appending(path: "roberta-deep")))
    let files = try BenchmarkFiles(
      #"{"question": "where", "answer": "qx"}"#)
    let tokenizer = try SmallQuestions.tokenizer
    let losses = try [BenchmarkOptions.Variant.paper, .authors].map { variant in
      let set = try QuestionSet(
        files.load(.hotpotQA, variant, .roberta), for: model, tokenizer: tokenizer)
      return try #require(try QuestionScorer(model, questions: set).answers(to: [0]).first).loss
    }
    // " qx" is three tokens.
    #expect(abs(losses[1] - losses[0] * 3 / 4) <= 1e-12)
  }

  @Test(arguments: ["gptj-deep-tied", "llama-deep", "roberta-deep"])
  func `threads change no bit of an answer`(name: String) throws {
    try checkThreads(try Golden.load(name).model)
  }

  private func checkThreads(_ model: some LanguageModel) throws {
    for kind in SmallQuestions.Kind.allCases {
      let set = try SmallQuestions(kind).set(for: model)
      let numbers = Array(set.examples.indices)
      let one = try QuestionScorer(model, questions: set, workers: Workers(count: 1))
        .answers(to: numbers)
      let three = try QuestionScorer(model, questions: set, workers: Workers(count: 3))
        .answers(to: numbers)
      #expect(one == three)
    }
  }
}
