package import Numerics
internal import Foundation

extension Checkpoint {
  /// Tells the model from any other: names, shapes and types of all tensors, up to 64 KiB of each spread over its
  /// elements, and the configuration.
  ///
  /// - Throws: `StorageError` for a configuration that cannot be read.
  package func fingerprint() throws -> Fingerprint {
    var fingerprint = Fingerprint()
    let tensors: [String: StoredTensor]
    switch source {
    case .folder(let url, let folder):
      tensors = folder.tensors
      let configuration = try MappedFile(url.appendingPathComponent("config.json"))
      configuration.withBytes { fingerprint.combine($0) }
    case .gguf(let file):
      tensors = file.tensors
      for (key, value) in file.metadata.values.sorted(by: { $0.key < $1.key }) {
        switch value {
        case .integer, .number, .bool, .string: fingerprint.combine("\(key) \(value)")
        default: break
        }
      }
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      fingerprint.combine("\(name) \(tensor.shape) \(tensor.type)")
      tensor.withBytes { bytes in
        let block = 1024
        let blocks = 64
        guard bytes.count > block * blocks else {
          fingerprint.combine(bytes)
          return
        }
        for index in 0..<blocks {
          let start = (bytes.count - block) / (blocks - 1) * index
          fingerprint.combine(bytes[start..<start + block])
        }
      }
    }
    return fingerprint
  }
}
