import Foundation
import LanguageModels

extension LanguageModelLoader {
  /// The model at `path`; what may be wrong with its files is said on standard error.
  ///
  /// - Throws: ``ModelPathError``, and as ``LanguageModelLoader/load(_:)``.
  static func announcing(_ path: String) throws -> any LanguageModel {
    guard FileManager.default.fileExists(atPath: path) else {
      throw ModelPathError.absent(path)
    }
    let model: any LanguageModel
    do {
      model = try load(URL(userPath: path))
    } catch LanguageModelError.unknownArchitecture("decision_transformer", _, _) {
      throw ModelPathError.isPolicy(path)
    }
    for warning in model.checkpoint.warnings { Output.note("Warning: \(warning).") }
    return model
  }
}

/// What was named as a language model is none.
enum ModelPathError: Error, Equatable, CustomStringConvertible {
  /// There is no such file or folder.
  case absent(String)
  /// A folder that `laser train` wrote.
  case isPolicy(String)

  var description: String {
    switch self {
    case .absent(let path):
      "there is no model at \(path); give a .gguf file or a Hugging Face folder on this disk, for nothing is "
        + "downloaded" + Self.cached
    case .isPolicy(let path):
      "\(path) is a policy, not a language model; name it with --policy, or play it with laser evaluate"
    }
  }

  /// A model that is there, so that a first try has one.
  private static var cached: String {
    ModelCache.models.first.map { " (one is \($0.path))" }
      ?? " (make model fetches a small one into \(ModelCache.folder.path))"
  }
}
