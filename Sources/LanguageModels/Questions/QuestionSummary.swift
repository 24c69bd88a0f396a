package import LaserOps

/// How well a model answered some questions of a set, with what tells a gain from a constant answer.
package struct QuestionSummary: Sendable, Equatable {
  /// The number of questions.
  package let examples: Int
  /// The share of right answers, with its standard error.
  package let accuracy: Estimate
  /// The mean loss in nats, with its standard error.
  package let loss: Estimate
  /// The accuracy of always giving the commonest right answer.
  package let majorityAccuracy: Double
  /// How often the model gave each label, or began its text with each token.
  package let predicted: AnswerCounts
  /// For every k the share of one-token answers among the k likeliest tokens; empty where it is not asked for or no
  /// answer is a single token.
  package let topK: [Int: Double]
  /// How many answers ``topK`` is a share of.
  package let rankedExamples: Int
  /// The mean of ``QuestionAnswer/f1``; nil where labels are chosen.
  package let f1: Double?
  /// The share of records whose phrasings are all answered right, of those with two phrasings or more, all of which
  /// were asked; nil without any.
  package let paraphraseAccuracy: Double?
  /// How many records ``paraphraseAccuracy`` is a share of.
  package let paraphrasedRecords: Int

  /// The summary of `answers` to questions of `set`.
  ///
  /// - Precondition: There is at least one answer.
  package init(of answers: [QuestionAnswer], to set: QuestionSet) {
    precondition(!answers.isEmpty, "a summary of no answers")
    examples = answers.count
    accuracy = Estimate(of: answers.map { $0.isCorrect ? 1 : 0 })
    loss = Estimate(of: answers.map(\.loss))
    majorityAccuracy = set.majorityAccuracy(of: answers.map(\.number))
    predicted = AnswerCounts(of: answers.map(\.predicted))
    let ranked = answers.filter(\.isRanked)
    rankedExamples = ranked.count
    topK =
      ranked.isEmpty
      ? [:]
      : set.benchmark.scoring.topK.reduce(into: [:]) { shares, limit in
        let hits = ranked.count { $0.rank.map { $0 <= limit } ?? false }
        shares[limit] = Double(hits) / Double(ranked.count)
      }
    let overlaps = answers.compactMap(\.f1)
    f1 = overlaps.isEmpty ? nil : Estimate(of: overlaps).mean
    let phrasings = Dictionary(grouping: set.benchmark.examples, by: \.group)
    let records =
      set.benchmark.hasParaphrases
      ? Dictionary(grouping: answers) { set.examples[$0.number].group }
        .filter { $1.count > 1 && $1.count == phrasings[$0]?.count }.map(\.value) : []
    paraphrasedRecords = records.count
    paraphraseAccuracy =
      records.isEmpty
      ? nil
      : Double(records.count { $0.allSatisfy(\.isCorrect) }) / Double(records.count)
  }
}
