internal import Numerics

/// A token that is found in the text as it is, before anything else is done to it.
struct AddedToken: Equatable, Sendable {
  let content: String
  let id: Int
  /// Takes the spaces before it along.
  var stripsLeft = false
  /// Takes the spaces after it along.
  var stripsRight = false
  /// Found only where no word character touches it.
  var isSingleWord = false
  /// Looked for in the normalized text, normalized itself.
  var isNormalized = false
  /// Written as it stands in the normalized text already.
  var isWrittenNormalized = false
  /// Marks structure, not text: decoding may leave it out.
  var isSpecial = true

  /// How it stands in a text that is not normalized: sentencepiece writes ▁ for a space.
  var rawText: String {
    isWrittenNormalized ? content.replacing("\u{2581}", with: " ") : content
  }
}

extension AddedToken {
  /// A token with the options that Hugging Face's files write: `lstrip`, `rstrip` and so on.
  init(_ content: String, id: Int, _ options: JSONValue) {
    let isSpecial = options["special"]?.bool ?? false
    self.init(
      content: content, id: id, stripsLeft: options["lstrip"]?.bool ?? false,
      stripsRight: options["rstrip"]?.bool ?? false,
      isSingleWord: options["single_word"]?.bool ?? false,
      isNormalized: options["normalized"]?.bool ?? !isSpecial, isSpecial: isSpecial)
  }
}

/// Finds added tokens in a text: the leftmost first, the longest among those that start at one place.
struct AddedTokens: Sendable {
  /// A part of a text that is one added token, or has none.
  enum Part: Equatable {
    case text(Range<Int>)
    case token(Int)
  }

  /// By their first byte; longest first among those that begin with the same.
  private var byFirstByte: [[(bytes: [UInt8], token: AddedToken)]] = []

  /// No tokens.
  init() {}

  /// Tokens without content are never found.
  ///
  /// - Parameters:
  ///   - tokens: The tokens.
  ///   - form: How a token is written in the text.
  /// - Throws: What `form` throws.
  init(_ tokens: [AddedToken], form: (AddedToken) throws -> String = { $0.content }) rethrows {
    guard !tokens.isEmpty else { return }
    byFirstByte = Array(repeating: [], count: 256)
    for token in tokens {
      let bytes = Array(try form(token).utf8)
      guard let first = bytes.first else { continue }
      byFirstByte[Int(first)].append((bytes, token))
    }
    for first in byFirstByte.indices {
      // Stable, so that of two that are written alike the first is found.
      byFirstByte[first].sort { $0.bytes.count > $1.bytes.count }
    }
  }

  /// Splits `text`, valid UTF-8, at the tokens in it.
  func split(_ text: ArraySlice<UInt8>) -> [Part] {
    guard !byFirstByte.isEmpty else { return text.isEmpty ? [] : [.text(text.indices)] }
    var parts: [Part] = []
    var start = text.startIndex
    var index = text.startIndex
    while index < text.endIndex {
      guard let (bytes, token) = match(text[index...]) else {
        index += 1
        continue
      }
      let range = index..<index + bytes.count
      // A token whose neighbour took its spaces is found all the same, as in the reference.
      index = range.upperBound
      if token.isSingleWord, touchesWord(text, range) { continue }
      let first =
        token.stripsLeft
        ? max(start, startOfSpaces(text[..<range.lowerBound])) : range.lowerBound
      if start < first { parts.append(.text(start..<first)) }
      parts.append(.token(token.id))
      start = token.stripsRight ? endOfSpaces(text[range.upperBound...]) : range.upperBound
    }
    if start < text.endIndex { parts.append(.text(start..<text.endIndex)) }
    return parts
  }

  private func match(_ rest: ArraySlice<UInt8>) -> (bytes: [UInt8], token: AddedToken)? {
    guard let first = rest.first else { return nil }
    return byFirstByte[Int(first)].first { rest.starts(with: $0.bytes) }
  }

  private func touchesWord(_ text: ArraySlice<UInt8>, _ range: Range<Int>) -> Bool {
    let before = text[..<range.lowerBound].suffix(4)
    let after = text[range.upperBound...].prefix(4)
    // Of a cut character the nearest one is still whole.
    let last = String(decoding: before, as: UTF8.self).unicodeScalars.last
    let first = String(decoding: after, as: UTF8.self).unicodeScalars.first
    return [last, first].contains { $0.map(ScalarSet.joinedWord.contains) ?? false }
  }

  private func startOfSpaces(_ text: ArraySlice<UInt8>) -> Int {
    var start = text.endIndex
    while start > text.startIndex {
      var first = start - 1
      while first > text.startIndex, text[first] & 0xC0 == 0x80 { first -= 1 }
      guard isSpace(text[first..<start]) else { break }
      start = first
    }
    return start
  }

  private func endOfSpaces(_ text: ArraySlice<UInt8>) -> Int {
    var end = text.startIndex
    while end < text.endIndex {
      var next = end + 1
      while next < text.endIndex, text[next] & 0xC0 == 0x80 { next += 1 }
      guard isSpace(text[end..<next]) else { break }
      end = next
    }
    return end
  }

  private func isSpace(_ character: ArraySlice<UInt8>) -> Bool {
    String(decoding: character, as: UTF8.self).unicodeScalars.first?.properties.isWhitespace
      ?? false
  }
}
