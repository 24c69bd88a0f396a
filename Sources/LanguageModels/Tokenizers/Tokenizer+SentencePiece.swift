internal import Numerics
internal import Foundation

extension Tokenizer {
  /// Reads sentencepiece's `tokenizer.model`, byte pairs as Llama 2 and Mistral have them.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - settings: What the files beside it say.
  /// - Throws: `StorageError`, `TokenizerError`.
  init(sentencePiece url: URL, settings: TokenizerSettings = TokenizerSettings()) throws {
    let file = try MappedFile(url)
    let model = try file.withBytes { try SentencePieceModel($0, file: file.path) }
    try self.init(model, file: file.path)
    if settings.flag("add_prefix_space") == false {
      normalizers.removeAll { $0 == Self.prefixSpace }
    } else if settings.flag("legacy") == false, normalizers.contains(Self.prefixSpace) {
      // Only the beginning of a text gets a space, not what follows an added token.
      normalizers.removeAll { $0 == Self.prefixSpace }
      preTokenizers = [.metaspace(.first, splits: false)]
    }
    try addTokens(of: settings, withMap: true)
    if let name = settings.name("bos_token"), let start = id(of: name),
      settings.flag("add_bos_token") != false
    {
      prefix = [start]
    }
    try surround(by: settings)
  }

  /// - Throws: `StorageError`, `TokenizerError`.
  init(_ model: SentencePieceModel, file: String) throws {
    func require(_ holds: Bool, _ part: String, _ found: String, _ supported: String) throws {
      guard holds else {
        throw TokenizerError.unsupported(
          file: file, part: part, found: found, supported: [supported])
      }
    }
    let kinds: [UInt64: String] = [1: "1 (unigram)", 3: "3 (words)", 4: "4 (characters)"]
    let kind = kinds[model.modelType] ?? "\(model.modelType)"
    try require(model.modelType == 2, "the model type", kind, "2 (byte pairs)")
    try require(!model.hasCharacterMap, "the normalization", "a map of characters", "identity")
    try require(model.escapesWhitespaces, "escape_whitespaces", "false", "true")
    try self.init(pieces: model.pieces, addsPrefixSpace: model.addsDummyPrefix, file: file)
    if model.removesExtraWhitespaces { normalizers.insert(.collapseSpaces, at: 0) }
    if let start = model.pieces.firstIndex(where: {
      $0.kind == .control && ["<s>", "<bos>"].contains($0.text)
    }) {
      prefix = [start]
    }
  }

  /// Byte pairs by score: of all neighbours that make a piece, those that make the best one become it.
  ///
  /// - Throws: `TokenizerError`.
  init(pieces: [SentencePiece], addsPrefixSpace: Bool, file: String) throws {
    var vocabulary = Vocabulary(isByteLevel: false, file: file)
    for (id, piece) in pieces.enumerated() {
      // Finding merges takes the square of a piece's length; trainers make pieces of some 16 characters.
      guard piece.text.utf8.count <= Self.pieceLimit else {
        throw StorageError.tooLarge(
          file: file, part: "the length of piece \(id)", limit: UInt64(Self.pieceLimit),
          found: UInt64(piece.text.utf8.count))
      }
      try vocabulary.add(piece.text, id: id)
    }
    self.init(
      vocabulary: vocabulary, model: .bytePairs(Self.merges(pieces, vocabulary)),
      decoder: .sentencePiece(stripsFirstSpace: addsPrefixSpace),
      usesByteFallback: pieces.contains { $0.kind == .byte })
    if let piece = Self.unreachable(pieces) {
      warnings.append(
        "the piece '\(piece.text)' of \(file) has a character that is no piece itself: sentencepiece makes "
          + "such pieces all the same, and here they are not made")
    }
    unknownID = pieces.firstIndex { $0.kind == .unknown }
    fusesUnknown = true
    // Unlike Hugging Face's Metaspace, sentencepiece adds a space to a text that starts with one.
    normalizers = addsPrefixSpace ? [Self.prefixSpace] : []
    normalizers.append(.replace(pattern: " ", content: "\u{2581}"))
    try setAddedTokens(
      pieces.enumerated().filter { $0.element.kind == .userDefined }.map {
        AddedToken(
          content: $0.element.text, id: $0.offset, isNormalized: true, isWrittenNormalized: true,
          isSpecial: false)
      })
  }

  private static let prefixSpace = Normalizer.prepend(" ")
  private static let pieceLimit = 1024

  /// The first piece that no merges of other pieces make, because a character of it is none.
  private static func unreachable(_ pieces: [SentencePiece]) -> SentencePiece? {
    var characters: Set<Unicode.Scalar> = []
    for piece in pieces {
      let scalars = piece.text.unicodeScalars
      if let first = scalars.first, scalars.count == 1 { characters.insert(first) }
    }
    return pieces.first { piece in
      let scalars = piece.text.unicodeScalars
      return piece.kind == .normal && scalars.count > 1
        && !scalars.allSatisfy(characters.contains)
    }
  }

  private static func merges(_ pieces: [SentencePiece], _ vocabulary: Vocabulary) -> BytePairMerges
  {
    // NaN has no place in an order; it goes last.
    let scores = Set(pieces.map { $0.score.isNaN ? -.infinity : $0.score }).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: zip(scores, scores.indices))
    var merges = BytePairMerges(capacity: pieces.count * 3)
    for (id, piece) in pieces.enumerated() where piece.kind == .normal {
      let text = Array(piece.text.utf8)
      let rank = ranks[piece.score.isNaN ? -.infinity : piece.score] ?? 0
      for middle in text.indices.dropFirst() where text[middle] & 0xC0 != 0x80 {
        guard let left = vocabulary.ids[Array(text[..<middle])], pieces[left].kind == .normal,
          let right = vocabulary.ids[Array(text[middle...])], pieces[right].kind == .normal
        else { continue }
        merges.add(left, right, result: id, rank: rank)
      }
    }
    return merges
  }
}
