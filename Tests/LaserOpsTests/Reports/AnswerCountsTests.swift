import Reports
import Foundation
import LaserOps
import Testing

@Suite struct AnswerCountsTests {
  private let answers = ["b", "a", "c", "a", "b", "d"]

  @Test func `the commonest answers come first, equally common ones by the alphabet`() {
    let counts = AnswerCounts(of: answers)
    #expect(counts.sorted.map(\.answer) == ["a", "b", "c", "d"])
    #expect(counts.sorted.map(\.count) == [2, 2, 1, 1])
  }

  @Test func `only so many are kept, and the text counts the rest as others`() {
    let counts = AnswerCounts(of: answers, keeping: 3)
    #expect(counts.counts == ["a": 2, "b": 2, "c": 1])
    #expect(counts.text(of: 6, limit: 1) == "a 33.3 %, others 66.7 %")
    #expect(AnswerCounts(of: ["x"]).text(of: 1) == "x 100.0 %")
  }

  @Test func `they are written as an object and read back`() throws {
    let counts = AnswerCounts(of: answers)
    let data = try JSONEncoder().encode(counts)
    #expect(try JSONDecoder().decode([String: Int].self, from: data) == counts.counts)
    #expect(try JSONDecoder().decode(AnswerCounts.self, from: data) == counts)
  }

  @Test func `a trial counts the answers of its outcomes, if there are any`() {
    func trial(_ answers: [String?]) -> Trial {
      Trial(
        [], split: .test,
        outcomes: answers.map { Outcome(isSuccess: true, measure: 1, answer: $0) },
        measure: .loss, seconds: 1)
    }
    #expect(trial(["yes", "yes", "no"]).predicted?.counts == ["yes": 2, "no": 1])
    #expect(trial([nil, nil]).predicted == nil)
  }
}
