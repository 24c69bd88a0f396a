/// What a GGUF file says of its tokens.
extension GGUFMetadata {
  /// The name of the model that makes tokens: `gpt2`, `llama`, `bert`.
  ///
  /// - Throws: ``CheckpointError``.
  func tokenModel() throws -> String { try string("tokenizer.ggml.model") }

  /// The tokens by their ids.
  ///
  /// - Throws: ``CheckpointError``.
  func tokens() throws -> [String] { try strings("tokenizer.ggml.tokens") }

  /// The kind of each token; all are normal where the file does not say, and a code that is not known is too.
  ///
  /// - Throws: ``CheckpointError``.
  func tokenKinds(count: Int) throws -> [SentencePiece.Kind] {
    let key = "tokenizer.ggml.token_type"
    guard contains(key) else { return Array(repeating: .normal, count: count) }
    let types = try integers(key)
    guard types.count == count else {
      throw CheckpointError.wrongMetadata(
        key: key, file: file, expected: "\(count) integers", found: "\(types.count)")
    }
    return types.map { SentencePiece.Kind(rawValue: $0) ?? .normal }
  }

  /// How each token scores among those of a sentencepiece model.
  ///
  /// - Throws: ``CheckpointError``.
  func tokenScores(count: Int) throws -> [Double] {
    let key = "tokenizer.ggml.scores"
    let scores = try numbers(key)
    guard scores.count == count else {
      throw CheckpointError.wrongMetadata(
        key: key, file: file, expected: "\(count) numbers", found: "\(scores.count)")
    }
    return scores
  }

  /// `tokenizer.ggml.NAME`, a truth value.
  ///
  /// - Throws: ``CheckpointError``.
  func tokenFlag(_ name: String, default value: Bool) throws -> Bool {
    let key = "tokenizer.ggml.\(name)"
    return contains(key) ? try bool(key) : value
  }

  /// `tokenizer.ggml.NAME`, the id of one of `count` tokens.
  ///
  /// A sentencepiece file that does not say has its start at 1 and its end at 2, as llama.cpp takes it.
  /// - Throws: ``CheckpointError``: no id, or none of a token.
  func tokenID(_ name: String, below count: Int) throws -> Int {
    let key = "tokenizer.ggml.\(name)"
    let usual = ["bos_token_id": 1, "eos_token_id": 2]
    let id =
      if !contains(key), let id = usual[name], try tokenModel() == "llama" { id } else {
        try integer(key)
      }
    guard (0..<count).contains(id) else {
      throw CheckpointError.wrongMetadata(
        key: key, file: file, expected: "an id below \(count)", found: "\(id)")
    }
    return id
  }

  /// The tokens that are found in a text before anything else is done to it: special ones, and those that a user defined.
  ///
  /// - Throws: ``CheckpointError``.
  func addedTokens() throws -> [AddedToken] {
    let tokens = try tokens()
    let isSentencePiece = try tokenModel() == "llama"
    let addsPrefix = try tokenFlag("add_space_prefix", default: true)
    func says(_ key: String, _ names: String...) throws -> Bool {
      guard contains(key) else { return false }
      let value = try string(key).lowercased()
      return names.contains { value.contains($0) }
    }
    // GGUF has no key for it, so llama.cpp goes by names too.
    let isPhi3 = try says("general.name", "phi-3", "phi3")
    let stripsMask = try says(Tokenizer.preKey, "modern-bert", "jina-v2")
    return zip(tokens, try tokenKinds(count: tokens.count)).enumerated().compactMap { id, entry in
      let (content, kind) = entry
      guard [.control, .unknown, .userDefined].contains(kind) else { return nil }
      let isWrittenNormalized = isSentencePiece && kind == .userDefined && !content.contains(" ")
      var token = AddedToken(
        content: content, id: id,
        // A space goes before what follows such a token, so that it has to be found before that is written.
        isNormalized: isWrittenNormalized && !addsPrefix,
        isWrittenNormalized: isWrittenNormalized, isSpecial: kind != .userDefined)
      token.stripsRight = isPhi3 && !["<unk>", "<s>", "<|endoftext|>"].contains(content)
      token.stripsLeft = stripsMask && ["<mask>", "[MASK]"].contains(content)
      return token
    }
  }
}
