/// How the bytes of tokens become text again.
enum TokenDecoder: Equatable, Sendable {
  /// Tokens are the bytes themselves.
  case byteLevel
  /// ▁ is a space, `<0xNN>` a byte; the space that was put before the text is taken away.
  case sentencePiece(stripsFirstSpace: Bool)
  /// A space before each token but the first, unless it goes on a word; with `cleansUp`, none before punctuation.
  case wordPieces(prefix: String, cleansUp: Bool)

  /// The bytes that a token of `content` stands for.
  ///
  /// - Parameters:
  ///   - content: The token's own bytes.
  ///   - isFirst: Whether it starts a text.
  /// - Returns: A part of the text, maybe of a character.
  func bytes(of content: [UInt8], isFirst: Bool) -> [UInt8] {
    switch self {
    case .byteLevel: return content
    case .wordPieces(let prefix, let cleansUp):
      var text = String(decoding: content, as: UTF8.self)
      if !isFirst {
        let goesOn = !prefix.isEmpty && content.starts(with: prefix.utf8)
        text =
          goesOn
          ? String(decoding: content.dropFirst(prefix.utf8.count), as: UTF8.self)
          : " " + text
      }
      return Array((cleansUp ? Self.cleaned(text) : text).utf8)
    case .sentencePiece:
      if let byte = Self.byte(content) { return [byte] }
      var result: [UInt8] = []
      var rest = content[...]
      while let first = rest.first {
        if rest.starts(with: PreTokenizer.metaspace) {
          result.append(0x20)
          rest = rest.dropFirst(PreTokenizer.metaspace.count)
        } else {
          result.append(first)
          rest = rest.dropFirst()
        }
      }
      return result
    }
  }

  /// The spaces that Hugging Face takes out of BERT's English.
  private static let repairs = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (pattern: Array($0.utf8), content: $1) }

  private static func cleaned(_ text: String) -> String {
    // Most words have nothing to repair.
    guard text.utf8.contains(where: { ".?!,'n".utf8.contains($0) }) else { return text }
    return repairs.reduce(text) {
      Normalizer.replacing($1.pattern, by: $1.content, in: $0)
    }
  }

  /// The byte that `<0xNN>` stands for; nil for any other token.
  static func byte(_ content: [UInt8]) -> UInt8? {
    guard content.count == 6, content.starts(with: "<0x".utf8), content[5] == UInt8(ascii: ">"),
      let text = String(validating: content[3..<5], as: UTF8.self), !text.hasPrefix("+")
    else { return nil }
    return UInt8(text, radix: 16)
  }
}
