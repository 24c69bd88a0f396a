internal import Numerics

extension TokenizerJSONReader {
  func decoder(isByteLevel: Bool) throws -> TokenDecoder {
    if isByteLevel { return .byteLevel }
    let stages = try stages(json["decoder"], "decoder", "decoders")
    // Without a decoder, tokens are put together with spaces.
    guard !stages.isEmpty else { return .wordPieces(prefix: "", cleansUp: false) }
    var strips = false
    for (type, value) in stages {
      switch type {
      case "WordPiece" where stages.count == 1:
        return .wordPieces(
          prefix: value["prefix"]?.string ?? "##",
          cleansUp: try flag(value, "cleanup", default: true))
      case "ByteFallback", "Fuse": continue
      case "Replace":
        guard value["pattern"]?["String"]?.string == "\u{2581}", value["content"]?.string == " "
        else {
          throw unsupported("a Replace of the decoder", "\(value)", ["'\u{2581}' by a space"])
        }
      case "Strip": strips = (value["start"]?.integer ?? 0) > 0
      case "Metaspace": strips = value["prepend_scheme"]?.string != "never"
      default:
        throw unsupported(
          "a decoder", type,
          [
            "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip",
            "WordPiece alone",
          ])
      }
    }
    return .sentencePiece(stripsFirstSpace: strips)
  }

  /// What the post-processor puts before and after a single text.
  func specialTokens() throws -> (prefix: [Int], suffix: [Int]) {
    var result: (prefix: [Int], suffix: [Int]) = ([], [])
    for (type, value) in try stages(json["post_processor"], "post_processor", "processors") {
      var added: (prefix: [Int], suffix: [Int])
      switch type {
      case "ByteLevel": continue
      case "RobertaProcessing", "BertProcessing":
        guard let start = value["cls"]?.elements?.last?.integer,
          let end = value["sep"]?.elements?.last?.integer
        else { throw malformed("post_processor", "\(type) with cls and sep") }
        added = ([start], [end])
      case "TemplateProcessing": added = try template(value)
      default:
        throw unsupported(
          "a post_processor", type,
          ["BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"])
      }
      // Each puts its tokens around what the one before it made.
      result = (added.prefix + result.prefix, result.suffix + added.suffix)
    }
    return result
  }

  private func template(_ value: JSONValue) throws -> (prefix: [Int], suffix: [Int]) {
    guard let items = value["single"]?.elements else {
      throw malformed("post_processor.single", "an array")
    }
    var before: [Int] = []
    var after: [Int] = []
    var hasText = false
    for item in items {
      if item["Sequence"] != nil {
        guard !hasText else { throw malformed("post_processor.single", "one sequence") }
        hasText = true
        continue
      }
      guard let name = item["SpecialToken"]?["id"]?.string,
        let list = value["special_tokens"]?[name]?["ids"]?.elements
      else { throw malformed("post_processor.single", "sequences and known special tokens") }
      let ids = list.compactMap(\.integer)
      guard ids.count == list.count else {
        throw malformed("post_processor.special_tokens", "integer ids")
      }
      if hasText { after += ids } else { before += ids }
    }
    return (before, after)
  }
}
