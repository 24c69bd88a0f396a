/// Text to token ids and back, equal to Hugging Face's `tokenizers` and to sentencepiece.
///
/// A text goes through the stages that tokenizer.json names: added tokens are found, the rest is normalized, split
/// into pieces, and each piece encoded by byte pairs or as words. Text that is not valid Unicode cannot be given: decode
/// bytes with `String(decoding:as:)` first, which puts U+FFFD where the references do.
public struct Tokenizer: Sendable {
  var vocabulary: Vocabulary
  let model: Model
  /// A piece that is a token needs no merges.
  var prefersWholePieces = false
  /// What a character inside a piece has before it in the vocabulary, and the last one after it; empty nearly always.
  var pieceMarks = PieceMarks()
  var unknownID: Int?
  /// Several unknown characters in a row are one unknown token.
  var fusesUnknown = false
  var normalizers: [Normalizer] = []
  var preTokenizers: [PreTokenizer] = []
  var decoder: TokenDecoder
  /// What of the files may not be what the model needs, a sentence each; for a person.
  public internal(set) var warnings: [String] = []
  /// The token that a masked model fills, such as `<mask>`; nil when there is none.
  public internal(set) var mask: String?
  /// What comes before a text when special tokens are asked for.
  public internal(set) var prefix: [Int] = []
  /// What comes after it.
  public internal(set) var suffix: [Int] = []
  private(set) var specialIDs: Set<Int> = []
  private(set) var addedTokens: [AddedToken] = []
  /// What normalized added tokens are written as: the reference decodes them so.
  private var normalizedForms: [Int: [UInt8]] = [:]
  private var rawTokens = AddedTokens()
  private(set) var normalizedTokens = AddedTokens()
  /// The id of each byte: of the byte itself, or of `<0xNN>`.
  private(set) var byteIDs: [Int32?] = []

  /// How a piece of text becomes tokens.
  enum Model: Sendable {
    case bytePairs(BytePairMerges)
    case wordPieces(WordPieces)
    /// A piece is a token or unknown.
    case wholePieces
  }

  /// How a vocabulary marks the characters of a piece by their places.
  struct PieceMarks: Equatable, Sendable {
    var continuing: [UInt8] = []
    var end: [UInt8] = []
  }

  init(
    vocabulary: Vocabulary, model: Model, decoder: TokenDecoder, usesByteFallback: Bool = false
  ) {
    self.vocabulary = vocabulary
    self.model = model
    self.decoder = decoder
    let isByteLevel = vocabulary.isByteLevel
    byteIDs = (UInt8.min...UInt8.max).map { byte in
      let token = isByteLevel ? [byte] : Self.fallbackToken(byte)
      return isByteLevel || usesByteFallback ? vocabulary.ids[token].map(Int32.init) : nil
    }
  }

  /// Takes the tokens that are found before anything is split; after the normalizers, which write some of them.
  ///
  /// - Throws: ``TokenizerError``: an id that is out of range, taken, or not the token's.
  mutating func setAddedTokens(_ tokens: [AddedToken]) throws {
    for token in tokens { try vocabulary.add(token.content, id: token.id, isAdded: true) }
    specialIDs = Set(tokens.filter(\.isSpecial).map(\.id))
    rawTokens = AddedTokens(tokens.filter { !$0.isNormalized }, form: \.rawText)
    let normalizers = normalizers
    normalizedTokens = try AddedTokens(tokens.filter(\.isNormalized)) { token in
      token.isWrittenNormalized
        ? token.content : try normalizers.reduce(token.content) { try $1.apply(to: $0) }
    }
    addedTokens = tokens
    normalizedForms = [:]
    for token in tokens where token.isNormalized && !token.isWrittenNormalized {
      let form = try normalizers.reduce(token.content) { try $1.apply(to: $0) }
      guard !form.utf8.elementsEqual(token.content.utf8) else { continue }
      normalizedForms[token.id] = Array(form.utf8)
    }
    mask = mask ?? ["<mask>", "[MASK]"].first { id(of: $0) != nil }
  }

  /// How many ids there may be: one more than the largest.
  public var count: Int { vocabulary.count }

  /// The id of `token`, such as `<mask>`, or nil when it is not in the vocabulary.
  public func id(of token: String) -> Int? { vocabulary.id(of: token) }

  /// The ids of `text`.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - addingSpecialTokens: Whether the model's start and end tokens are put around it.
  /// - Returns: Ids below ``count``.
  /// - Throws: `TokenizerError.patternTooSlow`.
  public func encode(_ text: String, addingSpecialTokens: Bool = false) throws -> [Int] {
    var ids = addingSpecialTokens ? prefix : []
    var cache: [ArraySlice<UInt8>: [Int]] = [:]
    let bytes = Array(text.utf8)
    for part in rawTokens.split(bytes[...]) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        try encodeText(bytes[range], isFirst: range.lowerBound == 0, into: &ids, &cache)
      }
    }
    return addingSpecialTokens ? ids + suffix : ids
  }

  /// The text of `ids`; bytes that are no text become U+FFFD.
  ///
  /// - Parameters:
  ///   - ids: Ids from the start of a text.
  ///   - skippingSpecialTokens: Whether tokens that mark structure are left out.
  /// - Returns: The text.
  /// - Throws: `TokenizerError.unknownID`.
  public func decode(
    _ ids: some Sequence<Int>, skippingSpecialTokens: Bool = false
  ) throws -> String {
    var decoder = streamingDecoder(skippingSpecialTokens: skippingSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { bytes += try decoder.takeBytes(of: id) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether `id` is that of a token. Some models have more logits than their tokenizer has tokens (GPT-J: 50,400 and
  /// 50,257).
  package func isKnown(_ id: Int) -> Bool { vocabulary.tokens[id] != nil }

  /// A decoder for ids that come one by one.
  ///
  /// - Parameters:
  ///   - isStart: Whether the ids start a text, so that the space put before it is taken away; false when they
  ///     go on after a prompt.
  ///   - skippingSpecialTokens: Whether tokens that mark structure are left out.
  /// - Returns: A decoder that has seen nothing yet.
  package func streamingDecoder(
    isStart: Bool = true, skippingSpecialTokens: Bool = false
  ) -> StreamingDecoder {
    StreamingDecoder(self, isStart: isStart, skipsSpecialTokens: skippingSpecialTokens)
  }

  /// The bytes that `id` stands for; nil where it is left out.
  ///
  /// - Throws: `TokenizerError.unknownID`.
  func bytes(of id: Int, isFirst: Bool, _ skipsSpecialTokens: Bool) throws -> [UInt8]? {
    guard let content = vocabulary.tokens[id] else {
      throw TokenizerError.unknownID(id: id, count: count)
    }
    if skipsSpecialTokens, specialIDs.contains(id) { return nil }
    return decoder.bytes(of: normalizedForms[id] ?? content, isFirst: isFirst)
  }

  static func fallbackToken(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
  }
}
