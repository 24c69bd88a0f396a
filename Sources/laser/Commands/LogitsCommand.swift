import LaserOps
import Numerics
import ArgumentParser
import Foundation
import LanguageModels

/// `laser logits` — what a model makes of some ids, for checking against other programs.
struct LogitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits", abstract: "Prints the logits after some token ids.",
    discussion: """
      The ids are taken as given, no special token is added. Without --all the logits of the last \
      position are printed: of the next token, or of the last one where the model fills masks.
      """)

  @Option(help: "A Hugging Face folder or a .gguf file.", completion: .file())
  var model: String
  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Token ids with commas.", valueName: "ids"))
  var ids: [CommaList<Int>]
  @Flag(help: "Print the logits of every position, a line each.")
  var all = false
  @OptionGroup var edit: EditOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let model = try LanguageModelLoader.announcing(model).applying(edit.interventions)
    let rows = try rows(of: model)
    guard !output.isJSON else {
      if all { try Output.json(["logits": rows]) } else { try Output.json(["logits": rows[0]]) }
      return
    }
    for row in rows { print(row.map { "\($0)" }.joined(separator: " ")) }
  }

  private func rows(of model: some LanguageModel) throws -> [[Float]] {
    let inference = Inference(model, workers: threads.workers)
    let ids = ids.flatMap(\.elements)
    let logits =
      all || model.shape.isMasked
      ? try inference.logits(of: ids) : try inference.lastLogits(of: [ids])
    let rows = (0..<logits.rows).map { row in (0..<logits.columns).map { logits[row, $0] } }
    return all ? rows : rows.suffix(1)
  }
}
