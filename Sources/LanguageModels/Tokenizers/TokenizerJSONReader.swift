internal import Numerics

/// The parts of a tokenizer.json, each read and checked by itself.
struct TokenizerJSONReader {
  let json: JSONValue
  let file: String

  /// The member `model`, a byte-pair encoding without the options that no language model uses.
  func model() throws -> JSONValue {
    guard let model = json["model"], model.members != nil else {
      throw malformed("model", "an object")
    }
    // Files of before 2021 leave the type out.
    let type = model["type"]?.string ?? "BPE"
    guard type == "BPE" else { throw unsupported("the model", type, ["BPE"]) }
    for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
      let value = model[option]?.string ?? ""
      guard value.isEmpty else {
        throw unsupported("model.\(option)", "'\(value)'", ["''", "null"])
      }
    }
    if let dropout = model["dropout"], !dropout.isNull, dropout.number != 0 {
      throw unsupported("model.dropout", "\(dropout)", ["null"])
    }
    return model
  }

  func vocabulary(_ model: JSONValue, isByteLevel: Bool) throws -> Vocabulary {
    guard let members = model["vocab"]?.members else { throw malformed("model.vocab", "an object") }
    return try Tokenizer.vocabulary(members, isByteLevel: isByteLevel, file: file)
  }

  /// The merges in either of the two ways they are written: `"a b"` or `["a", "b"]`.
  func mergePairs(_ model: JSONValue) throws -> [(String, String)] {
    guard let merges = model["merges"]?.elements else {
      throw malformed("model.merges", "an array")
    }
    return try merges.enumerated().map { index, merge in
      if let text = merge.string { return try Tokenizer.pair(text, index: index, file: file) }
      let parts = merge.elements?.compactMap(\.string) ?? []
      guard parts.count == 2, merge.elements?.count == 2 else {
        throw TokenizerError.malformedMerge(index: index, found: "\(merge)", file: file)
      }
      return (parts[0], parts[1])
    }
  }

  func addedTokens() throws -> [AddedToken] {
    guard let list = json["added_tokens"], !list.isNull else { return [] }
    guard let elements = list.elements else { throw malformed("added_tokens", "an array") }
    return try elements.enumerated().map { index, element in
      guard let content = element["content"]?.string, let id = element["id"]?.integer else {
        throw malformed("added_tokens[\(index)]", "an object with content and id")
      }
      let isSpecial = element["special"]?.bool ?? false
      return AddedToken(
        content: content, id: id, stripsLeft: element["lstrip"]?.bool ?? false,
        stripsRight: element["rstrip"]?.bool ?? false,
        isSingleWord: element["single_word"]?.bool ?? false,
        isNormalized: element["normalized"]?.bool ?? !isSpecial, isSpecial: isSpecial)
    }
  }

  // MARK: - Stages

  /// A stage, or the stages of a `Sequence`, with their types; none for null.
  func stages(_ value: JSONValue?, _ part: String, _ list: String) throws -> [(String, JSONValue)] {
    guard let value, !value.isNull else { return [] }
    guard let type = value["type"]?.string else { throw malformed(part, "an object with a type") }
    guard type == "Sequence" else { return [(type, value)] }
    guard let elements = value[list]?.elements else {
      throw malformed("\(part).\(list)", "an array")
    }
    return try elements.flatMap { try stages($0, part, list) }
  }

  func normalizers() throws -> [Normalizer] {
    try stages(json["normalizer"], "normalizer", "normalizers").map { type, stage in
      switch type {
      case "Prepend":
        guard let text = stage["prepend"]?.string else {
          throw malformed("normalizer.prepend", "a string")
        }
        return .prepend(text)
      case "Replace":
        guard let pattern = stage["pattern"]?["String"]?.string, !pattern.isEmpty,
          let content = stage["content"]?.string
        else { throw malformed("normalizer", "Replace with a string as its pattern") }
        return .replace(pattern: pattern, content: content)
      default:
        guard let form = Normalizer.Form(rawValue: type) else {
          throw unsupported(
            "a normalizer", type, ["NFC", "NFD", "NFKC", "NFKD", "Prepend", "Replace", "Sequence"])
        }
        return .form(form)
      }
    }
  }

  /// Whether bytes are written as printable characters: where a `ByteLevel` stage says so.
  func isByteLevel() throws -> Bool {
    try stages(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers").contains {
      $0.0 == "ByteLevel"
    }
  }

  func preTokenizers() throws -> [PreTokenizer] {
    let stages = try stages(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers")
    return try stages.enumerated().flatMap { index, stage -> [PreTokenizer] in
      let (type, value) = stage
      switch type {
      case "ByteLevel":
        // From here on the reference sees printable characters; anything after would split those.
        guard index == stages.count - 1 else {
          throw unsupported("the pre_tokenizer after ByteLevel", stages[index + 1].0, ["none"])
        }
        let addsPrefixSpace = value["add_prefix_space"]?.bool ?? true
        if value["use_regex"]?.bool ?? true {
          return [.words(.gpt2, addsPrefixSpace: addsPrefixSpace)]
        }
        return addsPrefixSpace ? [.prefixSpace] : []
      case "Digits":
        return [.digits(individually: value["individual_digits"]?.bool ?? false)]
      case "Split": return [try split(value)]
      case "Metaspace": return [try metaspace(value)]
      default:
        throw unsupported(
          "a pre_tokenizer", type, ["ByteLevel", "Digits", "Metaspace", "Sequence", "Split"])
      }
    }
  }

  private func split(_ value: JSONValue) throws -> PreTokenizer {
    let source = value["pattern"]?["Regex"]?.string ?? ""
    guard let pattern = WordPattern.known[source] else {
      throw unsupported(
        "the pattern of a Split", "'\(source)'", WordPattern.known.keys.sorted().map { "'\($0)'" })
    }
    // These patterns match all of a text, so that isolating matches and removing what lies between
    // them are the same.
    let behavior = value["behavior"]?.string ?? ""
    let isInverted = value["invert"]?.bool ?? false
    guard behavior == "Isolated" && !isInverted || behavior == "Removed" && isInverted else {
      throw unsupported(
        "the behavior of a Split", "\(behavior), invert \(isInverted)",
        ["Isolated, invert false", "Removed, invert true"])
    }
    return .words(pattern, addsPrefixSpace: false)
  }

  private func metaspace(_ value: JSONValue) throws -> PreTokenizer {
    let replacement = value["replacement"]?.string ?? "\u{2581}"
    guard replacement.utf8.elementsEqual(PreTokenizer.metaspace) else {
      throw unsupported("the replacement of Metaspace", "'\(replacement)'", ["'\u{2581}'"])
    }
    // Before prepend_scheme there was add_prefix_space.
    let name =
      value["prepend_scheme"]?.string
      ?? (value["add_prefix_space"]?.bool == false ? "never" : "always")
    guard let scheme = PreTokenizer.PrependScheme(rawValue: name) else {
      throw unsupported("the prepend_scheme of Metaspace", name, ["first", "always", "never"])
    }
    return .metaspace(scheme, splits: value["split"]?.bool ?? true)
  }

  func decoder(isByteLevel: Bool) throws -> TokenDecoder {
    if isByteLevel { return .byteLevel }
    var strips = false
    for (type, value) in try stages(json["decoder"], "decoder", "decoders") {
      switch type {
      case "Replace", "ByteFallback", "Fuse": continue
      case "Strip": strips = (value["start"]?.integer ?? 0) > 0
      case "Metaspace": strips = value["prepend_scheme"]?.string != "never"
      default:
        throw unsupported(
          "a decoder", type,
          ["ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip"])
      }
    }
    return .sentencePiece(stripsFirstSpace: strips)
  }

  // MARK: - Special tokens

  /// What the post-processor puts before and after a single text.
  func specialTokens() throws -> (prefix: [Int], suffix: [Int]) {
    var result: (prefix: [Int], suffix: [Int]) = ([], [])
    for (type, value) in try stages(json["post_processor"], "post_processor", "processors") {
      switch type {
      case "ByteLevel": continue
      case "RobertaProcessing", "BertProcessing":
        guard let start = value["cls"]?.elements?.last?.integer,
          let end = value["sep"]?.elements?.last?.integer
        else { throw malformed("post_processor", "\(type) with cls and sep") }
        result = ([start], [end])
      case "TemplateProcessing": result = try template(value)
      default:
        throw unsupported(
          "a post_processor", type,
          ["BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"])
      }
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

  // MARK: - Errors

  private func malformed(_ part: String, _ expected: String) -> StorageError {
    .malformed(file: file, part: part, expected: expected)
  }

  private func unsupported(_ part: String, _ found: String, _ supported: [String]) -> TokenizerError
  {
    .unsupported(file: file, part: part, found: found, supported: supported)
  }
}
