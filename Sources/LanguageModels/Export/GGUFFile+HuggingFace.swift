internal import Numerics

/// The files that a Hugging Face folder has beside its weights, made from the metadata of a GGUF file.
extension GGUFFile {
  /// Names and contents, `config.json` last; no tokenizer when the file has none that can be expressed.
  ///
  /// - Throws: `CheckpointError`, ``LanguageModelError``.
  func huggingFaceFiles() throws -> [(name: String, text: String)] {
    var files: [(String, String)] = []
    if let tokenizer = try tokenizerJSON() ?? sentencePieceJSON() {
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
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
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

  /// tokenizer.json of a byte-level BPE; nil for other kinds.
  private func tokenizerJSON() throws -> String? {
    guard metadata.contains("tokenizer.ggml.model"),
      try metadata.string("tokenizer.ggml.model") == "gpt2"
    else { return nil }
    guard let pre = try Tokenizer.knownPreTokenizer(metadata) else { return nil }
    let tokens = try metadata.strings("tokenizer.ggml.tokens")
    let merges = try metadata.strings("tokenizer.ggml.merges")
    let typeKey = "tokenizer.ggml.token_type"
    let types = metadata.contains(typeKey) ? try metadata.integers(typeKey) : []
    let added = zip(tokens.indices, types).compactMap { id, type -> JSONValue? in
      // 3 is a control token, 4 one that a user defined; both are found before anything is split.
      guard type == 3 || type == 4 else { return nil }
      return .object([
        ("id", .integer(id)), ("content", .string(tokens[id])), ("single_word", .bool(false)),
        ("lstrip", .bool(false)), ("rstrip", .bool(false)), ("normalized", .bool(false)),
        ("special", .bool(type == 3)),
      ])
    }
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
      ("added_tokens", .array(added)),
      ("normalizer", pre.composes ? .object([("type", .string("NFC"))]) : .null),
      ("pre_tokenizer", Self.stages(of: pre)),
      ("post_processor", try ends(tokens, hasStart: pre.addsStart)),
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
