/// Turns ids into text while they are generated and never emits half a character.
///
/// ```swift
/// var decoder = tokenizer.streamingDecoder()
/// for id in ids { print(try decoder.append(id), terminator: "") }
/// print(decoder.finish())
/// ```
package struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var stripsSpace: Bool
  private var isFirst: Bool
  private var pending: [UInt8] = []

  init(_ tokenizer: Tokenizer, isStart: Bool, skipsSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipsSpecialTokens = skipsSpecialTokens
    isFirst = isStart
    stripsSpace = isStart && tokenizer.decoder == .sentencePiece(stripsFirstSpace: true)
  }

  /// The text that is complete now that `id` has come; bytes of an unfinished character are kept.
  ///
  /// - Throws: ``TokenizerError/unknownID(id:count:)``.
  package mutating func append(_ id: Int) throws -> String {
    pending += try takeBytes(of: id)
    let complete = Self.completeLength(pending)
    defer { pending.removeFirst(complete) }
    return String(decoding: pending[..<complete], as: UTF8.self)
  }

  /// What is left: bytes that never became a character, as U+FFFD.
  package mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  mutating func takeBytes(of id: Int) throws -> [UInt8] {
    guard var bytes = try tokenizer.bytes(of: id, isFirst: isFirst, skipsSpecialTokens) else {
      return []
    }
    isFirst = false
    if stripsSpace, let first = bytes.first {
      stripsSpace = false
      if first == 0x20 { bytes.removeFirst() }
    }
    return bytes
  }

  /// How many bytes there are before a character that is only begun.
  private static func completeLength(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let byte = bytes[bytes.count - length]
      if byte & 0b1100_0000 == 0b1000_0000 { continue }
      let needed =
        switch byte {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      return needed > length ? bytes.count - length : bytes.count
    }
    return bytes.count
  }
}
