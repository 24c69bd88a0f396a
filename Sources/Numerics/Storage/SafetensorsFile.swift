package import Foundation

/// A safetensors file, mapped: a header of JSON that places every tensor in the bytes after it.
///
/// Everything that the header says is checked against the length of the file before it is used.
package struct SafetensorsFile: Sendable {
  /// The tensors by name.
  package let tensors: [String: StoredTensor]
  /// The strings under `__metadata__`.
  package let metadata: [String: String]
  /// Where the file was found.
  package let path: String

  /// The limit of the reference implementation.
  private static let headerLimit: UInt64 = 100_000_000

  /// Maps the file at `url` and reads its header.
  ///
  /// - Throws: ``StorageError`` that names the file, and the tensor where one is at fault.
  package init(_ url: URL) throws {
    try self.init(MappedFile(url))
  }

  /// Reads the header of `file`.
  ///
  /// - Throws: As ``init(_:)-(URL)``.
  package init(_ file: MappedFile) throws {
    path = file.path
    let dataStart = try Self.dataStart(of: file)
    let header: JSONValue
    do {
      header = try file.withBytes(in: 8..<dataStart) { try JSONValue(parsing: $0) }
    } catch let fault as JSONFault {
      throw StorageError.invalidJSON(file: "the header of \(file.path)", fault: fault)
    }
    guard let members = header.members else {
      throw StorageError.malformed(file: file.path, part: "the header", expected: "an object")
    }
    var tensors: [String: StoredTensor] = [:]
    var metadata: [String: String] = [:]
    for (name, description) in members {
      if name == "__metadata__" {
        metadata = try Self.strings(in: description, of: file)
        continue
      }
      do throws(TensorFault) {
        let tensor = try Self.tensor(name, description, in: file, dataStart: dataStart)
        guard tensors.updateValue(tensor, forKey: name) == nil else { throw .duplicateName }
      } catch {
        throw StorageError.invalidTensor(tensor: name, file: file.path, fault: error)
      }
    }
    try Self.requireContiguous(tensors.values, in: file, dataStart: dataStart)
    self.tensors = tensors
    self.metadata = metadata
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

  private static func dataStart(of file: MappedFile) throws -> Int {
    guard file.count >= 8 else {
      throw StorageError.truncated(
        file: file.path, part: "the header's length", expected: 8, found: UInt64(file.count))
    }
    let length = file.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= headerLimit else {
      throw StorageError.tooLarge(
        file: file.path, part: "the header's length", limit: headerLimit, found: length)
    }
    guard length <= UInt64(file.count - 8) else {
      throw StorageError.truncated(
        file: file.path, part: "the header", expected: length, found: UInt64(file.count - 8))
    }
    return 8 + Int(length)
  }

  private static func strings(in value: JSONValue, of file: MappedFile) throws -> [String: String] {
    var strings: [String: String] = [:]
    for (key, value) in value.members ?? [("", .null)] {
      guard let string = value.string else {
        throw StorageError.malformed(
          file: file.path, part: "__metadata__", expected: "an object of strings")
      }
      strings[key] = string
    }
    return strings
  }

  private static func tensor(
    _ name: String, _ description: JSONValue, in file: MappedFile, dataStart: Int
  ) throws(TensorFault) -> StoredTensor {
    guard let typeName = description["dtype"]?.string else { throw .badField("dtype") }
    guard let type = ElementType(rawValue: typeName), type.isSafetensors else {
      throw .unknownType(typeName)
    }
    guard let dimensions = description["shape"]?.elements else { throw .badField("shape") }
    let shape = dimensions.compactMap(\.integer)
    guard shape.count == dimensions.count else { throw .badField("shape") }
    let offsets = description["data_offsets"]?.elements?.compactMap(\.integer) ?? []
    guard offsets.count == 2, description["data_offsets"]?.elements?.count == 2,
      offsets[0] >= 0, offsets[1] >= offsets[0]
    else { throw .badField("data_offsets") }
    let byteCount = try type.byteCount(shape: shape)
    guard offsets[1] <= file.count - dataStart else {
      throw .outsideFile(end: offsets[1], limit: file.count - dataStart)
    }
    guard byteCount == offsets[1] - offsets[0] else {
      throw .sizeMismatch(expected: byteCount, found: offsets[1] - offsets[0])
    }
    return try StoredTensor(
      name: name, shape: shape, type: type, file: file, offset: dataStart + offsets[0])
  }

  /// The format has no holes: bytes that belong to nobody, or to two, are damage.
  private static func requireContiguous(
    _ tensors: some Collection<StoredTensor>, in file: MappedFile, dataStart: Int
  ) throws {
    var end = dataStart
    var previous = ""
    for tensor in tensors.sorted(by: {
      ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name)
    }) {
      if tensor.offset != end {
        throw StorageError.invalidTensor(
          tensor: tensor.name, file: file.path,
          fault: tensor.offset < end
            ? .overlaps(with: previous)
            : .gap(expected: end - dataStart, start: tensor.offset - dataStart))
      }
      end += tensor.byteCount
      previous = tensor.name
    }
    guard end == file.count else {
      throw StorageError.malformed(
        file: file.path, part: "the data (\(file.count - dataStart) bytes)",
        expected: "the \(end - dataStart) bytes of its tensors and nothing else")
    }
  }
}
