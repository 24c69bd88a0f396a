import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct TailObjectiveTests {
  private struct Pair: Decodable {
    let left: Int
    let right: Int
    let cosine: Double
  }

  @Test(arguments: ["llama-deep", "gptj-deep-tied"])
  func `cosines between embeddings equal numpy's`(name: String) throws {
    let goldens = try JSONDecoder().decode(
      [String: [Pair]].self, from: Data(contentsOf: TestResources.fixture("similarities.json")))
    let model = try Golden.load(name).model
    for pair in try #require(goldens[name]) {
      let cosine = CosineSimilarity.of(
        try model.embed([[pair.left]]).rows.values, try model.embed([[pair.right]]).rows.values)
      #expect(abs(cosine - pair.cosine) < 1e-6)
    }
    #expect(CosineSimilarity.of([0, 0], [1, 2]) == 0)
  }

  @Test(
    .enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"),
    arguments: ["gpt2-plain", "gpt-neo", "opt-pre"])
  func `the embedding of a position is no part of a token's`(name: String) throws {
    let data = try #require(TestResources.data)
    try checkPosition(LanguageModelLoader.load(data.appending(path: "models/checkpoints/\(name)")))
  }

  private func checkPosition(_ model: some LanguageModel) throws {
    let ids = [4, 9]
    let positions = try ids.map { id in
      zip(try model.embed([[id]]).rows.values, model.tokenEmbeddings(of: [id]).values).map(-)
    }
    #expect(positions[0].contains { $0 != 0 })
    // What is left is that of the first position, up to the rounding of a sum of numbers below 8.
    for (left, right) in zip(positions[0], positions[1]) {
      #expect(abs(left - right) <= 16 * .ulpOfOne)
    }
  }

  @Test func `what is said is sorted by its type, and measured by its embedding`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let set = try SmallQuestions(.openAnswers).set(for: model)
    let answers = QuestionObjective(set, of: model)
    let tail = try TailObjective(answers, of: model)
    let edits = try ["", "tail:Uout:1:0.5"].map { text in
      try Candidate(text.isEmpty ? [] : Intervention.list(parsing: text), of: model)
    }
    let examples = Array(set.examples.indices)
    let said = try answers.answers(of: edits, on: examples)
    let outcomes = try tail.outcomes(of: edits, on: examples)
    for (said, outcomes) in zip(said, outcomes) {
      for (answer, outcome) in zip(said, outcomes) {
        #expect(outcome.isSuccess == answer.isCorrect)
        #expect((outcome.answer == "right") == answer.isCorrect)
        #expect(outcome.word == answer.predicted)
        let first = try #require(answer.tokens.first)
        let right = try #require(set.questions[answer.number].firstAnswerToken)
        if first == right { #expect(abs(outcome.measure - 1) < 1e-6) }
        #expect(abs(outcome.measure) <= 1.000_001)
      }
    }
  }

  @Test(arguments: [
    ("the", true), (" Of", true), ("1984", true), ("", true), ("\n", true), ("Paris", false),
  ])
  func `generic words are function words, numbers and marks`(word: String, isGeneric: Bool) {
    #expect(GenericWords.contains(word) == isGeneric)
  }

  @Test(arguments: [
    (" Paris, of course", true), ("New York City is", true), ("Parisian", false), ("paris", true),
    ("in Paris", false), ("", false),
  ])
  func `an answer of the same type begins with whole words of another answer`(
    text: String, isRelated: Bool
  ) {
    #expect(
      TailObjective<Llama>.begins(text, withOneOf: ["paris", "new york city"]) == isRelated)
  }

  @Test func `white space is generic, however it is shown`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let judge = AnswerJudge(try SmallQuestions(.openAnswers).set(for: model))
    let space = try #require(try SmallQuestions.tokenizer.encode(" ").first)
    #expect(GenericWords.contains(try #require(try judge.word(space))))
    // As a label it is written in quotes, and "\n" would have a letter.
    #expect(!GenericWords.contains("\n".debugDescription))
    #expect(try judge.word(1_000_000) == nil)
  }

  @Test func `a benchmark of labels is refused`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let set = try SmallQuestions(.oneTokenLabels).set(for: model)
    #expect(throws: StudyError.choosesLabels(task: .jsonl)) {
      try TailObjective(QuestionObjective(set, of: model), of: model)
    }
  }

  @Test(arguments: [1, 5]) func `answers among the likeliest tokens are those of the summary`(
    limit: Int
  ) throws {
    let model = try GPTJ(Checkpoint(Golden.folder.appending(path: "gptj-deep-tied")))
    let set = try SmallQuestions(.oneTokenAnswers).set(for: model)
    let examples = Array(set.examples.indices)
    let answers = try QuestionScorer(model, questions: set).answers(to: examples)
    let summary = QuestionSummary(of: answers, to: set)
    let objective = QuestionObjective(set, of: model, success: .ranked(within: limit))
    let outcomes = try objective.outcomes(of: [Candidate([], of: model)], on: examples)[0]
    let expected = try #require(summary.topK[limit]) * Double(summary.rankedExamples)
    #expect(outcomes.count(where: \.isSuccess) == Int(expected.rounded()))
  }
}
