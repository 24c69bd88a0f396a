internal import Numerics
internal import Foundation

extension Checkpoint {
  /// The tokens that end a text: `eos_token_id` of generation_config.json or else of config.json, one or several;
  /// none where nothing is said.
  ///
  /// - Throws: ``LanguageModelError/wrongValue(key:file:expected:found:)``, `StorageError`.
  func endOfTextIDs() throws -> Set<Int> {
    let key = "eos_token_id"
    guard case .folder(let folder, _) = source else {
      let key = "tokenizer.ggml.\(key)"
      guard let metadata, metadata.contains(key) else { return [] }
      return [try metadata.integer(key)]
    }
    for name in ["generation_config.json", "config.json"] {
      let file = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      guard let value = try JSONValue(contentsOf: file)[key], !value.isNull else { continue }
      let ids = (value.elements ?? [value]).map(\.integer)
      guard !ids.contains(nil) else {
        throw LanguageModelError.wrongValue(
          key: key, file: file.path, expected: "a token id or a list of them", found: "\(value)")
      }
      return Set(ids.compactMap(\.self))
    }
    return []
  }
}
