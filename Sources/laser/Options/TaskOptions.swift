import Numerics
public import ArgumentParser
import Foundation
public import LanguageModels

/// A benchmark and the files that it is made from.
struct TaskOptions: ParsableArguments {
  static let taskHelp: ArgumentHelp = """
    counterfact, hotpotqa, fever, bios-gender, bios-profession, truthfulqa, epistemic, wikidata, or \
    jsonl for questions of your own.
    """
  static let dataHelp = ArgumentHelp(
    """
    The set's original files; examples are read in this order. For hotpotqa the training file comes \
    first and the validation file last; no other file gives more rows than the last one has.
    """, valueName: "file")

  @Option(help: taskHelp)
  var task: BenchmarkTask.Name
  @Option(parsing: .upToNextOption, help: dataHelp, completion: .file())
  var data: [String]
  @OptionGroup var details: TaskDetails
}

/// How a benchmark is made from its files.
struct TaskDetails: ParsableArguments {
  @Option(
    help: """
      paper or authors: whose prompts and scoring, where the two differ. Of the authors' code three things are \
      not followed: ties count as wrong, masked answers keep their start and end tokens, F1 counts no punctuation.
      """)
  var variant: BenchmarkOptions.Variant = .paper
  @Option(
    help: ArgumentHelp(
      "Llama 2's tokenizer: leaves out HotpotQA's answers of more than 15 tokens, as the paper does.",
      valueName: "path"), completion: .file())
  var llamaTokenizer: String?

  /// Reads the files and makes the examples.
  ///
  /// - Parameters:
  ///   - task: The benchmark.
  ///   - data: Its files.
  ///   - family: The models that shall answer.
  ///   - tokenizer: The model's tokenizer, where it is known.
  /// - Returns: The examples.
  /// - Throws: `BenchmarkError`, `StorageError`, `TokenizerError`.
  func load(
    _ task: BenchmarkTask.Name, data: [String], for family: ModelFamily, tokenizer: Tokenizer?
  ) throws -> BenchmarkSet {
    let options = BenchmarkOptions(
      variant: variant, family: family, tokenizer: tokenizer,
      answerTokenizer: try llamaTokenizer.map { try Tokenizer(announcing: $0) })
    return try BenchmarkTask(task).load(data.map(URL.init(userPath:)), options: options)
  }

  /// Reads the files and makes questions of them for `model`; says on standard error what is not as it should be.
  ///
  /// - Parameters:
  ///   - task: The benchmark.
  ///   - data: Its files.
  ///   - limit: How many examples; nil for all.
  ///   - model: The model that shall answer.
  ///   - path: Where it lies, its tokenizer beside it.
  ///   - workers: The threads.
  /// - Returns: The questions.
  /// - Throws: As ``load(_:data:for:tokenizer:)``, and `QuestionError`.
  func questions(
    _ task: BenchmarkTask.Name, data: [String], limit: Int?, for model: some LanguageModel,
    at path: String, workers: Workers
  ) throws -> QuestionSet {
    let tokenizer = try Tokenizer(announcing: path)
    let set = try load(task, data: data, for: ModelFamily(model), tokenizer: tokenizer)
    let questions = try QuestionSet(
      set, limit: limit, for: model, tokenizer: tokenizer, workers: workers)
    for note in set.notes { Output.note("Note: \(note)") }
    for rows in set.leftOut where !rows.reason.isRule {
      Output.note("Note: \(rows.count) rows are unusable: \(rows.reason) (first: \(rows.first))")
    }
    if set.repeated > 0 {
      Output.note(
        "Note: \(set.repeated) examples equal an earlier one; they count, as in the paper")
    }
    if questions.unanswerableCount > 0 {
      Output.note(
        "Note: \(questions.unanswerableCount) of \(questions.examples.count) answers are more than "
          + "the one token that this model generates, and cannot be right")
    }
    return questions
  }
}

extension BenchmarkTask.Name: ExpressibleByArgument {}
extension BenchmarkOptions.Variant: ExpressibleByArgument {}
extension ModelFamily: ExpressibleByArgument {}
