import Foundation
import LanguageModels

extension LanguageModelLoader {
  /// The model at `path`; what may be wrong with its files is said on standard error.
  ///
  /// - Throws: As ``LanguageModelLoader/load(_:)``.
  static func announcing(_ path: String) throws -> any LanguageModel {
    let model = try load(URL(userPath: path))
    for warning in model.checkpoint.warnings { Output.note("Warning: \(warning).") }
    return model
  }
}
