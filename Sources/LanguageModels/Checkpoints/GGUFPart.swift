internal import Foundation
internal import Numerics

/// One file of GGUF as it lies on the disk: typed metadata, then descriptions of tensors, then their bytes.
///
/// Every count, length and offset is checked against the length of the file before it is used. Format:
/// ggml's `docs/gguf.md`.
struct GGUFPart: Sendable {
  /// The mapped file.
  let file: MappedFile
  /// The key-values.
  let metadata: GGUFMetadata
  /// Where the type code of each metadata value lies, its value right behind it.
  let valuePlaces: [String: Int]
  /// The tensors in the order of their descriptions.
  let tensors: [Tensor]
  /// Where the first description starts.
  let descriptionStart: Int
  /// What every tensor's data start at a multiple of, counted from ``dataStart``.
  let alignment: Int
  /// Where the data start, behind the descriptions.
  let dataStart: Int

  /// A tensor and where its description says so.
  struct Tensor: Sendable {
    let stored: StoredTensor
    /// The bytes of its description: the type code is eight bytes before the offset, which comes last.
    let description: Range<Int>
  }

  /// The four letters that every file starts with.
  static let magic = Array("GGUF".utf8)
  /// Where the number of tensors stands, in eight bytes.
  static let tensorCountPlace = 8

  /// Reads everything but the tensors' bytes.
  ///
  /// - Throws: `CheckpointError`, or `StorageError` that names the file, and the tensor where one is at fault.
  init(_ file: MappedFile) throws {
    self.file = file
    let path = file.path
    var values: [String: GGUFValue] = [:]
    var places: [String: Int] = [:]
    (metadata, tensors, descriptionStart, alignment, dataStart) = try file.withBytes { bytes in
      var reader = ByteReader(bytes, file: path)
      let magic = try reader.take(4, "the magic")
      guard magic.elementsEqual(Self.magic) else { throw CheckpointError.notGGUF(file: path) }
      let version = try reader.integer(UInt32.self, "the version")
      guard version == 2 || version == 3 else {
        throw CheckpointError.unsupportedVersion(file: path, version: version)
      }
      // Both counts come first, so neither can be checked exactly; each thing takes at least so many bytes.
      let claimedTensors = try reader.integer(UInt64.self, "the number of tensors")
      let claimedKeys = try reader.integer(UInt64.self, "the number of metadata")
      let tensorCount = try reader.require(
        count: claimedTensors, ofSize: 8 + 4 + 4 + 8, "the number of tensors")
      let keyCount = try reader.require(
        count: claimedKeys, ofSize: 8 + 4 + 1, "the number of metadata")
      for index in 0..<keyCount {
        let length = try reader.integer(UInt64.self, "the length of metadata key \(index)")
        let key = try reader.string(length: length, "metadata key \(index)")
        places[key] = reader.offset
        let value = try reader.ggufValue(of: key)
        guard values.updateValue(value, forKey: key) == nil else {
          throw StorageError.malformed(
            file: path, part: "metadata '\(key)'", expected: "there only once")
        }
      }
      let metadata = GGUFMetadata(values: values, file: path)
      let descriptionStart = reader.offset
      let descriptions = try (0..<tensorCount).map { try Self.description(&reader, $0) }
      let alignment = try Self.alignment(metadata)
      let dataStart = (reader.offset + alignment - 1) / alignment * alignment
      let tensors = try Self.tensors(descriptions, alignment, dataStart, in: file)
      return (metadata, tensors, descriptionStart, alignment, dataStart)
    }
    valuePlaces = places
  }

  /// A tensor's description before its place in the file is known.
  private struct Description {
    let name: String
    let shape: [Int]
    let type: ElementType
    let offset: Int
    let bytes: Range<Int>
  }

  private static func tensors(
    _ descriptions: [Description], _ alignment: Int, _ dataStart: Int, in file: MappedFile
  ) throws -> [Tensor] {
    var tensors: [Tensor] = []
    var names: Set<String> = []
    for description in descriptions {
      do throws(TensorFault) {
        guard description.offset % alignment == 0 else {
          throw .misaligned(offset: description.offset, alignment: alignment)
        }
        let offset = dataStart.addingReportingOverflow(description.offset)
        guard !offset.overflow else { throw .outsideFile(end: .max, limit: file.count) }
        let stored = try StoredTensor(
          name: description.name, shape: description.shape, type: description.type, file: file,
          offset: offset.partialValue)
        guard names.insert(stored.name).inserted else { throw .duplicateName }
        tensors.append(Tensor(stored: stored, description: description.bytes))
      } catch {
        throw StorageError.invalidTensor(tensor: description.name, file: file.path, fault: error)
      }
    }
    try requireDisjoint(tensors.map(\.stored), in: file)
    return tensors
  }

  private static func description(_ reader: inout ByteReader, _ index: Int) throws -> Description {
    let start = reader.offset
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
    return Description(
      name: name, shape: shape, type: type, offset: offset, bytes: start..<reader.offset)
  }

  private static func alignment(_ metadata: GGUFMetadata) throws -> Int {
    let key = "general.alignment"
    guard metadata.contains(key) else { return 32 }
    let alignment = try metadata.integer(key)
    guard alignment > 0, alignment <= 1 << 31, alignment & (alignment - 1) == 0 else {
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
