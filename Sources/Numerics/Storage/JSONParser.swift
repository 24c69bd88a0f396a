internal import Foundation

/// A recursive-descent reader of RFC 8259 with bounded depth; lives only inside `JSONValue.init(parsing:)`.
///
/// On request it also reads what Python's `json` writes beside the standard: `NaN`, `Infinity` and `-Infinity`.
struct JSONParser {
  /// Far above what any header, configuration or tokenizer nests, far below what the stack can hold.
  static let depthLimit = 100

  // SAFETY: stored, but the parser does not outlive the call that lends the bytes.
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var depth = 0

  private let dialect: JSONValue.Dialect

  init(_ bytes: UnsafeRawBufferPointer, _ dialect: JSONValue.Dialect) {
    self.bytes = bytes
    self.dialect = dialect
  }

  mutating func document() throws(JSONFault) -> JSONValue {
    let value = try value()
    skipSpace()
    guard offset == bytes.count else {
      throw .unexpected(offset: offset, expected: "the end of the text")
    }
    return value
  }

  private mutating func value() throws(JSONFault) -> JSONValue {
    skipSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "N") where dialect == .python: return try literal("NaN", .number(.nan))
    case UInt8(ascii: "I") where dialect == .python:
      return try literal("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where dialect == .python && isNegativeInfinity:
      return try literal("-Infinity", .number(-.infinity))
    default: return try number()
    }
  }

  private var isNegativeInfinity: Bool {
    offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "I")
  }

  private mutating func object() throws(JSONFault) -> JSONValue {
    try descend()
    var members: [(key: String, value: JSONValue)] = []
    try list(until: UInt8(ascii: "}")) { (parser: inout JSONParser) throws(JSONFault) in
      parser.skipSpace()
      let key = try parser.string()
      parser.skipSpace()
      try parser.expect(UInt8(ascii: ":"), "':'")
      members.append((key, try parser.value()))
    }
    try refuseDuplicates(members)
    return .object(members)
  }

  private mutating func array() throws(JSONFault) -> JSONValue {
    try descend()
    var elements: [JSONValue] = []
    try list(until: UInt8(ascii: "]")) { (parser: inout JSONParser) throws(JSONFault) in
      elements.append(try parser.value())
    }
    return .array(elements)
  }

  private mutating func descend() throws(JSONFault) {
    depth += 1
    guard depth <= Self.depthLimit else { throw .tooDeep(limit: Self.depthLimit) }
    offset += 1
  }

  private mutating func list(
    until end: UInt8, _ item: (inout JSONParser) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    skipSpace()
    if try peek() == end {
      offset += 1
    } else {
      while true {
        try item(&self)
        skipSpace()
        let next = try peek()
        guard next == end || next == UInt8(ascii: ",") else {
          throw .unexpected(offset: offset, expected: "',' or the end of the list")
        }
        offset += 1
        if next == end { break }
      }
    }
    depth -= 1
  }

  /// By bytes: keys that are only canonically equivalent are two keys.
  private func refuseDuplicates(
    _ members: [(key: String, value: JSONValue)]
  ) throws(JSONFault) {
    if members.count < 8 {
      for (index, member) in members.enumerated() {
        for other in members[..<index] where other.key.utf8.elementsEqual(member.key.utf8) {
          throw .duplicateKey(member.key)
        }
      }
      return
    }
    var seen = Set<[UInt8]>(minimumCapacity: members.count)
    for member in members where !seen.insert(Array(member.key.utf8)).inserted {
      throw .duplicateKey(member.key)
    }
  }

  private mutating func string() throws(JSONFault) -> String {
    try expect(UInt8(ascii: "\""), "a string")
    var content: [UInt8] = []
    while true {
      let start = offset
      while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""),
        bytes[offset] != UInt8(ascii: "\\"), bytes[offset] >= 0x20
      { offset += 1 }
      guard offset < bytes.count else { throw .endsEarly }
      content.append(contentsOf: bytes[start..<offset])
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        guard let string = String(validating: content, as: UTF8.self) else {
          throw .unexpected(offset: start, expected: "valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        try escape(into: &content)
      default:
        throw .unexpected(offset: offset, expected: "no control character inside a string")
      }
    }
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONFault) {
    let start = offset
    offset += 1
    let letter = try peek()
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = try hexadecimal()
      if (0xD800..<0xDC00).contains(scalar), offset + 1 < bytes.count,
        bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
      {
        offset += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else {
          throw .unexpected(offset: start, expected: "a pair of surrogates")
        }
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let character = Unicode.Scalar(scalar) else {
        throw .unexpected(offset: start, expected: "a pair of surrogates")
      }
      content.append(contentsOf: UTF8.encode(character).map(Array.init) ?? [])
    default:
      throw .unexpected(offset: start, expected: "a known escape")
    }
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw .unexpected(offset: offset, expected: "four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = offset
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    let digits = skipDigits()
    guard digits > 0, digits == 1 || bytes[first] != UInt8(ascii: "0") else {
      throw .unexpected(offset: start, expected: "a value")
    }
    var isInteger = true
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      guard skipDigits() > 0 else { throw .unexpected(offset: offset, expected: "a digit") }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset += 1
      if offset < bytes.count,
        bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-")
      {
        offset += 1
      }
      guard skipDigits() > 0 else { throw .unexpected(offset: offset, expected: "a digit") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    // Text beyond a double's range reads as infinity, which no size or id check lets through.
    guard let number = Double(text) else {
      throw .unexpected(offset: start, expected: "a number")
    }
    return .number(number)
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
      offset += 1
    }
    return offset - start
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONFault) -> JSONValue {
    let length = text.utf8CodeUnitCount
    guard offset + length <= bytes.count,
      bytes[offset..<offset + length].elementsEqual(
        UnsafeBufferPointer(start: text.utf8Start, count: length))
    else { throw .unexpected(offset: offset, expected: "'\(text)'") }
    offset += length
    return value
  }

  private mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  private func peek() throws(JSONFault) -> UInt8 {
    guard offset < bytes.count else { throw .endsEarly }
    return bytes[offset]
  }

  private mutating func expect(_ byte: UInt8, _ name: String) throws(JSONFault) {
    guard try peek() == byte else { throw .unexpected(offset: offset, expected: name) }
    offset += 1
  }
}
