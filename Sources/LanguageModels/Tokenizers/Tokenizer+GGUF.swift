extension Tokenizer {
  /// Reads the tokenizer that is inside a GGUF file.
  ///
  /// - Throws: `CheckpointError`: an entry is absent or of another kind; `TokenizerError`.
  init(gguf metadata: GGUFMetadata) throws {
    let model = try metadata.tokenModel()
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
    try setAddedTokens(try metadata.addedTokens())
    if try metadata.tokenFlag("add_bos_token", default: addsStart) {
      prefix = [try metadata.tokenID("bos_token_id", below: count)]
    }
    if model == "bert", try metadata.tokenFlag("add_sep_token", default: true) {
      let key = ["seperator_token_id", "separator_token_id"].first {
        metadata.contains("tokenizer.ggml.\($0)")
      }
      suffix = [try metadata.tokenID(key ?? "eos_token_id", below: count)]
    } else if try metadata.tokenFlag("add_eos_token", default: false) {
      suffix = [try metadata.tokenID("eos_token_id", below: count)]
    }
  }

  static let preKey = "tokenizer.ggml.pre"

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
    for (id, token) in try metadata.tokens().enumerated() {
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
    for (id, token) in try metadata.tokens().enumerated() {
      try vocabulary.add(token, id: id)
    }
    let unknown = try metadata.tokenID("unknown_token_id", below: vocabulary.count)
    var words = WordPieces(unknownID: unknown)
    (words.first, words.continuing) = (PreTokenizer.metaspace, [])
    self.init(
      vocabulary: vocabulary, model: .wordPieces(words),
      decoder: .sentencePiece(stripsFirstSpace: true))
    normalizers = TokenizerJSONReader.bertNormalizers(
      cleans: true, spacesChinese: true, stripsAccents: true,
      lowercases: try metadata.tokenFlag("normalizer.lowercase", default: true))
    preTokenizers = TokenizerJSONReader.bertPreTokenizers
  }

  private init(sentencePiece metadata: GGUFMetadata) throws {
    let tokens = try metadata.tokens()
    let scores = try metadata.tokenScores(count: tokens.count)
    let kinds = try metadata.tokenKinds(count: tokens.count)
    let pieces = tokens.indices.map {
      SentencePiece(text: tokens[$0], score: scores[$0], kind: kinds[$0])
    }
    try self.init(
      pieces: pieces,
      addsPrefixSpace: try metadata.tokenFlag("add_space_prefix", default: true),
      file: metadata.file)
  }
}
