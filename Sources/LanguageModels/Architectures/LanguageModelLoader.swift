internal import Numerics
public import Foundation

/// Loads whatever model a path holds.
public enum LanguageModelLoader {
  /// The families, by the values of `model_type` in a `config.json`.
  private static let families: [(names: [String], type: any Architecture.Type)] = [
    (["gptj"], GPTJ.self),
    (["llama", "mistral", "qwen2"], Llama.self),
    (["roberta"], RoBERTa.self),
  ]

  /// The values of `model_type` in a `config.json` that are known.
  public static let architectures = families.flatMap(\.names)

  /// The model at `url`: a Hugging Face folder or a GGUF file.
  ///
  /// Weights stay in their files; only norms and biases are read.
  /// - Throws: ``LanguageModelError``, ``CheckpointError``, `StorageError`: an architecture or element type that
  ///   is not known, a tensor that is absent or has another shape.
  public static func load(_ url: URL) throws -> any LanguageModel {
    let checkpoint = try Checkpoint(url)
    let reader = try checkpoint.configuration()
    guard let name = try reader.string("model_type") else {
      throw LanguageModelError.missingKey("model_type", file: reader.file)
    }
    guard let family = families.first(where: { $0.names.contains(name) }) else {
      throw LanguageModelError.unknownArchitecture(name, file: reader.file, known: architectures)
    }
    return try family.type.init(checkpoint)
  }
}
