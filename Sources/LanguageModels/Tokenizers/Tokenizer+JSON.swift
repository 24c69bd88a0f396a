internal import Numerics
internal import Foundation

extension Tokenizer {
  /// Reads Hugging Face's `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - settings: What the files beside it say.
  /// - Throws: `StorageError`, `TokenizerError`.
  init(tokenizerJSON url: URL, settings: TokenizerSettings = TokenizerSettings()) throws {
    try self.init(
      tokenizerJSON: JSONValue(contentsOf: url), file: url.path, settings: settings)
  }

  /// - Parameters:
  ///   - json: The whole of a tokenizer.json.
  ///   - file: Where it comes from, for messages.
  ///   - settings: What the files beside it say.
  /// - Throws: `StorageError`, `TokenizerError`.
  init(
    tokenizerJSON json: JSONValue, file: String, settings: TokenizerSettings = TokenizerSettings()
  ) throws {
    let reader = TokenizerJSONReader(json: json, file: file)
    try self.init(reader)
    normalizers = try reader.normalizers()
    preTokenizers = try reader.preTokenizers(addsPrefixSpace: settings.addsPrefixSpace)
    try setAddedTokens(try reader.addedTokens())
    try addTokens(of: settings)
    (prefix, suffix) = try reader.specialTokens()
    for id in prefix + suffix where vocabulary.tokens[id] == nil {
      throw TokenizerError.unknownSpecialToken(id: id, file: file)
    }
    warn(of: settings)
  }

  private init(_ reader: TokenizerJSONReader) throws {
    let model = try reader.model()
    let kind = try reader.kind(model)
    let isByteLevel = try reader.isByteLevel()
    let vocabulary = try reader.vocabulary(model, isByteLevel: isByteLevel)
    let decoder = try reader.decoder(isByteLevel: isByteLevel)
    let unknown = model["unk_token"]?.string.flatMap { vocabulary.id(of: $0) }
    switch kind {
    case .bytePairs:
      let mark = model["continuing_subword_prefix"]?.string ?? ""
      let merges = try Self.merges(
        try reader.mergePairs(model), vocabulary: vocabulary, file: reader.file, cutting: mark)
      self.init(
        vocabulary: vocabulary, model: .bytePairs(merges), decoder: decoder,
        usesByteFallback: try reader.flag(model, "byte_fallback", default: false))
      prefersWholePieces = try reader.flag(model, "ignore_merges", default: false)
      fusesUnknown = try reader.flag(model, "fuse_unk", default: false)
      pieceMarks = PieceMarks(
        continuing: Array(mark.utf8), end: Array((model["end_of_word_suffix"]?.string ?? "").utf8))
    case .wordPieces, .wholePieces:
      guard let unknown else {
        throw StorageError.malformed(
          file: reader.file, part: "model.unk_token", expected: "a token of the vocabulary")
      }
      guard kind == .wordPieces else {
        self.init(vocabulary: vocabulary, model: .wholePieces, decoder: decoder)
        unknownID = unknown
        return
      }
      var words = WordPieces(unknownID: unknown)
      words.continuing = Array((model["continuing_subword_prefix"]?.string ?? "##").utf8)
      words.characterLimit = model["max_input_chars_per_word"]?.integer ?? words.characterLimit
      self.init(vocabulary: vocabulary, model: .wordPieces(words), decoder: decoder)
    }
    unknownID = unknown
  }

  /// Names where tokenizer_config.json and tokenizer.json disagree about the tokens around a text.
  private mutating func warn(of settings: TokenizerSettings) {
    for (flag, token, ids) in [
      ("add_bos_token", "bos_token", prefix), ("add_eos_token", "eos_token", suffix),
    ] {
      guard let wanted = settings.flag(flag), wanted != !ids.isEmpty,
        !wanted || settings.name(token) != nil
      else { continue }
      warnings.append(
        "tokenizer_config.json says \(flag) \(wanted), and the post_processor of tokenizer.json "
          + "adds \(ids.isEmpty ? "no such token" : "one"): tokenizer.json is followed")
    }
  }
}
