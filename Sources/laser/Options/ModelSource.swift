import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels

/// The model of a command that takes either kind.
struct ModelSource: ParsableArguments {
  @Option(help: "A language model: a Hugging Face folder or a .gguf file.", completion: .file())
  var model: String?
  @Option(help: "A policy's folder.", completion: .file())
  var policy: String?

  func validate() throws {
    guard (model == nil) != (policy == nil) else {
      throw ValidationError("Give either --model PATH or --policy DIR.")
    }
  }

  /// One of the two kinds.
  enum Loaded {
    case language(any LanguageModel)
    case policy(Policy)
  }

  func load() throws -> Loaded {
    if let policy { return .policy(try Policy(contentsOf: URL(userPath: policy))) }
    return .language(try LanguageModelLoader.announcing(model ?? ""))
  }
}
