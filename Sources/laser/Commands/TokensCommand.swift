import ArgumentParser
import Foundation
import LanguageModels
import Numerics

/// `laser tokens` — the ids of a text, for checking against other programs.
struct TokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens", abstract: "Prints the token ids of a text.",
    discussion: "Bytes that are no valid UTF-8 become U+FFFD, as other programs read them.")

  @Option(help: "A model, or a folder with only its tokenizer's files.", completion: .file())
  var model: String
  @Option(help: ArgumentHelp("The text.", valueName: "file"), completion: .file())
  var textFile: String
  @Flag(help: "Put the model's start and end tokens around the text.")
  var special = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let tokenizer = try Tokenizer(announcing: model)
    let text = try MappedFile(URL(userPath: textFile)).withBytes {
      String(decoding: $0, as: UTF8.self)
    }
    let ids = try tokenizer.encode(text, addingSpecialTokens: special)
    if output.isJSON {
      try Output.json(["ids": ids])
    } else {
      print(ids.map(String.init).joined(separator: ","))
    }
  }
}
