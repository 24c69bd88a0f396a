internal import Files
public import Numerics
public import Foundation

/// The weights of a language model by Hugging Face's names, whatever file they lie in.
///
/// Nothing is read before it is asked for. What a GGUF file has under other names, in another order of rows or in other
/// tensors comes as Hugging Face has it.
public struct Checkpoint: Sendable {
  /// Where weights lie.
  package enum Source: Sendable {
    /// A Hugging Face folder: `config.json` and one or more safetensors files.
    case folder(URL, SafetensorsFolder)
    /// One GGUF file, its configuration inside.
    case gguf(GGUFFile)
  }

  /// Where the weights lie.
  package let source: Source
  /// The tensors of a GGUF file by Hugging Face's names; nil for a folder.
  let names: GGUFNames?
  /// Which tensors of a folder have been asked for.
  let tensorLog = TensorLog()
  /// Which keys of its configuration have been asked for.
  let keyLog = KeyLog()

  /// Maps the model at `url`: a folder, or a GGUF file.
  ///
  /// - Throws: `CheckpointError`, `StorageError`.
  public init(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw FileError.cannotRead(path: url.path, code: ENOENT)
    }
    if isFolder.boolValue {
      self.init(source: .folder(url, try SafetensorsFolder(url).withUsualNames()), names: nil)
      return
    }
    do {
      try self.init(GGUFFile(url))
    } catch CheckpointError.notGGUF where url.pathExtension != "gguf" {
      throw CheckpointError.notACheckpoint(path: url.path)
    }
  }

  /// The model in `file`.
  ///
  /// - Throws: `CheckpointError.unknownArchitecture`.
  init(_ file: GGUFFile) throws {
    self.init(source: .gguf(file), names: try GGUFNames(file))
  }

  private init(source: Source, names: GGUFNames?) {
    (self.source, self.names) = (source, names)
  }

  /// The metadata of a GGUF file; nil for a folder.
  package var metadata: GGUFMetadata? {
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
  public func contains(_ name: String) -> Bool {
    switch source {
    case .folder(_, let folder): folder.tensors[name] != nil
    case .gguf: names?.contains(name) ?? false
    }
  }

  /// The tensor called `name` by Hugging Face.
  ///
  /// - Throws: `StorageError.missingTensor`; ``CheckpointError`` for metadata that contradict it.
  package func tensor(_ name: String) throws -> CheckpointTensor {
    tensorLog.insert([name])
    let tensor =
      switch source {
      case .folder(_, let folder): folder.tensors[name].map { CheckpointTensor($0, name: name) }
      case .gguf: try names?.tensor(name)
      }
    guard let tensor else {
      throw StorageError.missingTensor(
        tensor: names?.expectedName(of: name) ?? name, file: path)
    }
    return tensor
  }

  /// All tensors by Hugging Face's names, in the order of the names.
  ///
  /// - Throws: As ``tensor(_:)``.
  package var allTensors: [CheckpointTensor] {
    get throws {
      switch source {
      case .folder(_, let folder):
        folder.tensors.sorted { $0.key < $1.key }.map { CheckpointTensor($1, name: $0) }
      case .gguf: try names?.names.map(tensor) ?? []
      }
    }
  }

  /// The matrix called `name` by Hugging Face, left in its file.
  ///
  /// - Throws: `StorageError`: absent, of another shape, or no weight.
  public func matrix(_ name: String, rows: Int, columns: Int) throws -> MappedMatrix {
    try tensor(name).mapped(.whole, of: [rows, columns])
  }

  /// The vector called `name` by Hugging Face, decoded.
  ///
  /// - Throws: `StorageError`: absent, of another shape, or no weight.
  public func vector(_ name: String, count: Int) throws -> [Float] {
    try tensor(name).values(of: [count])
  }

  /// What may be wrong with the files, in sentences without a full stop: parts that the model has not asked for. Empty
  /// before there is a model.
  public var warnings: [String] { keyLog.warnings }
}
