import Reports
import LanguageModels
import LaserOps

/// What `laser qa` prints.
struct QuestionScore: Encodable {
  let task: String
  let variant: String
  let examples: Int
  let accuracy: Double
  let accuracyStandardError: Double
  let loss: Double
  let lossStandardError: Double
  let majorityAccuracy: Double
  let predicted: AnswerCounts
  let topK: [String: Double]?
  let topKExamples: Int?
  let f1: Double?
  let paraphraseAccuracy: Double?
  let paraphrasedRecords: Int?

  enum CodingKeys: String, CodingKey {
    case task, variant, examples, accuracy, loss, predicted, f1
    case accuracyStandardError = "accuracy_se"
    case lossStandardError = "loss_se"
    case majorityAccuracy = "majority_accuracy"
    case topK = "top_k"
    case topKExamples = "top_k_examples"
    case paraphraseAccuracy = "paraphrase_accuracy"
    case paraphrasedRecords = "paraphrased_records"
  }

  init(_ summary: QuestionSummary, of questions: QuestionSet) {
    task = questions.benchmark.task.rawValue
    variant = questions.benchmark.variant.rawValue
    examples = summary.examples
    accuracy = summary.accuracy.mean
    accuracyStandardError = summary.accuracy.standardError
    loss = summary.loss.mean
    lossStandardError = summary.loss.standardError
    majorityAccuracy = summary.majorityAccuracy
    predicted = summary.predicted
    topK =
      summary.topK.isEmpty
      ? nil : Dictionary(uniqueKeysWithValues: summary.topK.map { ("\($0)", $1) })
    topKExamples = summary.topK.isEmpty ? nil : summary.rankedExamples
    f1 = summary.f1
    paraphraseAccuracy = summary.paraphraseAccuracy
    paraphrasedRecords = summary.paraphraseAccuracy.map { _ in summary.paraphrasedRecords }
  }

  var text: String {
    var lines = [
      "\(task): accuracy \(ReportNumber.percent(accuracy)) ± "
        + "\(ReportNumber.percent(accuracyStandardError)) on \(examples) examples, "
        + "loss \(ReportNumber.fixed(loss, digits: 4)) ± "
        + ReportNumber.fixed(lossStandardError, digits: 4),
      "the commonest answer alone would score \(ReportNumber.percent(majorityAccuracy)); "
        + "the model said \(predicted.text(of: examples))",
    ]
    if let topK {
      let shares = topK.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map {
        "top \($0.key) \(ReportNumber.percent($0.value))"
      }
      lines.append(
        shares.joined(separator: ", ") + " of the \(topKExamples ?? 0) one-token answers")
    }
    if let f1 { lines.append("F1 of words \(ReportNumber.fixed(f1, digits: 4))") }
    if let paraphraseAccuracy {
      lines.append(
        "all phrasings right for \(ReportNumber.percent(paraphraseAccuracy)) of "
          + "\(paraphrasedRecords ?? 0) records")
    }
    return lines.joined(separator: "\n")
  }
}
