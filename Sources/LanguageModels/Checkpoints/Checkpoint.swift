internal import Files
public import Numerics
public import Foundation

/// The weights of a language model by Hugging Face's names, whatever file they lie in.
///
/// Nothing is read before it is asked for. Of GGUF's `llama` architecture, rows of queries and keys come in
/// Hugging Face's order.
public struct Checkpoint: Sendable {
  /// Where weights lie.
  public enum Source: Sendable {
    /// A Hugging Face folder: `config.json` and one or more safetensors files.
    case folder(URL, SafetensorsFolder)
    /// One GGUF file, its configuration inside.
    case gguf(GGUFFile)
  }

  /// Where the weights lie.
  public let source: Source

  /// Maps the model at `url`: a folder, or a GGUF file.
  ///
  /// - Throws: ``CheckpointError``, `StorageError`.
  public init(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw FileError.cannotRead(path: url.path, code: ENOENT)
    }
    if isFolder.boolValue {
      source = .folder(url, try SafetensorsFolder(url))
      return
    }
    do {
      source = .gguf(try GGUFFile(url))
    } catch CheckpointError.notGGUF where url.pathExtension != "gguf" {
      throw CheckpointError.notACheckpoint(path: url.path)
    }
    let architecture = try metadata?.string("general.architecture") ?? ""
    guard GGUFNames.architectures.contains(architecture) else {
      throw CheckpointError.unknownArchitecture(
        name: architecture, file: url.path, known: GGUFNames.architectures)
    }
  }

  /// The model in `file`, which has been checked.
  init(_ file: GGUFFile) { source = .gguf(file) }

  /// The metadata of a GGUF file; nil for a folder.
  public var metadata: GGUFMetadata? {
    if case .gguf(let file) = source { file.metadata } else { nil }
  }

  /// Where the weights were found, for messages.
  public var path: String {
    switch source {
    case .folder(_, let folder): folder.path
    case .gguf(let file): file.path
    }
  }

  /// Whether there is a tensor called `name`, such as a bias or an untied `lm_head.weight`.
  public func contains(_ name: String) -> Bool { find(name) != nil }

  /// The tensor called `name` by Hugging Face, as it is stored.
  ///
  /// - Throws: `StorageError.missingTensor`.
  public func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = find(name) else {
      throw StorageError.missingTensor(tensor: name, file: path)
    }
    return tensor
  }

  /// The matrix called `name` by Hugging Face, left in its file.
  ///
  /// - Throws: `StorageError`: absent, of another shape, or no weight.
  public func matrix(_ name: String, rows: Int, columns: Int) throws -> MappedMatrix {
    try tensor(name).mapped(
      rows: rows, columns: columns, rowOrder: try rowOrder(of: name, rows: rows))
  }

  /// The vector called `name` by Hugging Face, decoded.
  ///
  /// - Throws: `StorageError`: absent, of another shape, or no weight.
  public func vector(_ name: String, count: Int) throws -> [Float] {
    let values = try tensor(name).vector(count: count)
    let order = try rowOrder(of: name, rows: count)
    return (0..<count).map { values[order.storedRow(of: $0)] }
  }

  private func find(_ name: String) -> StoredTensor? {
    switch source {
    case .folder(_, let folder): folder.tensors[name]
    case .gguf(let file): GGUFNames.name(for: name).flatMap { file.tensors[$0] }
    }
  }

  /// How the rows of the tensor lie in the file.
  ///
  /// - Throws: ``CheckpointError/wrongMetadata(key:file:expected:found:)``.
  func rowOrder(of name: String, rows: Int) throws -> MappedMatrix.RowOrder {
    guard let metadata, try metadata.string("general.architecture") == "llama",
      let key = GGUFNames.headCountKey(for: name)
    else { return .stored }
    // A model without grouped keys may leave their number out.
    let ownKey = "llama.\(key)"
    let headCount = try metadata.integer(
      metadata.contains(ownKey) ? ownKey : "llama.attention.head_count")
    guard headCount > 0, rows % headCount == 0, rows / headCount % 2 == 0, rows > 0 else {
      throw CheckpointError.wrongMetadata(
        key: ownKey, file: path,
        expected: "a number of heads that divides the \(rows) rows of '\(name)'",
        found: "\(headCount)")
    }
    return .interleavedHalves(headWidth: rows / headCount)
  }
}
