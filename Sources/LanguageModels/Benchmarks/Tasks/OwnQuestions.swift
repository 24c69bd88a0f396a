internal import Numerics

extension BenchmarkTask {
  /// A user's own questions: `prompt`, `answer`, and if wanted `candidates`, `group`, `subject` and `relation`, an object a
  /// line.
  ///
  /// Answer and candidates are appended to the prompt as written, spaces included. Rows with the same group (a text or a
  /// number) are paraphrases of each other. With candidates the questions are classified, without them answered.
  static let ownQuestions = BenchmarkTask(
    .jsonl, version: 1, groupsAreParaphrases: true,
    layouts: [RowLayout(fields: ["prompt", "answer"])],
    scoring: { options, examples in
      examples.contains { !$0.candidates.isEmpty }
        ? .classification : .generation(causal: 10, masked: 5, options)
    },
    collect: { files, _, collector in
      var groups: [String: Int] = [:]
      var groupCount = 0
      var hasCandidates: Bool?
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        let prompt = try record.text("prompt")
        let answer = try record.text("answer")
        let candidates = try candidateAnswers(record, answer: answer)
        let subject = try optionalText(record, "subject")
        let relation = try optionalText(record, "relation")
        guard hasCandidates ?? !candidates.isEmpty == !candidates.isEmpty else {
          throw BenchmarkError.mixedCandidates(place: record.place)
        }
        // The last that may refuse a row: one without an example has no group.
        let key = try groupKey(record)
        let group = key.flatMap { groups[$0] } ?? groupCount
        groupCount = max(groupCount, group + 1)
        if let key { groups[key] = group }
        hasCandidates = !candidates.isEmpty
        collector.append(
          [
            BenchmarkExample(
              prompt: prompt, answer: answer, candidates: candidates,
              subject: subject, relation: relation)
          ], group: group)
      }
    })

  private static func candidateAnswers(_ record: DatasetRecord, answer: String) throws -> [String] {
    let field = "candidates"
    guard record.has(field) else { return [] }
    guard let elements = try record.value(field).elements else {
      throw RowFault.wrongKind(field: field, expected: "a list of texts")
    }
    guard !elements.isEmpty else { return [] }
    let candidates = try elements.map { element in
      guard let text = element.string else {
        throw RowFault.wrongKind(field: field, expected: "a list of texts")
      }
      guard !text.stripped.isEmpty else { throw RowFault.emptyField(field) }
      return text
    }
    guard candidates.count >= 2, Set(candidates.map { Array($0.utf8) }).count == candidates.count
    else { throw RowFault.unusableCandidates }
    guard candidates.contains(where: { $0.utf8.elementsEqual(answer.utf8) }) else {
      throw RowFault.answerNotACandidate
    }
    return candidates
  }

  private static func optionalText(_ record: DatasetRecord, _ field: String) throws -> String? {
    record.has(field) ? try record.text(field).stripped : nil
  }

  /// A text and the number that it spells are two groups.
  private static func groupKey(_ record: DatasetRecord) throws -> String? {
    guard record.has("group") else { return nil }
    let value = try record.value("group")
    if let number = value.wholeNumber { return "#\(number)" }
    guard let text = value.string else {
      throw RowFault.wrongKind(field: "group", expected: "a text or an integer")
    }
    return "\"\(text)"
  }
}
