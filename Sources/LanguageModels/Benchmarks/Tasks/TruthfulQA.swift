internal import Numerics

extension BenchmarkTask {
  /// TruthfulQA (Lin et al. 2022): every answer of the multiple-choice set with all true answers (mc2) is a statement
  /// to be called true or false; the answers of one question share its group.
  ///
  /// Rows of mc_task.json (`{choice: label}`) or of the Hugging Face set (`{choices, labels}`).
  static let truthfulQA = BenchmarkTask(
    .truthfulQA, version: 1,
    layouts: [RowLayout(fields: ["question", "mc2_targets"])],
    scoring: { _, _ in .classification },
    collect: { files, options, collector in
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        let question = try record.text("question")
        collector.append(
          try choices(record).map { choice, isTrue in
            BenchmarkExample(
              prompt: statement(question, choice, options.variant),
              answer: isTrue ? " true" : " false", candidates: [" true", " false"])
          })
      }
    })

  /// The authors' code has no space before its question.
  private static func statement(
    _ question: String, _ choice: String, _ variant: BenchmarkOptions.Variant
  ) -> String {
    let statement = "\(question) \(choice)" + (choice.endsWith(".") ? "" : ".")
    return switch variant {
    case .paper: statement + " Is this statement true or false. This statement is"
    case .authors: statement + "Is this statement true or false? This statement is"
    }
  }

  private static func choices(_ record: DatasetRecord) throws -> [(String, isTrue: Bool)] {
    let field = "mc2_targets"
    let targets = try record.value(field)
    let pairs: [(String?, Int?)]
    if let texts = targets["choices"]?.elements, let labels = targets["labels"]?.elements {
      guard texts.count == labels.count else {
        throw RowFault.wrongKind(field: field, expected: "as many labels as choices")
      }
      pairs = zip(texts, labels).map { ($0.string, $1.wholeNumber) }
    } else {
      guard let members = targets.members else {
        throw RowFault.wrongKind(field: field, expected: "an object of choices and labels")
      }
      pairs = members.map { ($0.key, $0.value.wholeNumber) }
    }
    guard !pairs.isEmpty else { throw RowFault.emptyField(field) }
    return try pairs.map { choice, label in
      guard let choice, let label, label == 0 || label == 1 else {
        throw RowFault.unknownLabel(field: field, expected: "0, 1")
      }
      guard !choice.stripped.isEmpty else { throw RowFault.emptyField(field) }
      return (choice, label == 1)
    }
  }
}
