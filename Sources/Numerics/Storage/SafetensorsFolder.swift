internal import Files
package import Foundation

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards that its index names, or, where there is
/// neither, the one safetensors file or the one set of numbered shards in the folder.
package struct SafetensorsFolder: Sendable {
  /// The tensors of all files by name.
  package let tensors: [String: StoredTensor]
  /// The file or index that was read.
  package let path: String

  /// Maps the weights in the folder at `url`.
  ///
  /// - Throws: ``StorageError``: no weights, a shard that is absent, a tensor that is not in its shard, files of
  ///   which no one knows which is meant.
  package init(_ url: URL) throws {
    let single = url.appendingPathComponent("model.safetensors")
    let index = url.appendingPathComponent("model.safetensors.index.json")
    let manager = FileManager.default
    if !manager.fileExists(atPath: single.path), manager.fileExists(atPath: index.path) {
      path = index.path
      tensors = try Self.shards(index, in: url)
      return
    }
    let names =
      manager.fileExists(atPath: single.path) ? ["model.safetensors"] : try Self.files(in: url)
    let files = try names.map { try SafetensorsFile(url.appendingPathComponent($0)) }
    path = files.count == 1 ? files[0].path : url.path
    var tensors: [String: StoredTensor] = [:]
    for file in files {
      for (name, tensor) in file.tensors where tensors.updateValue(tensor, forKey: name) != nil {
        throw StorageError.invalidTensor(tensor: name, file: file.path, fault: .duplicateName)
      }
    }
    self.tensors = tensors
  }

  /// The names of the safetensors files that hold the model where none has the usual name.
  private static func files(in folder: URL) throws -> [String] {
    let content: [String]
    do {
      content = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    } catch {
      throw FileError.cannotRead(path: folder.path, code: EACCES)
    }
    // An adapter is no model, and Mistral's own files are the same weights under other names.
    let names = content.filter {
      $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter") && !$0.hasPrefix("consolidated")
    }
    guard let first = names.first else {
      let other = ["adapter", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".gguf"]
      let instead = content.filter { name in
        other.contains { name.hasSuffix($0) || name.hasPrefix("adapter_model") }
          && !name.hasPrefix("training_args") && !name.hasPrefix("optimizer")
      }
      throw StorageError.noWeights(folder: folder.path, instead: instead)
    }
    guard let shard = Shard(first) else {
      guard names.count == 1 else {
        throw StorageError.ambiguousWeights(folder: folder.path, files: names)
      }
      return names
    }
    let shards = (1...shard.count).map(shard.name)
    for name in shards where !names.contains(name) {
      throw StorageError.missingShard(
        shard: name, file: folder.appendingPathComponent(first).path)
    }
    guard names.count == shards.count else {
      throw StorageError.ambiguousWeights(folder: folder.path, files: names)
    }
    return shards
  }

  /// The name of one of several files, `STEM-00001-of-00002.safetensors`.
  private struct Shard {
    private let stem: Substring
    private let countText: Substring
    let count: Int

    init?(_ name: String) {
      guard
        let match = name.wholeMatch(
          of: #/(?<stem>.*)-(?<number>\d{5})-of-(?<count>\d{5})\.safetensors/#),
        let count = Int(match.count), count > 0
      else { return nil }
      (stem, countText, self.count) = (match.stem, match.count, count)
    }

    func name(_ number: Int) -> String {
      let digits = String(number)
      return "\(stem)-" + String(repeating: "0", count: 5 - digits.count) + digits
        + "-of-\(countText).safetensors"
    }
  }

  /// The same tensors under other names; of two that are given one name either may stay.
  package func renaming(_ name: (String) -> String) -> SafetensorsFolder {
    SafetensorsFolder(
      path: path, tensors: Dictionary(tensors.map { (name($0), $1) }) { first, _ in first })
  }

  private init(path: String, tensors: [String: StoredTensor]) {
    self.path = path
    self.tensors = tensors
  }

  /// The tensor called `name`.
  ///
  /// - Throws: ``StorageError/missingTensor(tensor:file:)``.
  package func tensor(_ name: String) throws -> StoredTensor {
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
    // As transformers reads it: every tensor of the shards that are named, listed or not.
    let listed = Set(map.map(\.key))
    for (_, file) in files.sorted(by: { $0.key < $1.key }) {
      for (name, tensor) in file.tensors where !listed.contains(name) {
        guard tensors.updateValue(tensor, forKey: name) == nil else {
          throw StorageError.invalidTensor(tensor: name, file: file.path, fault: .duplicateName)
        }
      }
    }
    return tensors
  }
}

extension JSONValue {
  /// Reads the file at `url`, which Python may have written.
  ///
  /// - Throws: `FileError/cannotRead(path:code:)`, ``StorageError/invalidJSON(file:fault:)``,
  ///   ``StorageError/largeFilePointer(file:)``.
  package init(contentsOf url: URL) throws {
    let file = try MappedFile(url)
    do {
      self = try file.withBytes { try JSONValue(parsing: $0, as: .python) }
    } catch let fault as JSONFault {
      throw StorageError.invalidJSON(file: file.path, fault: fault)
    }
  }
}
