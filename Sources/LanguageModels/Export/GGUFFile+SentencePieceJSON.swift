internal import Numerics

/// A `tokenizer.json` for the sentencepiece models that GGUF files hold: pieces with scores, byte pairs found by them.
extension GGUFFile {
  /// The text of the file.
  ///
  /// - Parameter tokenizer: What the file's own texts are encoded with.
  /// - Returns: The text.
  /// - Throws: `CheckpointError`.
  func sentencePieceJSON(_ tokenizer: Tokenizer) throws -> String {
    let tokens = try metadata.tokens()
    let scores = try metadata.tokenScores(count: tokens.count)
    let kinds = try metadata.tokenKinds(count: tokens.count)
    let addsPrefix = try metadata.tokenFlag("add_space_prefix", default: true)
    return JSONValue.object([
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", addedTokens(of: tokenizer)), ("normalizer", Self.normalizer(addsPrefix)),
      ("pre_tokenizer", .null), ("post_processor", ends(of: tokenizer, tokens)),
      ("decoder", Self.decoder(addsPrefix)),
      ("model", Self.model(tokens: tokens, scores: scores, kinds: kinds)),
    ]).text
  }

  private static func model(tokens: [String], scores: [Double], kinds: [SentencePiece.Kind])
    -> JSONValue
  {
    let merges = merges(tokens: tokens, scores: scores, kinds: kinds)
    let unknown = kinds.firstIndex(of: .unknown).map { JSONValue.string(tokens[$0]) }
    let vocabulary = zip(tokens, kinds).enumerated().map { id, token in
      (key: content(token.0, token.1), value: JSONValue.integer(id))
    }
    return .object([
      ("type", .string("BPE")), ("dropout", .null), ("unk_token", unknown ?? .null),
      ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
      ("fuse_unk", .bool(true)), ("byte_fallback", .bool(kinds.contains(.byte))),
      ("ignore_merges", .bool(false)), ("vocab", .object(vocabulary)),
      ("merges", .array(merges.map { .array([.string($0.left), .string($0.right)]) })),
    ])
  }

  /// A token as it stands in a text: those that a user defined are written with ▁ for a space.
  private static func content(_ token: String, _ kind: SentencePiece.Kind) -> String {
    kind == .userDefined ? token.replacing("\u{2581}", with: " ") : token
  }

  /// All ways to make a piece of two others, best scores first, as transformers orders them when it converts a model.
  private static func merges(
    tokens: [String], scores: [Double], kinds: [SentencePiece.Kind]
  ) -> [(left: String, right: String)] {
    // By bytes: strings are equal in Swift when they look alike.
    var pieces: [[UInt8]: Int] = [:]
    for (id, token) in tokens.enumerated() where kinds[id] == .normal {
      let text = Array(token.utf8)
      pieces[text] = pieces[text] ?? id
    }
    var merges:
      [(score: Double, lengths: (left: Int, right: Int), result: Int, left: Int, right: Int)] =
        []
    for (text, id) in pieces {
      // Scores that are no number have no place in an order; they go last.
      let score = scores[id].isNaN ? -.infinity : scores[id]
      var count = 0
      let whole = tokens[id].unicodeScalars.count
      for middle in text.indices.dropFirst() where text[middle] & 0xC0 != 0x80 {
        count += 1
        guard let left = pieces[Array(text[..<middle])], let right = pieces[Array(text[middle...])]
        else { continue }
        merges.append((score, (count, whole - count), id, left, right))
      }
    }
    return merges.sorted {
      ($0.score, $0.lengths.left, $0.lengths.right, $1.result, $1.left, $1.right)
        > ($1.score, $1.lengths.left, $1.lengths.right, $0.result, $0.left, $0.right)
    }.map { (tokens[$0.left], tokens[$0.right]) }
  }

  private static func normalizer(_ addsPrefix: Bool) -> JSONValue {
    let escape = replace(" ", with: "\u{2581}")
    guard addsPrefix else { return escape }
    let prepend = JSONValue.object([
      ("type", .string("Prepend")), ("prepend", .string("\u{2581}")),
    ])
    return .object([
      ("type", .string("Sequence")), ("normalizers", .array([prepend, escape])),
    ])
  }

  private static func decoder(_ addsPrefix: Bool) -> JSONValue {
    let strip = JSONValue.object([
      ("type", .string("Strip")), ("content", .string(" ")), ("start", .integer(1)),
      ("stop", .integer(0)),
    ])
    let stages: [JSONValue] = [
      replace("\u{2581}", with: " "), .object([("type", .string("ByteFallback"))]),
      .object([("type", .string("Fuse"))]),
    ]
    return .object([
      ("type", .string("Sequence")), ("decoders", .array(addsPrefix ? stages + [strip] : stages)),
    ])
  }

  private static func replace(_ pattern: String, with content: String) -> JSONValue {
    .object([
      ("type", .string("Replace")), ("pattern", .object([("String", .string(pattern))])),
      ("content", .string(content)),
    ])
  }
}
