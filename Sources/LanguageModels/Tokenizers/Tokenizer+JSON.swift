internal import Numerics
internal import Foundation

extension Tokenizer {
  /// Reads Hugging Face's `tokenizer.json`.
  ///
  /// - Throws: `StorageError`, ``TokenizerError``.
  init(tokenizerJSON url: URL) throws {
    try self.init(tokenizerJSON: JSONValue(contentsOf: url), file: url.path)
  }

  /// - Parameters:
  ///   - json: The whole of a tokenizer.json.
  ///   - file: Where it comes from, for messages.
  /// - Throws: `StorageError`, ``TokenizerError``.
  init(tokenizerJSON json: JSONValue, file: String) throws {
    let reader = TokenizerJSONReader(json: json, file: file)
    try self.init(reader)
    normalizers = try reader.normalizers()
    preTokenizers = try reader.preTokenizers()
    try setAddedTokens(try reader.addedTokens())
    (prefix, suffix) = try reader.specialTokens()
    for id in prefix + suffix where vocabulary.tokens[id] == nil {
      throw TokenizerError.unknownSpecialToken(id: id, file: file)
    }
  }

  private init(_ reader: TokenizerJSONReader) throws {
    let model = try reader.model()
    let isByteLevel = try reader.isByteLevel()
    let vocabulary = try reader.vocabulary(model, isByteLevel: isByteLevel)
    let merges = try Self.merges(
      try reader.mergePairs(model), vocabulary: vocabulary, file: reader.file)
    self.init(
      vocabulary: vocabulary, merges: merges,
      decoder: try reader.decoder(isByteLevel: isByteLevel),
      usesByteFallback: model["byte_fallback"]?.bool ?? false)
    prefersWholePieces = model["ignore_merges"]?.bool ?? false
    fusesUnknown = model["fuse_unk"]?.bool ?? false
    if let unknown = model["unk_token"]?.string { unknownID = id(of: unknown) }
  }
}
