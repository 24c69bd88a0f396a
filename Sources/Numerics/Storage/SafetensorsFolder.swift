public import Foundation

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` names.
public struct SafetensorsFolder: Sendable {
  /// The tensors of all files by name.
  public let tensors: [String: StoredTensor]
  /// The file or index that was read.
  public let path: String

  /// Maps the weights in the folder at `url`.
  ///
  /// - Throws: ``StorageError``: no weights, a shard that is absent, a tensor that is not in its shard.
  public init(_ url: URL) throws {
    let single = url.appendingPathComponent("model.safetensors")
    let index = url.appendingPathComponent("model.safetensors.index.json")
    if !FileManager.default.fileExists(atPath: single.path),
      FileManager.default.fileExists(atPath: index.path)
    {
      path = index.path
      tensors = try Self.shards(index, in: url)
    } else {
      let file = try SafetensorsFile(single)
      path = file.path
      tensors = file.tensors
    }
  }

  /// The tensor called `name`.
  ///
  /// - Throws: ``StorageError/missingTensor(tensor:file:)``.
  public func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw StorageError.missingTensor(tensor: name, file: path)
    }
    return tensor
  }

  private static func shards(_ index: URL, in folder: URL) throws -> [String: StoredTensor] {
    let json = try JSONValue(contentsOf: index)
    guard let map = json["weight_map"]?.members else {
      throw StorageError.malformed(
        file: index.path, part: "weight_map", expected: "an object of tensor and file names")
    }
    var files: [String: SafetensorsFile] = [:]
    var tensors: [String: StoredTensor] = [:]
    for (name, value) in map {
      // A shard lies beside its index: a path would let a checkpoint name any file of the machine.
      guard let shard = value.string, !shard.isEmpty, !shard.contains("/"), shard != "..",
        shard != "."
      else {
        throw StorageError.malformed(
          file: index.path, part: "weight_map of '\(name)'",
          expected: "the name of a file beside it")
      }
      let file: SafetensorsFile
      if let known = files[shard] {
        file = known
      } else {
        let url = folder.appendingPathComponent(shard)
        guard FileManager.default.fileExists(atPath: url.path) else {
          throw StorageError.missingShard(shard: shard, file: index.path)
        }
        file = try SafetensorsFile(url)
        files[shard] = file
      }
      tensors[name] = try file.tensor(name)
    }
    return tensors
  }
}

extension JSONValue {
  /// Reads the file at `url`.
  ///
  /// - Throws: ``FileError/cannotRead(path:code:)``, ``StorageError/invalidJSON(file:fault:)``.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(url)
    do {
      self = try file.withBytes { try JSONValue(parsing: $0) }
    } catch let fault as JSONFault {
      throw StorageError.invalidJSON(file: file.path, fault: fault)
    }
  }
}
