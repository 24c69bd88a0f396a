import ArgumentParser
import Foundation
import LanguageModels
import LaserOps
import Reports

/// `laser generate` — what a model says, unedited and edited.
struct GenerateTextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continues a text, or answers a question, with and without an edit.",
    discussion: """
      Every token is the most probable one. With --edit the unedited model speaks first, then the \
      edited one. With --chat the prompt is a question, put as the chat template of the model's \
      tokenizer says.
      """)

  @Option(help: "A Hugging Face folder or a .gguf file.", completion: .file())
  var model: String
  @Option(help: "The text to be continued, or the question.")
  var prompt: String
  @Option(help: "The most tokens to add.")
  var tokens = 64
  @Flag(help: "Ask as the model's chat template says.")
  var chat = false
  @Flag(help: "Print each token with its log-probability, a line a token.")
  var logProbabilities = false
  @OptionGroup var edit: EditOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try CountLimit.check(tokens, option: "--tokens") }

  func run() throws {
    let url = URL(userPath: model)
    try run(
      LanguageModelLoader.announcing(model), tokenizer: Tokenizer(announcing: model),
      chat: chat ? ChatTemplate(contentsOf: url) : nil)
  }

  private func run(
    _ model: some LanguageModel, tokenizer: Tokenizer, chat: ChatTemplate?
  ) throws {
    // An edit that the model cannot undergo is an error before anything is said.
    let edited = edit.interventions.isEmpty ? nil : try model.applying(edit.interventions)
    var answers = [try answer(of: model, nil, tokenizer, chat)]
    if let edited {
      let name = edit.interventions.map(\.description).joined(separator: ",")
      answers.append(try answer(of: edited, name, tokenizer, chat))
    }
    if output.isJSON { try Output.json(Generated(prompt: prompt, answers: answers)) }
  }

  /// Lets one model speak, on standard output at once where a person reads it.
  private func answer(
    of model: some LanguageModel, _ edit: String?, _ tokenizer: Tokenizer, _ chat: ChatTemplate?
  ) throws -> Generated.Answer {
    let generator = try TextGenerator(
      model, tokenizer: tokenizer, chat: chat, workers: threads.workers)
    let ids = try generator.prompt(prompt)
    var answer = Generated.Answer(edit: edit, promptIDs: ids)
    let name = edit.map(EditName.short) ?? "unedited"
    show("\(name):" + (logProbabilities ? "\n" : chat == nil ? " \(prompt)" : " "))
    let rest = try generator.continuation(of: ids, count: tokens) { piece in
      answer.text += piece.text
      var decoder = tokenizer.streamingDecoder(isStart: false)
      let text =
        tokenizer.isKnown(piece.token.id)
        ? try decoder.append(piece.token.id) + decoder.finish() : "token \(piece.token.id)"
      answer.tokens.append(
        .init(id: piece.token.id, text: text, logProbability: piece.token.logProbability))
      if logProbabilities {
        show(answer.tokens[answer.tokens.count - 1].line + "\n")
      } else {
        show(piece.text)
      }
    }
    answer.text += rest
    show(logProbabilities ? "" : rest + "\n")
    return answer
  }

  private func show(_ text: String) {
    guard !output.isJSON else { return }
    print(text, terminator: "")
    fflush(nil)
  }
}

/// What `laser generate --json` prints.
private struct Generated: Encodable {
  let prompt: String
  let answers: [Answer]

  /// What one model said.
  struct Answer: Encodable {
    let edit: String?
    let promptIDs: [Int]
    var text = ""
    var tokens: [Token] = []

    enum CodingKeys: String, CodingKey {
      case edit, text, tokens
      case promptIDs = "prompt_ids"
    }
  }

  /// One token of it.
  struct Token: Encodable {
    let id: Int
    let text: String
    let logProbability: Double

    enum CodingKeys: String, CodingKey {
      case id, text
      case logProbability = "log_probability"
    }

    var line: String {
      let shown = text.debugDescription
      return String(format: "%8.4f  %6d  ", logProbability, id) + shown
    }
  }
}
