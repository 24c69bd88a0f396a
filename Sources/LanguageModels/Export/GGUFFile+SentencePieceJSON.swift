internal import Numerics

/// A `tokenizer.json` for the sentencepiece models that GGUF files hold: pieces with scores, byte pairs found by them.
extension GGUFFile {
  /// The text of the file; nil when the tokenizer is of another kind.
  ///
  /// - Throws: `CheckpointError`.
  func sentencePieceJSON() throws -> String? {
    let key = "tokenizer.ggml.model"
    guard metadata.contains(key), try metadata.string(key) == "llama" else { return nil }
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
    let types = try metadata.integers("tokenizer.ggml.token_type")
    let scores = try metadata.numbers("tokenizer.ggml.scores")
    guard scores.count == tokens.count, types.count == tokens.count else {
      throw CheckpointError.wrongMetadata(
        key: "tokenizer.ggml.scores", file: path,
        expected: "\(tokens.count) numbers, and as many token types",
        found: "\(scores.count) and \(types.count)")
    }
    let prefixKey = "tokenizer.ggml.add_space_prefix"
    let addsPrefix = try metadata.contains(prefixKey) ? metadata.bool(prefixKey) : true
    // Special tokens and those that a user defined are found before anything is split.
    let added = zip(tokens.indices, types).compactMap { id, type -> JSONValue? in
      let isSpecial = type == TokenType.control || type == TokenType.unknown
      guard isSpecial || type == TokenType.userDefined else { return nil }
      return .object([
        ("id", .integer(id)), ("content", .string(Self.content(tokens[id], type: type))),
        ("single_word", .bool(false)), ("lstrip", .bool(false)), ("rstrip", .bool(false)),
        ("normalized", .bool(false)), ("special", .bool(isSpecial)),
      ])
    }
    return JSONValue.object([
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", .array(added)), ("normalizer", Self.normalizer(addsPrefix)),
      ("pre_tokenizer", .null), ("post_processor", try ends(tokens, hasStart: true)),
      ("decoder", Self.decoder(addsPrefix)),
      ("model", Self.model(tokens: tokens, scores: scores, types: types)),
    ]).text
  }

  private static func model(tokens: [String], scores: [Double], types: [Int]) -> JSONValue {
    let merges = merges(tokens: tokens, scores: scores, types: types)
    let unknown = types.firstIndex(of: TokenType.unknown).map { JSONValue.string(tokens[$0]) }
    let vocabulary = zip(tokens, types).enumerated().map { id, token in
      (key: content(token.0, type: token.1), value: JSONValue.integer(id))
    }
    return .object([
      ("type", .string("BPE")), ("dropout", .null), ("unk_token", unknown ?? .null),
      ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
      ("fuse_unk", .bool(true)), ("byte_fallback", .bool(types.contains(TokenType.byte))),
      ("ignore_merges", .bool(false)), ("vocab", .object(vocabulary)),
      ("merges", .array(merges.map { .array([.string($0.left), .string($0.right)]) })),
    ])
  }

  /// llama.cpp's codes for what kind of token an entry is.
  private enum TokenType {
    static let normal = 1
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
    static let byte = 6
  }

  /// A token as it stands in a text: those that a user defined are written with ▁ for a space.
  private static func content(_ token: String, type: Int) -> String {
    type == TokenType.userDefined ? token.replacing("\u{2581}", with: " ") : token
  }

  /// All ways to make a piece of two others, best scores first, as transformers orders them when it converts a model.
  private static func merges(
    tokens: [String], scores: [Double], types: [Int]
  ) -> [(left: String, right: String)] {
    // By bytes: strings are equal in Swift when they look alike.
    var pieces: [[UInt8]: Int] = [:]
    for (id, token) in tokens.enumerated() where types[id] == TokenType.normal {
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
