internal import Numerics

/// A value of GGUF's metadata; the widths of numbers are the file's business.
package enum GGUFValue: Sendable, Equatable {
  /// An integer of any width that fits.
  case integer(Int)
  /// A floating-point number, or an unsigned integer beyond `Int`.
  case number(Double)
  case bool(Bool)
  case string(String)
  case integers([Int])
  case numbers([Double])
  case bools([Bool])
  case strings([String])
  /// An array of arrays.
  case arrays([GGUFValue])

  /// A name of the kind of value, for messages.
  package var kind: String {
    switch self {
    case .integer: "an integer"
    case .number: "a number"
    case .bool: "a truth value"
    case .string: "a string"
    case .integers: "a list of integers"
    case .numbers: "a list of numbers"
    case .bools: "a list of truth values"
    case .strings: "a list of strings"
    case .arrays: "a list of lists"
    }
  }
}

/// The type codes of GGUF's metadata.
private enum ValueType: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
  case float64

  /// The fewest bytes that one value takes.
  var minimumSize: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }
}

extension ByteReader {
  /// Real files do not nest arrays at all; the format allows it.
  private static let nestingLimit = 4
  /// No list of real metadata is longer: the longest have an element a token.
  private static let mostElements = 1 << 26

  /// A type code and the value that follows it.
  ///
  /// - Throws: ``StorageError``.
  mutating func ggufValue(of key: String) throws -> GGUFValue {
    try value(try valueType(of: key), of: key, depth: 0)
  }

  private mutating func valueType(of key: String) throws -> ValueType {
    let code = try integer(UInt32.self, "the type of '\(key)'")
    guard let type = ValueType(rawValue: code) else {
      throw StorageError.tooLarge(
        file: file, part: "the type of '\(key)'", limit: UInt64(ValueType.float64.rawValue),
        found: UInt64(code))
    }
    return type
  }

  private mutating func value(_ type: ValueType, of key: String, depth: Int) throws -> GGUFValue {
    switch type {
    case .float32, .float64: .number(try float(type, key))
    case .bool: .bool(try truth(key))
    case .string: .string(try text(key))
    case .array: try array(of: key, depth: depth)
    case .uint64:
      Self.narrow(try integer(UInt64.self, "'\(key)'"))
    default: .integer(try narrowInteger(type, key))
    }
  }

  private mutating func array(of key: String, depth: Int) throws -> GGUFValue {
    guard depth < Self.nestingLimit else {
      throw StorageError.malformed(
        file: file, part: "'\(key)'", expected: "nested at most \(Self.nestingLimit) deep")
    }
    let type = try valueType(of: key)
    let claimed = try integer(UInt64.self, "the length of '\(key)'")
    let count = try require(
      count: claimed, ofSize: type.minimumSize, "the length of '\(key)'")
    // The bytes of tensors would be read as elements of a length that is damaged.
    guard count <= Self.mostElements else {
      throw StorageError.tooLarge(
        file: file, part: "the length of '\(key)'", limit: UInt64(Self.mostElements),
        found: claimed)
    }
    switch type {
    case .float32, .float64: return .numbers(try list(count) { try $0.float(type, key) })
    case .bool: return .bools(try list(count) { try $0.truth(key) })
    case .string: return .strings(try list(count) { try $0.text(key) })
    case .array:
      return .arrays(try list(count) { try $0.array(of: key, depth: depth + 1) })
    case .uint64:
      let values = try list(count) { try $0.integer(UInt64.self, "'\(key)'") }
      let narrowed = values.compactMap { Int(exactly: $0) }
      return narrowed.count == count ? .integers(narrowed) : .numbers(values.map { Double($0) })
    default: return .integers(try list(count) { try $0.narrowInteger(type, key) })
    }
  }

  /// `count` has been checked against the bytes that are left.
  private mutating func list<Element>(
    _ count: Int, _ element: (inout ByteReader) throws -> Element
  ) throws -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  private mutating func float(_ type: ValueType, _ key: String) throws -> Double {
    if type == .float32 {
      Double(Float(bitPattern: try integer(UInt32.self, "'\(key)'")))
    } else {
      Double(bitPattern: try integer(UInt64.self, "'\(key)'"))
    }
  }

  private mutating func truth(_ key: String) throws -> Bool {
    let byte = try integer(UInt8.self, "'\(key)'")
    guard byte <= 1 else {
      throw StorageError.malformed(file: file, part: "'\(key)'", expected: "0 or 1, not \(byte)")
    }
    return byte == 1
  }

  private mutating func text(_ key: String) throws -> String {
    let length = try integer(UInt64.self, "the length of '\(key)'")
    return try string(length: length, "'\(key)'")
  }

  private mutating func narrowInteger(_ type: ValueType, _ key: String) throws -> Int {
    switch type {
    case .uint8: Int(try integer(UInt8.self, "'\(key)'"))
    case .int8: Int(try integer(Int8.self, "'\(key)'"))
    case .uint16: Int(try integer(UInt16.self, "'\(key)'"))
    case .int16: Int(try integer(Int16.self, "'\(key)'"))
    case .uint32: Int(try integer(UInt32.self, "'\(key)'"))
    case .int32: Int(try integer(Int32.self, "'\(key)'"))
    default: Int(try integer(Int64.self, "'\(key)'"))
    }
  }

  private static func narrow(_ value: UInt64) -> GGUFValue {
    Int(exactly: value).map(GGUFValue.integer) ?? .number(Double(value))
  }
}
