internal import Numerics

/// Reads little-endian values one after the other and never past the end.
///
/// Lives only inside a closure that lends the bytes.
struct ByteReader {
  // SAFETY: stored, but no reader outlives the call that lends the bytes; every read checks its length.
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0
  let file: String

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  var remaining: Int { bytes.count - offset }

  /// - Throws: ``StorageError/truncated(file:part:expected:found:)``.
  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self, _ part: @autoclosure () -> String
  ) throws -> Value {
    let size = MemoryLayout<Value>.size
    try require(UInt64(size), part())
    defer { offset += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// A string of `length` bytes.
  ///
  /// - Throws: ``StorageError/truncated(file:part:expected:found:)``, and
  ///   ``StorageError/malformed(file:part:expected:)`` when it is not UTF-8.
  mutating func string(length: UInt64, _ part: @autoclosure () -> String) throws -> String {
    let content = try take(length, part())
    guard let string = String(validating: content, as: UTF8.self) else {
      throw StorageError.malformed(file: file, part: part(), expected: "valid UTF-8")
    }
    return string
  }

  /// The next `length` bytes.
  ///
  /// - Throws: ``StorageError/truncated(file:part:expected:found:)``.
  mutating func take(
    _ length: UInt64, _ part: @autoclosure () -> String
  ) throws -> UnsafeRawBufferPointer {
    try require(length, part())
    defer { offset += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
  }

  /// A count of things of at least `size` bytes each, which must still fit in what is left.
  ///
  /// - Throws: `StorageError.tooLarge`.
  func require(count: UInt64, ofSize size: Int, _ part: @autoclosure () -> String) throws -> Int {
    let limit = UInt64(remaining / size)
    guard count <= limit else {
      throw StorageError.tooLarge(file: file, part: part(), limit: limit, found: count)
    }
    return Int(count)
  }

  private func require(_ length: UInt64, _ part: @autoclosure () -> String) throws {
    guard length <= UInt64(remaining) else {
      throw StorageError.truncated(
        file: file, part: part(), expected: length, found: UInt64(remaining))
    }
  }
}
