internal import Numerics

/// The files that a Hugging Face folder has beside its weights, made from the metadata of a GGUF file.
extension GGUFFile {
  /// Names and contents, `config.json` last; no tokenizer when the file has none that can be expressed.
  ///
  /// - Throws: `CheckpointError`, ``LanguageModelError``.
  func huggingFaceFiles() throws -> [(name: String, text: String)] {
    var files: [(String, String)] = []
    if let tokenizer = try tokenizerJSON() {
      files.append(("tokenizer.json", tokenizer))
      files.append(("tokenizer_config.json", try tokenizerConfiguration()))
    }
    files.append(("config.json", try GGUFNames(self).configuration().text))
    return files
  }

  private func tokenizerConfiguration() throws -> String {
    var members: [(String, JSONValue)] = [
      ("tokenizer_class", .string("PreTrainedTokenizerFast")),
      ("clean_up_tokenization_spaces", .bool(false)),
    ]
    let tokens = try metadata.tokens()
    let special = [
      ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"),
      ("pad_token", "padding"),
    ]
    for (key, name) in special {
      let ownKey = "tokenizer.ggml.\(name)_token_id"
      guard metadata.contains(ownKey) else { continue }
      let id = try metadata.integer(ownKey)
      if tokens.indices.contains(id) { members.append((key, .string(tokens[id]))) }
    }
    if metadata.contains("tokenizer.chat_template") {
      members.append(("chat_template", .string(try metadata.string("tokenizer.chat_template"))))
    }
    return JSONValue.object(members.map { (key: $0.0, value: $0.1) }).text
  }

  /// tokenizer.json; nil for a tokenizer that cannot be read, or is no byte pairs.
  ///
  /// What is put around a text, and which tokens are found first, is what the reader of the file makes of it.
  private func tokenizerJSON() throws -> String? {
    // The model is worth having without a tokenizer that its file has damaged, or whose kind is not known.
    guard let tokenizer = try? Tokenizer(gguf: metadata) else { return nil }
    switch try metadata.tokenModel() {
    case "gpt2":
      return try Tokenizer.knownPreTokenizer(metadata).map { try byteLevelJSON(tokenizer, $0) }
    case "llama": return try sentencePieceJSON(tokenizer)
    default: return nil
    }
  }

  /// The list of tokens that are found in a text before anything is split.
  func addedTokens(of tokenizer: Tokenizer) -> JSONValue {
    .array(
      tokenizer.addedTokens.map { token in
        .object([
          ("id", .integer(token.id)), ("content", .string(token.rawText)),
          ("single_word", .bool(false)), ("lstrip", .bool(token.stripsLeft)),
          ("rstrip", .bool(token.stripsRight)), ("normalized", .bool(false)),
          ("special", .bool(token.isSpecial)),
        ])
      })
  }

  private func byteLevelJSON(_ tokenizer: Tokenizer, _ pre: GGUFPreTokenizer) throws -> String {
    let tokens = try metadata.tokens()
    let merges = try metadata.strings("tokenizer.ggml.merges")
    let vocabulary = tokens.enumerated().map { (key: $1, value: JSONValue.integer($0)) }
    let model = JSONValue.object([
      ("type", .string("BPE")), ("dropout", .null), ("unk_token", .null),
      ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
      ("fuse_unk", .bool(false)), ("byte_fallback", .bool(false)),
      ("ignore_merges", .bool(pre.ignoresMerges)), ("vocab", .object(vocabulary)),
      ("merges", .array(merges.map(JSONValue.string))),
    ])
    return JSONValue.object([
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", addedTokens(of: tokenizer)),
      ("normalizer", pre.composes ? .object([("type", .string("NFC"))]) : .null),
      ("pre_tokenizer", Self.stages(of: pre)),
      ("post_processor", ends(of: tokenizer, tokens)),
      ("decoder", Self.byteLevel(usesPattern: true)), ("model", model),
    ]).text
  }
}

// MARK: - Pre-tokenizers

extension GGUFFile {
  /// How Hugging Face writes a pre-tokenizer that llama.cpp names.
  private static func stages(of pre: GGUFPreTokenizer) -> JSONValue {
    let usesPattern = pre.patterns.last == KnownPatterns.gpt2
    let splits = (usesPattern ? pre.patterns.dropLast() : pre.patterns[...]).map { pattern in
      JSONValue.object([
        ("type", .string("Split")), ("pattern", .object([("Regex", .string(pattern))])),
        ("behavior", .string("Isolated")), ("invert", .bool(false)),
      ])
    }
    let last = byteLevel(usesPattern: usesPattern)
    return splits.isEmpty
      ? last
      : .object([("type", .string("Sequence")), ("pretokenizers", .array(splits + [last]))])
  }

  private static func byteLevel(usesPattern: Bool) -> JSONValue {
    .object([
      ("type", .string("ByteLevel")), ("add_prefix_space", .bool(false)),
      ("trim_offsets", .bool(true)), ("use_regex", .bool(usesPattern)),
    ])
  }
}
