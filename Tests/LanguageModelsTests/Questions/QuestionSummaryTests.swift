import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct QuestionSummaryTests {
  private func answer(
    _ number: Int, _ isCorrect: Bool, loss: Double = 0, predicted: String = "a",
    isRanked: Bool = false, rank: Int? = nil, f1: Double? = nil
  ) -> QuestionAnswer {
    QuestionAnswer(
      number: number, isCorrect: isCorrect, loss: loss, predicted: predicted,
      candidateLogProbabilities: [], margin: nil, generated: nil, tokens: [], isRanked: isRanked,
      rank: rank,
      f1: f1)
  }

  private func set(_ kind: SmallQuestions.Kind) throws -> QuestionSet {
    try SmallQuestions(kind).set(
      for: GPTJ(Checkpoint(Golden.folder.appending(path: "gptj-deep-tied"))))
  }

  @Test func `accuracy and loss are means with their standard errors`() throws {
    let summary = QuestionSummary(
      of: [(0, true), (1, false), (2, true), (3, true)].map {
        answer($0.0, $0.1, loss: Double($0.0), predicted: $0.0 == 1 ? "b" : "a")
      }, to: try set(.oneTokenLabels))
    #expect(summary.accuracy.mean == 0.75)
    // s² = 0.75 · 0.25 · 4/3 = 1/4, divided by 4 examples.
    #expect(abs(summary.accuracy.standardError - 0.25) < 1e-15)
    #expect(summary.loss.mean == 1.5)
    #expect(summary.predicted.counts == ["a": 3, "b": 1])
    #expect(summary.topK.isEmpty && summary.f1 == nil && summary.paraphraseAccuracy == nil)
  }

  @Test func `the majority is the share of the commonest right answer`() throws {
    // The right answers of the questions are a, b, the, a, b, the …
    let set = try set(.oneTokenLabels)
    #expect(set.majorityAccuracy(of: [0, 1, 3, 4, 6]) == 0.6)
    #expect(set.majorityAccuracy(of: [2]) == 1)
  }

  @Test func `top-k counts one-token answers among the k likeliest`() throws {
    let summary = QuestionSummary(
      of: [
        answer(0, true, isRanked: true, rank: 1), answer(1, false, isRanked: true, rank: 5),
        answer(2, false, isRanked: true, rank: 6), answer(4, false, isRanked: true, rank: nil),
        answer(3, false),
      ], to: try set(.oneTokenAnswers))
    #expect(summary.topK == [1: 0.25, 5: 0.5, 10: 0.75])
    #expect(summary.rankedExamples == 4)
  }

  @Test func `paraphrase accuracy is the share of records whose phrasings are all right`() throws {
    // Three questions a record; of the last record only two are asked, so it does not count.
    let summary = QuestionSummary(
      of: [true, true, true, true, false, true, false, false, false, true, true].enumerated().map {
        answer($0.offset, $0.element, f1: $0.element ? 0.5 : 0)
      }, to: try set(.openAnswers))
    #expect(summary.paraphraseAccuracy == 1.0 / 3)
    #expect(summary.paraphrasedRecords == 3)
    // Seven of eleven have 0.5.
    #expect(abs(try #require(summary.f1) - 3.5 / 11) < 1e-15)
  }
}
