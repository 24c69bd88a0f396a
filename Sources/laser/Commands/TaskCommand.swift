import ArgumentParser
import Foundation
import LanguageModels

/// `laser task` — what a benchmark becomes after the paper's filters and prompts.
struct TaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task",
    abstract: "Shows what a benchmark becomes after the paper's filters and prompts.",
    discussion: """
      Answer and candidates are appended to the prompt as they are written, spaces included. \
      Rows that give no example are counted by reason.
      """)

  @OptionGroup var source: TaskOptions
  @Option(help: "The example to show, counted from 0.")
  var index = 0
  @Option(help: "gptj, llama or roberta: the models that the prompts are for.")
  var family: ModelFamily = .llama
  @Option(
    help: ArgumentHelp(
      "A model whose tokenizer cuts biographies for roberta; its weights are not read.",
      valueName: "path"), completion: .file())
  var model: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    let tokenizer = try model.map { try Tokenizer(announcing: $0) }
    let set = try source.details.load(
      source.task, data: source.data, for: family, tokenizer: tokenizer)
    let summary = TaskSummary(set, example: try set.example(at: index))
    if output.isJSON {
      try Output.json(summary)
    } else {
      print(summary.text(index: index))
    }
    for note in set.notes { Output.note("Note: \(note)") }
  }
}

/// What `laser task --json` prints.
private struct TaskSummary: Encodable {
  let task: String
  let version: Int
  let variant: String
  let metric: String
  let maximumNewTokens: Int
  let rows: Int
  let examples: Int
  let validation: Int
  let test: Int
  let repeated: Int
  let leftOut: [LeftOut]
  let example: Example

  enum CodingKeys: String, CodingKey {
    case task, version, variant, metric, rows, examples, validation, test, repeated, example
    case maximumNewTokens = "max_new_tokens"
    case leftOut = "left_out"
  }

  struct Example: Encodable {
    let prompt: String
    let answer: String
    let candidates: [String]
    let group: Int
  }

  struct LeftOut: Encodable {
    let reason: String
    let count: Int
    let first: String
    let isRule: Bool

    enum CodingKeys: String, CodingKey {
      case reason, count, first
      case isRule = "by_rule"
    }
  }

  init(_ set: BenchmarkSet, example shown: BenchmarkExample) {
    task = set.task.rawValue
    version = set.version
    variant = set.variant.rawValue
    metric = set.scoring.metric.rawValue
    maximumNewTokens = set.scoring.maximumNewTokens
    rows = set.rows
    examples = set.examples.count
    // The first fifth, as the search splits; here a set may be too small to be split at all.
    validation = set.examples.count / 5
    test = set.examples.count - validation
    repeated = set.repeated
    leftOut = set.leftOut.map {
      LeftOut(
        reason: "\($0.reason)", count: $0.count, first: $0.first, isRule: $0.reason.isRule)
    }
    example = Example(
      prompt: set.shownPrompt(of: shown), answer: shown.answer, candidates: shown.candidates,
      group: shown.group)
  }

  func text(index: Int) -> String {
    var lines = [
      "\(task), version \(version), \(variant): \(examples) examples from \(rows) rows, "
        + "\(validation) for validation, \(test) for test",
      metric == BenchmarkScoring.Metric.generation.rawValue
        ? "generation accuracy, up to \(maximumNewTokens) new tokens" : "classification accuracy",
    ]
    lines += leftOut.map {
      "\($0.isRule ? "left out" : "UNUSABLE"): \($0.count) × \($0.reason) (first: \($0.first))"
    }
    if repeated > 0 { lines.append("kept: \(repeated) examples that equal an earlier one") }
    lines.append("example \(index), group \(example.group)")
    lines.append("  prompt:     \(quoted(example.prompt))")
    lines.append("  answer:     \(quoted(example.answer))")
    if !example.candidates.isEmpty {
      lines.append("  candidates: " + example.candidates.map(quoted).joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }

  /// Spaces at the ends count and must be seen.
  private func quoted(_ text: String) -> String {
    "\"\(text.replacingOccurrences(of: "\n", with: "\\n"))\""
  }
}
