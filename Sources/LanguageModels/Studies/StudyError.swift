package import LaserOps

/// Why a study cannot be made of a benchmark.
package enum StudyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model chooses among labels and says nothing.
  case choosesLabels(task: BenchmarkTask.Name)
  /// No example says what it is about.
  case noSubjects(task: BenchmarkTask.Name)
  /// The text has none of the subjects.
  case noSubjectOccurs(subjects: Int, first: String, documents: Int)
  /// The benchmark does not look at the likeliest tokens, or not at so many.
  case notRanked(within: Int, task: BenchmarkTask.Name, available: [Int])
  /// No answer is a single token.
  case noneRanked(examples: Int, part: DataSplit.Part, task: BenchmarkTask.Name)
  /// The edit makes no wrong answer right.
  case nothingFlipped(edit: String, examples: Int)

  /// What is wrong, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .choosesLabels(let task):
      "in \(task.rawValue) the model chooses among labels, so that there is nothing it says; expected "
        + "a task with open answers: counterfact, hotpotqa, wikidata, or jsonl without candidates"
    case .noSubjects(let task):
      "the examples of \(task.rawValue) name no subject whose occurrences could be counted; expected "
        + "counterfact, or jsonl with a \"subject\" in every line"
    case .noSubjectOccurs(let subjects, let first, let documents):
      "none of the \(subjects) subjects (the first is '\(first)') occurs in the text's \(documents) "
        + "documents; give a text that speaks of them, or more of it"
    case .notRanked(let limit, let task, let available):
      available.isEmpty
        ? "\(task.rawValue) does not rank answers, so that none is among the \(limit) likeliest; "
          + "leave out --top-k"
        : "\(task.rawValue) looks at the \(available.max() ?? 0) likeliest tokens, found --top-k "
          + "\(limit); give a number from 1 to \(available.max() ?? 0)"
    case .noneRanked(let examples, let part, let task):
      "none of the \(examples) examples of \(task.rawValue) "
        + (part == .all ? "" : "in the \(part.rawValue) part ")
        + "has an answer of one token, which is what --top-k looks for; give more examples, or leave "
        + "it out"
    case .nothingFlipped(let edit, let examples):
      "with \(edit) none of the \(examples) examples turns from wrong to right, so that there is "
        + "nothing to look at; give more examples, another edit, or leave out --edit"
    }
  }
}
