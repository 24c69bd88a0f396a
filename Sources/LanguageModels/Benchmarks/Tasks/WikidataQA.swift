internal import Numerics

extension BenchmarkTask {
  /// BIG-bench qa_wikidata: facts of Wikidata to be completed; only those with exactly one target.
  static let wikidata = BenchmarkTask(
    .wikidata, version: 1,
    layouts: [RowLayout(fields: ["input", "target"], bigBenchName: "qa_wikidata")],
    scoring: { options, _ in .generation(causal: 10, masked: 5, options) },
    collect: { files, _, collector in
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        collector.append([
          BenchmarkExample(
            prompt: bigBenchPrompt(try record.text("input"), head: record.head),
            answer: " " + (try target(record)))
        ])
      }
    })

  private static func target(_ record: DatasetRecord) throws -> String {
    let field = "target"
    let value = try record.value(field)
    let targets = value.elements ?? [value]
    guard targets.count == 1, let target = targets.first else { throw RowFault.severalTargets }
    guard let text = target.string else {
      throw RowFault.wrongKind(field: field, expected: "a text")
    }
    guard !text.stripped.isEmpty else { throw RowFault.emptyField(field) }
    return text.stripped
  }
}
