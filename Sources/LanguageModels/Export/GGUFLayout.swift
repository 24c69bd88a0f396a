internal import Numerics

/// Where everything lies in a GGUF file that is written from another, some of whose tensors change their type.
///
/// Whatever does not change keeps its bytes, those between tensors included; in the header only type codes and offsets
/// are new. Several parts become one file, as `gguf-split --merge` makes it.
struct GGUFLayout {
  /// The bytes before the data: header, metadata, descriptions, padding.
  let header: [UInt8]
  /// The data, one after the other.
  let segments: [Segment]

  /// Some bytes of the data.
  struct Segment {
    /// What they are.
    let content: Content
    /// The zeros behind them, up to the next tensor.
    let padding: Int
  }

  /// What a segment holds.
  enum Content {
    /// Bytes of a file as they are.
    case bytes(MappedFile, Range<Int>)
    /// A tensor, encoded as the type.
    case tensor(StoredTensor, ElementType)
  }

  /// The layout of `file` with the tensors named by `types` stored as those.
  ///
  /// - Throws: `StorageError` for a tensor whose shape a type cannot have.
  init(_ file: GGUFFile, types: [String: ElementType]) throws {
    let alignment = file.parts[0].alignment
    let isWhole = file.parts.count == 1
    var segments: [Segment] = []
    var offsets: [String: Int] = [:]
    var offset = 0
    func append(_ content: Content, count: Int, isPadded: Bool) {
      let padding = isPadded ? (alignment - (offset + count) % alignment) % alignment : 0
      segments.append(Segment(content: content, padding: padding))
      offset += count + padding
    }
    for part in file.parts {
      let tensors = part.tensors.map(\.stored).sorted {
        ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount)
      }
      let ends = tensors.dropFirst().map(\.offset) + [part.file.count]
      if isWhole, let start = tensors.first?.offset ?? ends.first, start > part.dataStart {
        append(
          .bytes(part.file, part.dataStart..<start), count: start - part.dataStart, isPadded: false)
      }
      for (tensor, end) in zip(tensors, ends) {
        offsets[tensor.name] = offset
        if let type = types[tensor.name] {
          let count = try Self.byteCount(of: tensor, as: type)
          append(.tensor(tensor, type), count: count, isPadded: true)
        } else {
          let end = isWhole ? end : tensor.offset + tensor.byteCount
          append(
            .bytes(part.file, tensor.offset..<end), count: end - tensor.offset, isPadded: !isWhole)
        }
      }
    }
    self.segments = segments
    header = Self.header(of: file, types: types, offsets: offsets)
  }

  private static func byteCount(of tensor: StoredTensor, as type: ElementType) throws -> Int {
    do {
      return try type.byteCount(shape: tensor.shape)
    } catch {
      throw StorageError.invalidTensor(tensor: tensor.name, file: tensor.path, fault: error)
    }
  }

  private static func header(
    of file: GGUFFile, types: [String: ElementType], offsets: [String: Int]
  ) -> [UInt8] {
    let first = file.parts[0]
    var header = first.file.withBytes { Array($0[..<first.descriptionStart]) }
    if file.parts.count > 1 {
      header.put(UInt64(file.tensors.count), at: GGUFPart.tensorCountPlace)
      header.clearSplitCount(first)
    }
    for part in file.parts {
      for tensor in part.tensors {
        header += part.file.withBytes { $0[tensor.description] }
        let name = tensor.stored.name
        header.put(UInt64(offsets[name] ?? 0), at: header.count - 8)
        if let code = types[name]?.ggufCode { header.put(code, at: header.count - 12) }
      }
    }
    // A file without data may end before the place where they would start.
    let end =
      file.parts.count == 1
      ? min(first.dataStart, first.file.count)
      : (header.count + first.alignment - 1) / first.alignment * first.alignment
    if file.parts.count == 1 { header += first.file.withBytes { $0[header.count..<end] } }
    return header + repeatElement(0, count: end - header.count)
  }
}

extension [UInt8] {
  /// Writes `value`, the lowest byte first, over the bytes at `place`.
  fileprivate mutating func put(_ value: some FixedWidthInteger, at place: Int) {
    Swift.withUnsafeBytes(of: value.littleEndian) { bytes in
      replaceSubrange(place..<place + bytes.count, with: bytes)
    }
  }

  /// Sets the number of parts to 0, whatever integer it is.
  fileprivate mutating func clearSplitCount(_ part: GGUFPart) {
    guard let place = part.valuePlaces[GGUFSplit.countKey] else { return }
    let widths: [UInt8: Int] = [0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 10: 8, 11: 8]
    let start = place + 4
    let width = widths[self[place]] ?? 0
    replaceSubrange(start..<start + width, with: repeatElement(0, count: width))
  }
}
