internal import Numerics

extension BenchmarkTask {
  /// CounterFact (Meng et al. 2022): a fact about a subject, and its paraphrases as examples of their own.
  ///
  /// Rows as in ROME's counterfact.json, or flat with the subject filled in and one paraphrase. The counterfactual
  /// targets are not used.
  static let counterFact = BenchmarkTask(
    .counterFact, version: 1, groupsAreParaphrases: true,
    layouts: [
      RowLayout(fields: [
        "requested_rewrite.prompt", "requested_rewrite.subject", "requested_rewrite.target_true",
      ]),
      RowLayout(fields: ["prompt", "subject", "ground_truth"]),
    ],
    scoring: { options, _ in
      // Llama 2 splits most answers into several tokens; the others know nearly all of them as one.
      let topK = [1, 5, 10]
      return switch (options.family, options.variant) {
      case (.llama, .paper): .generation(10, matching: .continuation, topK: topK)
      case (.llama, .authors): .generation(10, matching: .promptAndContinuation, topK: topK)
      case (_, .paper): .generation(1, matching: .continuation, topK: topK)
      case (_, .authors): .generation(1, matching: .token, topK: topK)
      }
    },
    collect: { files, options, collector in
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        let isOriginal = record.has("requested_rewrite")
        let question = isOriginal ? try originalQuestion(record) : try record.text("prompt")
        let answer = try record.text(
          isOriginal ? "requested_rewrite.target_true.str" : "ground_truth")
        let subject = try record.text(isOriginal ? "requested_rewrite.subject" : "subject")
        let relation = try? record.text("requested_rewrite.relation_id")
        let paraphrases = try paraphrasePrompts(
          record, field: isOriginal ? "paraphrase_prompts" : "rephrase_prompt", &collector)
        collector.append(
          ([question] + paraphrases).map { prompt in
            BenchmarkExample(
              prompt: prompt, ending: options.family.isMasked ? "." : "",
              answer: " " + answer.stripped, subject: subject.stripped, relation: relation)
          })
      }
    })

  private static func originalQuestion(_ record: DatasetRecord) throws -> String {
    let template = try record.text("requested_rewrite.prompt")
    let subject = try record.text("requested_rewrite.subject")
    guard let place = template.firstRange(of: "{}") else { throw RowFault.noPlaceForSubject }
    return template.replacingCharacters(in: place, with: subject)
  }

  /// The paraphrases that are there; an empty one is counted and costs only itself.
  private static func paraphrasePrompts(
    _ record: DatasetRecord, field: String, _ collector: inout ExampleCollector
  ) throws -> [String] {
    guard record.has(field) else { return [] }
    let value = try record.value(field)
    return try (value.elements ?? [value]).compactMap { element in
      guard let text = element.string else {
        throw RowFault.wrongKind(field: field, expected: "text")
      }
      guard text.stripped.isEmpty else { return text }
      collector.leaveOut(record, because: .emptyField(field))
      return nil
    }
  }
}

extension String {
  /// The text with something else in place of a part of it.
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
