package import Numerics
package import Foundation

/// A GGUF model of version 2 or 3, mapped: one file, or several parts that `gguf-split` made of one.
package struct GGUFFile: Sendable {
  /// The key-values, `general.architecture` and `tokenizer.ggml.tokens` among them; those of the first part.
  package let metadata: GGUFMetadata
  /// The tensors of all parts by their GGUF names, shapes outermost dimension first.
  package let tensors: [String: StoredTensor]
  /// Where the file was found.
  package let path: String
  /// The files, in order.
  let parts: [GGUFPart]

  /// Maps the file at `url`, and the other parts beside it when it is one of several, and reads everything but the tensors.
  ///
  /// - Throws: ``CheckpointError``, or `StorageError` that names the file, and the tensor where one is at fault.
  package init(_ url: URL) throws {
    try self.init(MappedFile(url))
  }

  /// Reads everything but the tensors of `file`, and of the other parts, which lie beside it.
  ///
  /// - Throws: As ``init(_:)-(URL)``.
  package init(_ file: MappedFile) throws {
    let part = try GGUFPart(file)
    path = file.path
    parts = try GGUFSplit(part).map { try $0.parts(with: part) } ?? [part]
    metadata = parts[0].metadata
    var tensors: [String: StoredTensor] = [:]
    for tensor in parts.lazy.flatMap(\.tensors).map(\.stored) {
      if let other = tensors.updateValue(tensor, forKey: tensor.name) {
        throw CheckpointError.wrongPart(
          file: tensor.path, expected: "tensors that no other part has",
          found: "'\(tensor.name)', which is in \(other.path), too")
      }
    }
    self.tensors = tensors
  }

  /// The tensor called `name` in GGUF.
  ///
  /// - Throws: `StorageError.missingTensor`.
  package func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw StorageError.missingTensor(tensor: name, file: path)
    }
    return tensor
  }
}
