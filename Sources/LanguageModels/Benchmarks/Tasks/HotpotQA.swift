extension BenchmarkTask {
  /// The most Llama 2 tokens of a HotpotQA answer, its start token among them, as the authors' filter counts.
  static let answerTokenLimit = 15

  /// HotpotQA (Yang et al. 2018): questions without their articles.
  ///
  /// Rows of the official or the simplified files. The training file comes first and gives as many rows as the
  /// validation file, the last one, has: that is what makes the paper's 14,618 examples.
  static let hotpotQA = BenchmarkTask(
    .hotpotQA, version: 1,
    layouts: [RowLayout(fields: ["question", "answer"])],
    scoring: { options, _ in .generation(causal: 15, masked: 5, options) },
    collect: { files, options, collector in
      if options.answerTokenizer == nil { collector.notes.append(.answersNotMeasured) }
      let validationCount = files.last?.records.count ?? 0
      let surplus = files.map { max(0, $0.records.count - validationCount) }.reduce(0, +)
      if surplus > 0 {
        collector.notes.append(
          .trainingRowsLeftOut(surplus, validationRows: validationCount))
      }
      for file in files {
        for record in file.records.dropFirst(validationCount) {
          collector.leaveOut(record, because: .beyondValidationRows)
        }
        try collector.forEach(file.records.prefix(validationCount)) { record, collector in
          let question = try record.text("question").stripped
          let answer = try record.text("answer").stripped
          if let tokenizer = options.answerTokenizer,
            try 1 + tokenizer.encode(answer).count > answerTokenLimit
          {
            throw RowFault.answerTooLong(limit: answerTokenLimit)
          }
          let isClosed = question.endsWith("?") || question.endsWith(".")
          collector.append([
            BenchmarkExample(
              prompt: question + (isClosed ? "" : "?") + " The answer is", answer: " " + answer)
          ])
        }
      }
    })
}
