internal import Numerics

extension BenchmarkTask {
  /// BIG-bench epistemic_reasoning: whether what somebody believes follows from what somebody else believes.
  ///
  /// The prompt is BIG-bench's own: the task's prefix, the example's, the text, and what comes before the answer, without
  /// the space at its end, which belongs to the answer.
  static let epistemic = BenchmarkTask(
    .epistemic, version: 1,
    layouts: [
      RowLayout(fields: ["input", "target_scores"], bigBenchName: "epistemic_reasoning")
    ],
    scoring: { _, _ in .classification },
    collect: { files, _, collector in
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        collector.append([
          BenchmarkExample(
            prompt: bigBenchPrompt(try record.text("input"), head: record.head),
            answer: " " + (try relation(record)), candidates: relations.map { " " + $0 })
        ])
      }
    })

  private static let relations = ["entailment", "non-entailment"]

  /// The text that a model reads, without space at either end.
  static func bigBenchPrompt(_ input: String, head: JSONValue?) -> String {
    let parts = [
      head?["task_prefix"]?.string ?? "", head?["example_input_prefix"]?.string ?? "", input,
      head?["example_output_prefix"]?.string ?? "",
    ]
    return parts.joined().stripped
  }

  private static func relation(_ record: DatasetRecord) throws -> String {
    let field = "target_scores"
    let right = (try record.value(field).members ?? []).filter { $0.value.wholeNumber == 1 }
    guard right.count == 1, let relation = right.first?.key, relations.contains(relation) else {
      throw RowFault.unknownLabel(field: field, expected: relations.joined(separator: ", "))
    }
    return relation
  }
}
