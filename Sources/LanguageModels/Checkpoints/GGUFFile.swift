public import Numerics
public import Foundation

/// A GGUF file of version 2 or 3, mapped: typed metadata, then tensor descriptions, then the tensors' bytes.
///
/// Every count, length and offset is checked against the length of the file before it is used. Format:
/// ggml's `docs/gguf.md`.
public struct GGUFFile: Sendable {
  /// The key-values, `general.architecture` and `tokenizer.ggml.tokens` among them.
  public let metadata: GGUFMetadata
  /// The tensors by their GGUF names, shapes outermost dimension first.
  public let tensors: [String: StoredTensor]
  /// Where the file was found.
  public let path: String

  /// The four letters that every file starts with.
  static let magic = Array("GGUF".utf8)

  /// Maps the file at `url` and reads everything but the tensors.
  ///
  /// - Throws: ``CheckpointError``, or `StorageError` that names the file, and the tensor where one is at fault.
  public init(_ url: URL) throws {
    try self.init(MappedFile(url))
  }

  /// Reads everything but the tensors of `file`.
  ///
  /// - Throws: As ``init(_:)-(URL)``.
  package init(_ file: MappedFile) throws {
    path = file.path
    (metadata, tensors) = try file.withBytes { bytes in
      var reader = ByteReader(bytes, file: file.path)
      let magic = try reader.take(4, "the magic")
      guard magic.elementsEqual(Self.magic) else { throw CheckpointError.notGGUF(file: file.path) }
      let version = try reader.integer(UInt32.self, "the version")
      guard version == 2 || version == 3 else {
        throw CheckpointError.unsupportedVersion(file: file.path, version: version)
      }
      // Both counts come first, so neither can be checked exactly; each thing takes at least so many bytes.
      let claimedTensors = try reader.integer(UInt64.self, "the number of tensors")
      let claimedKeys = try reader.integer(UInt64.self, "the number of metadata")
      let tensorCount = try reader.require(
        count: claimedTensors, ofSize: 8 + 4 + 4 + 8, "the number of tensors")
      let keyCount = try reader.require(
        count: claimedKeys, ofSize: 8 + 4 + 1, "the number of metadata")
      let metadata = try Self.metadata(&reader, count: keyCount)
      let tensors = try Self.tensors(&reader, count: tensorCount, metadata: metadata, in: file)
      return (metadata, tensors)
    }
  }

  /// The tensor called `name` in GGUF.
  ///
  /// - Throws: `StorageError.missingTensor`.
  public func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw StorageError.missingTensor(tensor: name, file: path)
    }
    return tensor
  }

  private static func metadata(_ reader: inout ByteReader, count: Int) throws -> GGUFMetadata {
    var values: [String: GGUFValue] = [:]
    for index in 0..<count {
      let length = try reader.integer(UInt64.self, "the length of metadata key \(index)")
      let key = try reader.string(length: length, "metadata key \(index)")
      let value = try reader.ggufValue(of: key)
      guard values.updateValue(value, forKey: key) == nil else {
        throw StorageError.malformed(
          file: reader.file, part: "metadata '\(key)'", expected: "there only once")
      }
    }
    return GGUFMetadata(values: values, file: reader.file)
  }

  /// A tensor's description before its place in the file is known.
  private struct Description {
    let name: String
    let shape: [Int]
    let type: ElementType
    let offset: Int
  }

  private static func tensors(
    _ reader: inout ByteReader, count: Int, metadata: GGUFMetadata, in file: MappedFile
  ) throws -> [String: StoredTensor] {
    var descriptions: [Description] = []
    for index in 0..<count { descriptions.append(try description(&reader, index)) }
    let alignment = try alignment(metadata)
    let dataStart = (reader.offset + alignment - 1) / alignment * alignment
    var tensors: [String: StoredTensor] = [:]
    for description in descriptions {
      do throws(TensorFault) {
        guard description.offset % alignment == 0 else {
          throw .misaligned(offset: description.offset, alignment: alignment)
        }
        let offset = dataStart.addingReportingOverflow(description.offset)
        guard !offset.overflow else { throw .outsideFile(end: .max, limit: file.count) }
        let tensor = try StoredTensor(
          name: description.name, shape: description.shape, type: description.type, file: file,
          offset: offset.partialValue)
        guard tensors.updateValue(tensor, forKey: tensor.name) == nil else { throw .duplicateName }
      } catch {
        throw StorageError.invalidTensor(tensor: description.name, file: file.path, fault: error)
      }
    }
    try requireDisjoint(tensors.values, in: file)
    return tensors
  }

  private static func description(_ reader: inout ByteReader, _ index: Int) throws -> Description {
    let length = try reader.integer(UInt64.self, "the length of the name of tensor \(index)")
    let name = try reader.string(length: length, "the name of tensor \(index)")
    let rank = try reader.integer(UInt32.self, "the rank of tensor '\(name)'")
    // GGML_MAX_DIMS
    guard rank <= 4 else {
      throw StorageError.tooLarge(
        file: reader.file, part: "the rank of tensor '\(name)'", limit: 4, found: UInt64(rank))
    }
    var shape: [Int] = []
    for _ in 0..<rank {
      let dimension = try reader.integer(UInt64.self, "the shape of tensor '\(name)'")
      // Too large for `Int` becomes the largest, which no file can hold.
      shape.insert(Int(clamping: dimension), at: 0)
    }
    let code = try reader.integer(UInt32.self, "the type of tensor '\(name)'")
    guard let type = ElementType(ggufCode: code) else {
      throw StorageError.invalidTensor(
        tensor: name, file: reader.file, fault: .unknownType(ElementType.name(ofGGUFCode: code)))
    }
    let offset = try reader.integer(UInt64.self, "the offset of tensor '\(name)'")
    guard let offset = Int(exactly: offset) else {
      throw StorageError.invalidTensor(
        tensor: name, file: reader.file, fault: .badField("offset"))
    }
    return Description(name: name, shape: shape, type: type, offset: offset)
  }

  private static func alignment(_ metadata: GGUFMetadata) throws -> Int {
    let key = "general.alignment"
    guard metadata.contains(key) else { return 32 }
    let alignment = try metadata.integer(key)
    guard alignment > 0, alignment <= 1 << 24, alignment & (alignment - 1) == 0 else {
      throw CheckpointError.wrongMetadata(
        key: key, file: metadata.file, expected: "a power of two", found: "\(alignment)")
    }
    return alignment
  }

  private static func requireDisjoint(
    _ tensors: some Collection<StoredTensor>, in file: MappedFile
  ) throws {
    var end = 0
    var previous = ""
    let sorted = tensors.sorted {
      ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name)
    }
    for tensor in sorted {
      guard tensor.offset >= end else {
        throw StorageError.invalidTensor(
          tensor: tensor.name, file: file.path, fault: .overlaps(with: previous))
      }
      end = tensor.offset + tensor.byteCount
      previous = tensor.name
    }
  }
}
