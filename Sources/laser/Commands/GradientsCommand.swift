import ArgumentParser
import Foundation
import LanguageModels
import LaserOps
import Numerics

/// `laser gradients` — the gradient of a loss with respect to every matrix, for checking against other programs.
struct GradientsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradients",
    abstract: "Prints the gradient of a loss with respect to every matrix, as JSON.",
    discussion: """
      The loss is -Σ log p of the predicted tokens, in nats. The ids are taken as given. A matrix has its rows one \
      after the other; a model of any size takes as much memory as its matrices, so that this is for small ones.
      """,
    shouldDisplay: false)

  @Option(help: "A Hugging Face folder or a .gguf file.", completion: .file())
  var model: String
  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Token ids with commas.", valueName: "ids"))
  var ids: [CommaList<Int>]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Positions, from 0, whose logits are read.", valueName: "positions"))
  var at: [CommaList<Int>]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The token that is predicted at each.", valueName: "ids"))
  var predicting: [CommaList<Int>]
  @OptionGroup var edit: EditOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    let counts = (at.flatMap(\.elements).count, predicting.flatMap(\.elements).count)
    guard counts.0 == counts.1, counts.0 > 0 else {
      throw ValidationError(
        "--predicting takes a token for every position of --at, not \(counts.1) for \(counts.0).")
    }
  }

  func run() throws {
    let model = try LanguageModelLoader.announcing(model).applying(edit.interventions)
    try print(gradientsOf: model)
  }

  private func print(gradientsOf model: some LanguageModel) throws {
    let predicted = zip(at.flatMap(\.elements), predicting.flatMap(\.elements))
      .map { PredictedToken(position: $0, token: $1) }
    let (loss, gradients) = try Inference(model, workers: threads.workers)
      .gradients(of: ids.flatMap(\.elements), predicting: predicted)
    try Output.json(
      Result(
        loss: loss,
        sites: Dictionary(
          uniqueKeysWithValues: gradients.map { site, gradient in
            let place = model.place(of: site)
            return (
              "\(site)",
              SiteResult(
                tensor: place.tensor, isTransposed: place.part.isTransposed,
                rows: (0..<gradient.rows).map(place.part.storedRow),
                gradient: gradient.values)
            )
          })))
  }

  private struct Result: Encodable {
    let loss: Double
    let sites: [String: SiteResult]
  }

  private struct SiteResult: Encodable {
    let tensor: String
    let isTransposed: Bool
    /// Which row of the tensor, or column where it is turned round, every row is.
    let rows: [Int]
    let gradient: [Float]
  }
}
