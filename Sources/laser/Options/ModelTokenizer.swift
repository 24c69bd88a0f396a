import Foundation
import LanguageModels

extension Tokenizer {
  /// The tokenizer of the model at `path`; what may be wrong with it is said on standard error.
  ///
  /// - Throws: `StorageError`, `CheckpointError`, `TokenizerError`.
  init(announcing path: String) throws {
    try self.init(contentsOf: URL(userPath: path))
    for warning in warnings { Output.note("Warning: \(warning).") }
  }
}
