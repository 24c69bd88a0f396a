/// What a model answered to one question.
package struct QuestionAnswer: Sendable, Equatable {
  /// The question's number in its set, from 0.
  package let number: Int
  /// Whether the answer counts as right.
  package let isCorrect: Bool
  /// −log p of the right answer, the mean over its tokens, in nats.
  package let loss: Double
  /// The label that was chosen, or the first token that was generated, without white space at its ends.
  package let predicted: String
  /// log p of every candidate as a whole, in nats; empty for open questions.
  package let candidateLogProbabilities: [Double]
  /// log p of the right candidate less that of the likeliest other one, in nats; where an answer is sought among the
  /// likeliest tokens, less that of the one it has to outdo. Nil where text is judged.
  package let margin: Double?
  /// What was generated; nil where a label is chosen.
  package let generated: String?
  /// What was generated, as tokens; empty where a label is chosen.
  package let tokens: [Int]
  /// Whether the right answer is a single token and top-k is asked for.
  package let isRanked: Bool
  /// The place of the right answer among the likeliest tokens, from 1; nil when it is none of those looked at.
  package let rank: Int?
  /// The words that generated text and answer have in common (harmonic mean of precision and recall); nil where a
  /// label is chosen.
  package let f1: Double?
}
