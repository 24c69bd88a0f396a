extension Tokenizer {
  /// llama.cpp's codes for what kind of token an entry of `tokenizer.ggml.tokens` is.
  private enum TokenType {
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
  }

  /// How the pre-tokenizers that llama.cpp names split a text.
  private static let namedStages: [String: (normalizers: [Normalizer], stages: [PreTokenizer])] = {
    let words = PreTokenizer.words(.gpt2, addsPrefixSpace: false)
    let digits = PreTokenizer.digits(individually: true)
    return [
      "default": ([], [words]), "gpt-2": ([], [words]), "roberta-bpe": ([], [words]),
      "smollm": ([], [digits, words]), "starcoder": ([], [digits, words]),
      "qwen2": ([.form(.nfc)], [.words(.lines(digits: 1), addsPrefixSpace: false)]),
      "llama-bpe": ([], [.words(.lines(digits: 3), addsPrefixSpace: false)]),
    ]
  }()

  /// Reads the tokenizer that is inside a GGUF file.
  ///
  /// - Throws: ``CheckpointError``: an entry is absent or of another kind; ``TokenizerError``.
  init(gguf metadata: GGUFMetadata) throws {
    let model = try metadata.string("tokenizer.ggml.model")
    switch model {
    case "gpt2": try self.init(byteLevel: metadata)
    case "llama": try self.init(sentencePiece: metadata)
    default:
      throw TokenizerError.unsupported(
        file: metadata.file, part: "tokenizer.ggml.model", found: "'\(model)'",
        supported: ["gpt2", "llama"])
    }
    try setAddedTokens(try Self.addedTokens(metadata, isNormalized: model == "llama"))
    if try Self.flag("add_bos_token", metadata, default: model == "llama") {
      prefix = [try Self.knownID("bos_token_id", metadata, below: count)]
    }
    if try Self.flag("add_eos_token", metadata, default: false) {
      suffix = [try Self.knownID("eos_token_id", metadata, below: count)]
    }
  }

  private init(byteLevel metadata: GGUFMetadata) throws {
    var vocabulary = Vocabulary(isByteLevel: true, file: metadata.file)
    for (id, token) in try metadata.strings("tokenizer.ggml.tokens").enumerated() {
      try vocabulary.add(token, id: id)
    }
    let pairs = try metadata.strings("tokenizer.ggml.merges").enumerated().map {
      try Self.pair($1, index: $0, file: metadata.file)
    }
    self.init(
      vocabulary: vocabulary,
      merges: try Self.merges(
        pairs, vocabulary: vocabulary, file: metadata.file),
      decoder: .byteLevel)
    let key = "tokenizer.ggml.pre"
    let name = metadata.contains(key) ? try metadata.string(key) : "default"
    guard let named = Self.namedStages[name] else {
      throw TokenizerError.unsupported(
        file: metadata.file, part: key, found: "'\(name)'",
        supported: Self.namedStages.keys.sorted())
    }
    (normalizers, preTokenizers) = named
    prefersWholePieces = name == "llama-bpe"
  }

  private init(sentencePiece metadata: GGUFMetadata) throws {
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
    let scores = try metadata.numbers("tokenizer.ggml.scores")
    let types = try tokenTypes(metadata, count: tokens.count)
    guard scores.count == tokens.count else {
      throw CheckpointError.wrongMetadata(
        key: "tokenizer.ggml.scores", file: metadata.file, expected: "\(tokens.count) numbers",
        found: "\(scores.count)")
    }
    let pieces = tokens.indices.map {
      SentencePiece(
        text: tokens[$0], score: scores[$0],
        kind: SentencePiece.Kind(rawValue: types[$0]) ?? .normal)
    }
    try self.init(
      pieces: pieces,
      addsPrefixSpace: try Self.flag("add_space_prefix", metadata, default: true),
      file: metadata.file)
  }

  // `isNormalized`: user-defined tokens are written with ▁ for a space.
  private static func addedTokens(
    _ metadata: GGUFMetadata, isNormalized: Bool
  ) throws -> [AddedToken] {
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
    let types = try tokenTypes(metadata, count: tokens.count)
    return tokens.indices.compactMap { id in
      switch types[id] {
      case TokenType.control, TokenType.unknown: AddedToken(content: tokens[id], id: id)
      case TokenType.userDefined:
        AddedToken(content: tokens[id], id: id, isNormalized: isNormalized, isSpecial: false)
      default: nil
      }
    }
  }

  private static func flag(
    _ name: String, _ metadata: GGUFMetadata, default value: Bool
  ) throws -> Bool {
    let key = "tokenizer.ggml.\(name)"
    return metadata.contains(key) ? try metadata.bool(key) : value
  }

  private static func knownID(
    _ name: String, _ metadata: GGUFMetadata, below count: Int
  ) throws -> Int {
    let key = "tokenizer.ggml.\(name)"
    let id = try metadata.integer(key)
    guard (0..<count).contains(id) else {
      throw CheckpointError.wrongMetadata(
        key: key, file: metadata.file, expected: "an id below \(count)", found: "\(id)")
    }
    return id
  }
}

/// The kind of each token; all are normal when the file does not say.
private func tokenTypes(_ metadata: GGUFMetadata, count: Int) throws -> [Int] {
  let key = "tokenizer.ggml.token_type"
  guard metadata.contains(key) else { return Array(repeating: 1, count: count) }
  let types = try metadata.integers(key)
  guard types.count == count else {
    throw CheckpointError.wrongMetadata(
      key: key, file: metadata.file, expected: "\(count) integers", found: "\(types.count)")
  }
  return types
}
