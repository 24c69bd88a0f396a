/// Text to token ids and back, equal to Hugging Face's `tokenizers` and to sentencepiece.
///
/// A text goes through the stages that tokenizer.json names: added tokens are found, the rest is normalized, split
/// into pieces, and each piece encoded by byte pairs. Text that is not valid Unicode cannot be given: decode
/// bytes with `String(decoding:as:)` first, which puts U+FFFD where the references do.
public struct Tokenizer: Sendable {
  var vocabulary: Vocabulary
  var merges: BytePairMerges
  /// A piece that is a token needs no merges.
  var prefersWholePieces = false
  var unknownID: Int?
  /// Several unknown characters in a row are one unknown token.
  var fusesUnknown = false
  var normalizers: [Normalizer] = []
  var preTokenizers: [PreTokenizer] = []
  var decoder: TokenDecoder
  /// What comes before a text when special tokens are asked for.
  public internal(set) var prefix: [Int] = []
  /// What comes after it.
  public internal(set) var suffix: [Int] = []
  private(set) var specialIDs: Set<Int> = []
  private var rawTokens = AddedTokens([])
  private var normalizedTokens = AddedTokens([])
  /// The id of each byte: of the byte itself, or of `<0xNN>`.
  private var byteIDs: [Int32?] = []

  init(
    vocabulary: Vocabulary, merges: BytePairMerges, decoder: TokenDecoder,
    usesByteFallback: Bool = false
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.decoder = decoder
    let isByteLevel = vocabulary.isByteLevel
    byteIDs = (UInt8.min...UInt8.max).map { byte in
      let token = isByteLevel ? [byte] : Self.fallbackToken(byte)
      return isByteLevel || usesByteFallback ? vocabulary.ids[token].map(Int32.init) : nil
    }
  }

  /// - Throws: ``TokenizerError``: an id that is out of range, taken, or not the token's.
  mutating func setAddedTokens(_ tokens: [AddedToken]) throws {
    for token in tokens { try vocabulary.add(token.content, id: token.id, isAdded: true) }
    specialIDs = Set(tokens.filter(\.isSpecial).map(\.id))
    rawTokens = AddedTokens(tokens.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(tokens.filter(\.isNormalized))
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
  public func encode(_ text: String, addingSpecialTokens: Bool = false) -> [Int] {
    var ids = addingSpecialTokens ? prefix : []
    let bytes = Array(text.utf8)
    for part in rawTokens.split(bytes[...]) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range): encodeText(bytes[range], isFirst: range.lowerBound == 0, into: &ids)
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
  /// - Throws: ``TokenizerError/unknownID(id:count:)``.
  public func decode(
    _ ids: some Sequence<Int>, skippingSpecialTokens: Bool = false
  ) throws -> String {
    var decoder = streamingDecoder(skippingSpecialTokens: skippingSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { bytes += try decoder.takeBytes(of: id) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A decoder for ids that come one by one.
  ///
  /// - Parameters:
  ///   - isStart: Whether the ids start a text, so that the space put before it is taken away; false when they
  ///     go on after a prompt.
  ///   - skippingSpecialTokens: Whether tokens that mark structure are left out.
  /// - Returns: A decoder that has seen nothing yet.
  public func streamingDecoder(
    isStart: Bool = true, skippingSpecialTokens: Bool = false
  ) -> StreamingDecoder {
    StreamingDecoder(self, isStart: isStart, skipsSpecialTokens: skippingSpecialTokens)
  }

  /// The bytes that `id` stands for.
  ///
  /// - Throws: ``TokenizerError/unknownID(id:count:)``.
  func bytes(of id: Int, skippingSpecialTokens: Bool) throws -> [UInt8] {
    guard let content = vocabulary.tokens[id] else {
      throw TokenizerError.unknownID(id: id, count: count)
    }
    if skippingSpecialTokens, specialIDs.contains(id) { return [] }
    return decoder.bytes(of: content)
  }

  static func fallbackToken(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
  }
}

// MARK: - Encoding

extension Tokenizer {
  private func encodeText(_ bytes: ArraySlice<UInt8>, isFirst: Bool, into ids: inout [Int]) {
    var bytes = bytes
    if !normalizers.isEmpty {
      let text = String(decoding: bytes, as: UTF8.self)
      bytes = Array(normalizers.reduce(text) { $1.apply(to: $0) }.utf8)[...]
    }
    let start = bytes.startIndex
    for part in normalizedTokens.split(bytes) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        var pieces = [bytes[range]]
        for preTokenizer in preTokenizers {
          var isFirst = isFirst && range.lowerBound == start
          pieces = pieces.flatMap { piece in
            defer { isFirst = false }
            return preTokenizer.split(piece, isFirst: isFirst)
          }
        }
        for piece in pieces { encodePiece(piece, into: &ids) }
      }
    }
  }

  private func encodePiece(_ piece: ArraySlice<UInt8>, into ids: inout [Int]) {
    if prefersWholePieces, let id = vocabulary.ids[Array(piece)] {
      ids.append(id)
      return
    }
    var symbols = vocabulary.isByteLevel ? byteSymbols(piece) : characterSymbols(piece)
    merges.apply(to: &symbols)
    for symbol in symbols { ids.append(Int(symbol)) }
  }

  private func byteSymbols(_ piece: ArraySlice<UInt8>) -> [Int32] {
    var symbols: [Int32] = []
    symbols.reserveCapacity(piece.count)
    var isUnknown = false
    for byte in piece { append([byte], byteIDs[Int(byte)], to: &symbols, &isUnknown) }
    return symbols
  }

  private func characterSymbols(_ piece: ArraySlice<UInt8>) -> [Int32] {
    var symbols: [Int32] = []
    symbols.reserveCapacity(piece.count)
    var isUnknown = false
    let offsets = ScalarText(piece).offsets
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      let character = Array(piece[start..<end])
      append(character, vocabulary.ids[character].map(Int32.init), to: &symbols, &isUnknown)
    }
    return symbols
  }

  /// Appends the id of a character, those of its bytes, the unknown token, or nothing.
  private func append(
    _ character: [UInt8], _ id: Int32?, to symbols: inout [Int32], _ isUnknown: inout Bool
  ) {
    if let id {
      symbols.append(id)
      isUnknown = false
      return
    }
    let fallback = vocabulary.isByteLevel ? [] : character.compactMap { byteIDs[Int($0)] }
    if fallback.count == character.count {
      symbols += fallback
      isUnknown = false
    } else if let unknownID, !(fusesUnknown && isUnknown) {
      symbols.append(Int32(unknownID))
      isUnknown = true
    }
  }
}
