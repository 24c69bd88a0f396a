/// What the paper reports: its Tables 1 and 3 for language models, Table 2 for policies.
package enum PaperResults {
  /// One model on one data set.
  package struct Row: Codable, Equatable, Sendable {
    /// The model.
    package let model: String
    /// Accuracy of the unedited model, in [0, 1].
    package let base: Double
    /// Accuracy with the best edit.
    package let edited: Double
    /// Loss of the unedited model.
    package let baseLoss: Double
    /// Loss with the best edit.
    package let editedLoss: Double
    /// The best edit.
    package let edit: String

    enum CodingKeys: String, CodingKey {
      case model, base, edited, edit
      case baseLoss = "base_loss"
      case editedLoss = "edited_loss"
    }

    fileprivate init(
      _ model: String, _ base: Double, _ edited: Double, _ baseLoss: Double, _ editedLoss: Double,
      _ edit: String
    ) {
      self.model = model
      self.base = base / 100
      self.edited = edited / 100
      self.baseLoss = baseLoss
      self.editedLoss = editedLoss
      self.edit = edit
    }
  }

  /// The Decision Transformer on Sokoban (Table 2).
  package struct Policy: Codable, Equatable, Sendable {
    /// Share of solved levels of the unedited policy, in [0, 1].
    package let base: Double
    /// Share of solved levels with the best edit.
    package let edited: Double
    /// Mean return of the unedited policy.
    package let baseReturn: Double
    /// Mean return with the best edit.
    package let editedReturn: Double

    /// The shares of solved levels as they were published: `50.67 % → 53 %`.
    package var solved: String {
      "\(StudyFigures.percent(base)) → \(StudyFigures.percent(edited))"
    }

    enum CodingKeys: String, CodingKey {
      case base, edited
      case baseReturn = "base_return"
      case editedReturn = "edited_return"
    }
  }

  /// Table 2.
  package static let policy = Policy(
    base: 0.5067, edited: 0.53, baseReturn: 0.575, editedReturn: 0.965)

  /// The language models of Tables 1 and 3.
  package static let models = ["RoBERTa", "GPT-J", "Llama 2 7B"]

  /// Tables 1 and 3: the rows of a data set, called as on the command line; none for other tasks.
  package static func rows(of task: String) -> [Row] { tables[task] ?? [] }

  /// By task: RoBERTa, GPT-J and Llama 2 7B with accuracy in per cent and loss, before and after.
  private static let tables: [String: [Row]] = [
    "counterfact": [
      Row("RoBERTa", 17.3, 19.3, 5.78, 5.43, "Uin:8:0.8"),
      Row("GPT-J", 13.1, 24.0, 5.78, 5.05, "Uin:27:0.01"),
      Row("Llama 2 7B", 35.6, 37.6, 3.61, 3.49, "Uin:28:0.05"),
    ],
    "hotpotqa": [
      Row("RoBERTa", 6.1, 6.7, 10.99, 10.53, "Uout:2:0.4"),
      Row("GPT-J", 19.6, 19.5, 3.40, 3.39, "Uin:27:0.1"),
      Row("Llama 2 7B", 16.5, 17.2, 3.15, 2.97, "Uin:27:0.2"),
    ],
    "fever": [
      Row("RoBERTa", 50.0, 52.3, 2.5, 1.76, "Uin:3:0.4"),
      Row("GPT-J", 50.2, 56.2, 1.24, 1.27, "Uin:24:0.01"),
      Row("Llama 2 7B", 59.3, 64.5, 1.02, 0.91, "Uin:30:0.2"),
    ],
    "bios-gender": [
      Row("RoBERTa", 87.5, 93.7, 0.87, 1.13, "Uin:9:0.9"),
      Row("GPT-J", 70.9, 97.5, 3.86, 4.20, "Uin:14:0.01"),
      Row("Llama 2 7B", 75.5, 88.4, 3.48, 2.93, "Uin:24:0.01"),
    ],
    "bios-profession": [
      Row("RoBERTa", 64.5, 72.5, 4.91, 6.44, "Uin:3:0.9"),
      Row("GPT-J", 75.6, 82.1, 4.64, 4.91, "Uin:18:0.01"),
      Row("Llama 2 7B", 85.0, 86.7, 4.19, 4.05, "Uout:30:0.4"),
    ],
    "truthfulqa": [
      Row("RoBERTa", 56.2, 56.2, 1.60, 1.42, "Uin:0:0.01"),
      Row("GPT-J", 54.9, 55.6, 1.02, 1.01, "Uin:7:0.8"),
      Row("Llama 2 7B", 50.5, 56.2, 0.95, 1.04, "Uin:30:0.05"),
    ],
    "epistemic": [
      Row("RoBERTa", 37.1, 41.8, 9.39, 6.80, "Uout:1:0.4"),
      Row("GPT-J", 37.1, 38.3, 0.74, 0.62, "Uin:26:0.01"),
      Row("Llama 2 7B", 44.8, 63.4, 0.78, 0.73, "Uout:28:0.01"),
    ],
    "wikidata": [
      Row("RoBERTa", 28.0, 30.7, 9.07, 7.69, "Uin:7:0.4"),
      Row("GPT-J", 51.8, 65.9, 3.52, 2.86, "Uin:27:0.01"),
      Row("Llama 2 7B", 59.5, 62.0, 2.40, 2.31, "Uin:27:0.01"),
    ],
  ]
}
