import Files
import Numerics
import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// `laser qa` — how many questions of a benchmark a language model answers.
struct QuestionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qa",
    abstract: "Asks a language model the questions of a benchmark.",
    discussion: """
      A label is right when it is more probable than every other candidate; a tie is wrong. Generated \
      text is right when the answer occurs in it, in lower case. The loss is the mean of -log p per \
      token of the right answer. The majority is what always giving the commonest answer would score.
      """)

  @Option(help: "A Hugging Face folder or a .gguf file.", completion: .file())
  var model: String
  @OptionGroup var source: TaskOptions
  @Option(help: "Only the first so many examples.")
  var limit: Int?
  @Option(help: "all, validation (the first fifth) or test (the rest): which examples to ask.")
  var split = DataSplit.Part.all
  @Option(help: "Choose validation examples at random with this seed instead of the first fifth.")
  var splitSeed: UInt64?
  @OptionGroup var edit: EditOptions
  @Option(
    help: ArgumentHelp("Write every answer, a line of JSON each.", valueName: "file"),
    completion: .file())
  var predictions: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    try SplitChoice(part: split, seed: splitSeed).check()
  }

  func run() throws {
    if let predictions { try OutputPath.checkFile(predictions, inputs: source.data) }
    try run(LanguageModelLoader.announcing(model).applying(edit.interventions))
  }

  private func run(_ model: some LanguageModel) throws {
    let questions = try source.details.questions(
      source.task, data: source.data, limit: limit, for: model, at: self.model,
      workers: threads.workers)
    let numbers = try numbers(in: questions)
    let progress = ProgressBar("questions")
    let answers = try QuestionScorer(model, questions: questions, workers: threads.workers)
      .answers(to: numbers) { progress.show($0, of: numbers.count) }
    progress.finish()
    if let predictions {
      let lines = try answers.map { try Output.jsonText(Prediction($0, of: questions)) + "\n" }
      try AtomicFile.write(lines.joined(), to: URL(userPath: predictions))
    }
    let score = QuestionScore(QuestionSummary(of: answers, to: questions), of: questions)
    if output.isJSON { try Output.json(score) } else { print(score.text) }
  }

  private func numbers(in questions: QuestionSet) throws -> [Int] {
    try SplitChoice(part: split, seed: splitSeed)
      .split(of: questions.examples.count, groups: questions.groups)[split]
  }
}

/// A line of the file of predictions.
private struct Prediction: Encodable {
  let index: Int
  let prompt: String
  let answer: String
  let predicted: String
  let correct: Bool
  let loss: Double
  let generated: String?
  let logProbabilities: [String: Double]?
  let rank: Int?

  enum CodingKeys: String, CodingKey {
    case index, prompt, answer, predicted, correct, loss, generated, rank
    case logProbabilities = "log_probabilities"
  }

  init(_ answer: QuestionAnswer, of questions: QuestionSet) {
    let example = questions.examples[answer.number]
    index = answer.number
    prompt = questions.benchmark.shownPrompt(of: example)
    self.answer = example.answer
    predicted = answer.predicted
    correct = answer.isCorrect
    loss = answer.loss
    generated = answer.generated
    logProbabilities =
      example.candidates.isEmpty
      ? nil
      : Dictionary(
        zip(example.candidates, answer.candidateLogProbabilities), uniquingKeysWith: { $1 })
    rank = answer.rank
  }
}
