extension Tokenizer {
  /// llama.cpp's codes for what kind of token an entry of `tokenizer.ggml.tokens` is.
  private enum TokenType {
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
  }

  /// Reads the tokenizer that is inside a GGUF file.
  ///
  /// - Throws: `CheckpointError`: an entry is absent or of another kind; `TokenizerError`.
  init(gguf metadata: GGUFMetadata) throws {
    let model = try metadata.string("tokenizer.ggml.model")
    var addsStart = true
    switch model {
    case "gpt2":
      let pre = try Self.preTokenizer(metadata)
      try self.init(byteLevel: metadata, pre)
      addsStart = pre.addsStart
      if !metadata.contains(Self.preKey) {
        warnings.append(
          "\(metadata.file) has no \(Self.preKey): words are split by llama.cpp's 'default', which few "
            + "models were trained with")
      }
    case "llama": try self.init(sentencePiece: metadata)
    case "bert": try self.init(wordPieces: metadata)
    default:
      throw TokenizerError.unsupported(
        file: metadata.file, part: "tokenizer.ggml.model",
        found: model == "t5" ? "'t5' (unigram)" : "'\(model)'",
        supported: ["bert", "gpt2", "llama"])
    }
    try setAddedTokens(try Self.addedTokens(metadata, model))
    if try Self.flag("add_bos_token", metadata, default: addsStart) {
      prefix = [try Self.knownID("bos_token_id", metadata, below: count)]
    }
    if model == "bert", try Self.flag("add_sep_token", metadata, default: true) {
      let key = ["seperator_token_id", "separator_token_id"].first {
        metadata.contains("tokenizer.ggml.\($0)")
      }
      suffix = [try Self.knownID(key ?? "eos_token_id", metadata, below: count)]
    } else if try Self.flag("add_eos_token", metadata, default: false) {
      suffix = [try Self.knownID("eos_token_id", metadata, below: count)]
    }
  }

  private static let preKey = "tokenizer.ggml.pre"

  /// What `tokenizer.ggml.pre` names, llama.cpp's default where it is absent; nil for a name that is not known.
  ///
  /// - Throws: ``CheckpointError``.
  static func knownPreTokenizer(_ metadata: GGUFMetadata) throws -> GGUFPreTokenizer? {
    GGUFPreTokenizer.named(
      metadata.contains(preKey) ? try metadata.string(preKey) : "default")
  }

  private static func preTokenizer(_ metadata: GGUFMetadata) throws -> GGUFPreTokenizer {
    guard let named = try knownPreTokenizer(metadata) else {
      throw TokenizerError.unsupported(
        file: metadata.file, part: preKey, found: "'\(try metadata.string(preKey))'",
        supported: GGUFPreTokenizer.names)
    }
    return named
  }

  private init(byteLevel metadata: GGUFMetadata, _ pre: GGUFPreTokenizer) throws {
    var vocabulary = Vocabulary(isByteLevel: true, file: metadata.file)
    for (id, token) in try metadata.strings("tokenizer.ggml.tokens").enumerated() {
      try vocabulary.add(token, id: id)
    }
    let pairs = try metadata.strings("tokenizer.ggml.merges").enumerated().map {
      try Self.pair($1, index: $0, file: metadata.file)
    }
    let merges = try Self.merges(pairs, vocabulary: vocabulary, file: metadata.file)
    self.init(vocabulary: vocabulary, model: .bytePairs(merges), decoder: .byteLevel)
    preTokenizers = pre.steps
    if pre.composes { normalizers = [.form(.nfc)] }
    prefersWholePieces = pre.ignoresMerges
  }

  /// BERT's tokens, which GGUF writes with ▁ where a word begins and nothing where it goes on.
  private init(wordPieces metadata: GGUFMetadata) throws {
    var vocabulary = Vocabulary(isByteLevel: false, file: metadata.file)
    for (id, token) in try metadata.strings("tokenizer.ggml.tokens").enumerated() {
      try vocabulary.add(token, id: id)
    }
    let unknown = try Self.knownID("unknown_token_id", metadata, below: vocabulary.count)
    var words = WordPieces(unknownID: unknown)
    (words.first, words.continuing) = (PreTokenizer.metaspace, [])
    self.init(
      vocabulary: vocabulary, model: .wordPieces(words),
      decoder: .sentencePiece(stripsFirstSpace: true))
    normalizers = TokenizerJSONReader.bertNormalizers(
      cleans: true, spacesChinese: true, stripsAccents: true,
      lowercases: try Self.flag("normalizer.lowercase", metadata, default: true))
    preTokenizers = TokenizerJSONReader.bertPreTokenizers
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

  private static func addedTokens(
    _ metadata: GGUFMetadata, _ model: String
  ) throws -> [AddedToken] {
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
    let types = try tokenTypes(metadata, count: tokens.count)
    func says(_ key: String, _ names: String...) throws -> Bool {
      guard metadata.contains(key) else { return false }
      let value = try metadata.string(key).lowercased()
      return names.contains { value.contains($0) }
    }
    // GGUF has no key for it, so llama.cpp goes by names too.
    let isPhi3 = try says("general.name", "phi-3", "phi3")
    let stripsMask = try says(preKey, "modern-bert", "jina-v2")
    func placed(_ token: AddedToken) -> AddedToken {
      var token = token
      token.stripsRight =
        isPhi3 && !["<unk>", "<s>", "<|endoftext|>"].contains(token.content)
      token.stripsLeft = stripsMask && ["<mask>", "[MASK]"].contains(token.content)
      return token
    }
    return tokens.indices.compactMap { id in
      switch types[id] {
      case TokenType.control, TokenType.unknown: placed(AddedToken(content: tokens[id], id: id))
      case TokenType.userDefined:
        // Sentencepiece's are written with ▁ for a space; those of Gemma 3's files with the space itself, as it stands
        // in a text before it is normalized.
        placed(
          AddedToken(
            content: tokens[id], id: id,
            isNormalized: model == "llama" && !tokens[id].contains(" "),
            isWrittenNormalized: model == "llama" && !tokens[id].contains(" "), isSpecial: false))
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
