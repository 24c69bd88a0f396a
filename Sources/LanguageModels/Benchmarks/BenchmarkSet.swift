package import Numerics

/// The examples of a benchmark, and what became of the rows that are none.
package struct BenchmarkSet: Sendable {
  /// Which task this is.
  package let task: BenchmarkTask.Name
  /// Which revision of its filters and prompts.
  package let version: Int
  /// Whose prompts.
  package let variant: BenchmarkOptions.Variant
  /// For which models.
  package let family: ModelFamily
  /// How answers are judged.
  package let scoring: BenchmarkScoring
  /// In the order of the files.
  package let examples: [BenchmarkExample]
  /// How many rows the files have.
  package let rows: Int
  /// The rows that gave no example, by reason, in the order in which the reasons came up.
  package let leftOut: [LeftOutRows]
  /// How many examples equal an earlier one; they are kept, as in the paper.
  package let repeated: Int
  /// Whether some examples are paraphrases of each other.
  package let hasParaphrases: Bool
  /// What the user should know about how the set was made.
  package let notes: [BenchmarkNote]

  init(
    _ task: BenchmarkTask, options: BenchmarkOptions, rows: Int, collector: ExampleCollector
  ) {
    self.task = task.name
    version = task.version
    variant = options.variant
    family = options.family
    examples = collector.examples
    scoring = task.scoring(options, collector.examples)
    self.rows = rows
    leftOut = collector.leftOut
    repeated = collector.repeated
    hasParaphrases =
      task.groupsAreParaphrases
      && Set(collector.examples.map(\.group)).count < collector.examples.count
    notes = collector.notes
  }

  /// The group of every example, for splits that keep records together.
  package var groups: [Int] { examples.map(\.group) }

  /// The example at `index`, counted from 0.
  ///
  /// - Throws: ``BenchmarkError/indexOutOfRange(_:count:task:)``.
  package func example(at index: Int) throws -> BenchmarkExample {
    guard examples.indices.contains(index) else {
      throw BenchmarkError.indexOutOfRange(index, count: examples.count, task: task)
    }
    return examples[index]
  }

  /// What the model is shown: the prompt, or the text with masks (one, where candidates take their place).
  package func shownPrompt(of example: BenchmarkExample) -> String {
    guard family.isMasked else { return example.prompt }
    return example.text(masks: max(1, scoring.maximumNewTokens))
  }

  /// Tells this set from any other by all that scores depend on.
  package var fingerprint: Fingerprint {
    var fingerprint = Fingerprint()
    for part in [
      task.rawValue, "\(version)", variant.rawValue, family.rawValue, scoring.metric.rawValue,
      "\(scoring.maximumNewTokens)", scoring.matching.rawValue, "\(scoring.topK)",
    ] {
      fingerprint.combine(part)
    }
    for example in examples {
      for part in [example.prompt, example.ending, example.answer] { fingerprint.combine(part) }
      for candidate in example.candidates { fingerprint.combine(candidate) }
      fingerprint.combine("\(example.group)")
    }
    return fingerprint
  }
}

/// Rows that gave no example for the same reason.
package struct LeftOutRows: Sendable, Equatable {
  /// Why.
  package let reason: RowFault
  /// How many.
  package internal(set) var count: Int
  /// Where the first of them stands.
  package let first: String
}

/// Something that the user should know about a set.
package enum BenchmarkNote: Sendable, Equatable, CustomStringConvertible {
  /// No tokenizer was given that could measure HotpotQA's answers.
  case answersNotMeasured
  /// So many rows of HotpotQA's earlier files are left out: none gives more than the last file has.
  case trainingRowsLeftOut(Int, validationRows: Int)

  /// What it means, and what to do.
  package var description: String {
    switch self {
    case .answersNotMeasured:
      "answers of every length are kept; the paper drops those of more than "
        + "\(BenchmarkTask.answerTokenLimit) Llama 2 tokens: give Llama 2's tokenizer to do so"
    case .trainingRowsLeftOut(let count, let validationRows):
      "\(count) rows are left out: no file gives more than the last one, the validation file, has "
        + "(\(validationRows)), as in the authors' code; training comes first, validation last"
    }
  }
}
