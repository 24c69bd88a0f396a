import LaserOps
import Reports
import Numerics
import ArgumentParser
import Foundation
import LanguageModels

/// `laser perplexity` — how well a model predicts a text.
struct PerplexityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perplexity", abstract: "Measures how well a language model predicts a text.",
    discussion: """
      The text is read in windows of --context tokens that start every --stride tokens; each scores \
      the tokens that no earlier one has seen, given all before them in the window. So every token \
      but the first counts once where the stride is shorter than the context; where they are equal, \
      the first of every window is left out. The model's own start token, if it has one, begins the \
      text.
      """)

  @Option(help: "A Hugging Face folder or a .gguf file.", completion: .file())
  var model: String
  @Option(
    help: ArgumentHelp(
      "A text in UTF-8, plain or gzipped; bytes that are none become U+FFFD.", valueName: "file"),
    completion: .file()
  )
  var text: String
  @Option(parsing: .unconditional, help: "The most tokens that the model sees at once.")
  var context = 1_024
  @Option(parsing: .unconditional, help: "How many tokens later the next window starts.")
  var stride = 512
  @OptionGroup var edit: EditOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    do {
      _ = try SlidingWindows(context: context, stride: stride)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    try run(LanguageModelLoader.announcing(model).applying(edit.interventions))
  }

  private func run(_ model: some LanguageModel) throws {
    let text = try CorpusFile(URL(userPath: text)).readText()
    let tokenizer = try Tokenizer(announcing: self.model)
    let tokens = try tokenizer.prefix + tokenizer.encode(text)
    let progress = ProgressBar("windows")
    let perplexity = try Inference(model, workers: threads.workers).perplexity(
      of: tokens, windows: SlidingWindows(context: context, stride: stride)
    ) { progress.show($0, of: $1) }
    progress.finish()
    if output.isJSON {
      try Output.json(Measured(perplexity))
    } else {
      print(
        "perplexity \(ReportNumber.fixed(perplexity.value, digits: 4)), "
          + "\(ReportNumber.fixed(perplexity.negativeLogLikelihood, digits: 5)) nats a token, "
          + "\(perplexity.tokens) tokens")
    }
  }
}

/// What `laser perplexity --json` prints.
private struct Measured: Encodable {
  let tokens: Int
  let nll: Double
  let perplexity: Double

  init(_ perplexity: Perplexity) {
    tokens = perplexity.tokens
    nll = perplexity.negativeLogLikelihood
    self.perplexity = perplexity.value
  }
}
