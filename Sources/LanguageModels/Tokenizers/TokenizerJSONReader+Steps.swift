internal import Numerics

extension TokenizerJSONReader {
  func normalizers() throws -> [Normalizer] {
    try stages(json["normalizer"], "normalizer", "normalizers").flatMap { type, stage in
      switch type {
      case "Prepend":
        guard let text = stage["prepend"]?.string else {
          throw malformed("normalizer.prepend", "a string")
        }
        return [Normalizer.prepend(text)]
      case "Replace": return [try replacement(stage)]
      case "Lowercase": return [.lowercase]
      case "StripAccents": return [.remove(ScalarTraits.mark, .accents)]
      case "Strip":
        return [
          .strip(
            left: try flag(stage, "strip_left", default: true),
            right: try flag(stage, "strip_right", default: true))
        ]
      case "Nmt": return [.machineTranslation]
      case "BertNormalizer":
        return Self.bertNormalizers(
          cleans: try flag(stage, "clean_text", default: true),
          spacesChinese: try flag(stage, "handle_chinese_chars", default: true),
          stripsAccents: try optionalFlag(stage, "strip_accents"),
          lowercases: try flag(stage, "lowercase", default: true))
      default:
        guard let form = Normalizer.Form(rawValue: type) else {
          throw unsupported(
            "a normalizer", type,
            [
              "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Prepend",
              "Replace", "Sequence", "Strip", "StripAccents",
            ])
        }
        return [.form(form)]
      }
    }
  }

  /// BERT's steps in their order; accents go with capitals unless said otherwise.
  static func bertNormalizers(
    cleans: Bool, spacesChinese: Bool, stripsAccents: Bool?, lowercases: Bool
  ) -> [Normalizer] {
    var steps: [Normalizer] = []
    if cleans { steps.append(.clean) }
    if spacesChinese { steps.append(.spaceChinese) }
    if stripsAccents ?? lowercases {
      steps += [.form(.nfd), .remove(ScalarTraits.nonspacingMark, .bert)]
    }
    if lowercases { steps.append(.lowercase) }
    return steps
  }

  /// BERT's steps that split: at white space, and around every sign of punctuation.
  static let bertPreTokenizers: [PreTokenizer] = [
    .characters(.space, .removed, .latest), .characters(.punctuation, .isolated, .bert),
  ]

  private func replacement(_ stage: JSONValue) throws -> Normalizer {
    guard let content = stage["content"]?.string else {
      throw malformed("normalizer.content", "a string")
    }
    if let regex = stage["pattern"]?["Regex"]?.string {
      return .replaceMatches(try pattern(regex, "the pattern of a Replace"), content: content)
    }
    guard let text = stage["pattern"]?["String"]?.string, !text.isEmpty else {
      throw malformed("normalizer", "Replace with a Regex or a String that is not empty")
    }
    return .replace(pattern: text, content: content)
  }

  private func pattern(_ source: String, _ part: String) throws -> Pattern {
    do {
      return try Pattern(source)
    } catch let fault as PatternFault {
      throw TokenizerError.pattern(
        file: file, part: part, pattern: source, syntax: fault.syntax)
    }
  }

  /// Whether bytes are written as printable characters: where a `ByteLevel` stage says so.
  func isByteLevel() throws -> Bool {
    try stages(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers").contains {
      $0.0 == "ByteLevel"
    }
  }

  /// - Parameter addsPrefixSpace: What another file says of `ByteLevel`'s add_prefix_space; nil when it says nothing.
  /// - Returns: The steps in their order.
  /// - Throws: `TokenizerError`, `StorageError`.
  func preTokenizers(addsPrefixSpace: Bool?) throws -> [PreTokenizer] {
    let stages = try stages(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers")
    return try stages.enumerated().flatMap { index, stage -> [PreTokenizer] in
      let (type, value) = stage
      let isAfterBytes = stages[..<index].contains { $0.0 == "ByteLevel" }
      guard !isAfterBytes || !["ByteLevel", "Metaspace"].contains(type) else {
        throw unsupported("the pre_tokenizer after ByteLevel", type, ["Digits", "Split"])
      }
      switch type {
      case "ByteLevel":
        var steps: [PreTokenizer] = []
        // The library reads no file without it.
        guard let isWritten = try optionalFlag(value, "add_prefix_space") else {
          throw malformed("pre_tokenizer.add_prefix_space", "true or false")
        }
        if addsPrefixSpace ?? isWritten { steps = [.prefixSpace] }
        if try flag(value, "use_regex", default: true) {
          steps.append(.split(.gpt2, .isolated, isInverted: false))
        }
        // As the last step it changes nothing: pieces are encoded byte by byte.
        return index == stages.count - 1 ? steps : steps + [.byteAlphabet]
      case "Digits":
        let isSingle = try flag(value, "individual_digits", default: false)
        return [
          .characters(.traits(ScalarTraits.number), isSingle ? .isolated : .contiguous, .latest)
        ]
      case "Punctuation":
        return [.characters(.punctuation, try behavior(value, default: .isolated), .bert)]
      case "BertPreTokenizer": return Self.bertPreTokenizers
      case "Whitespace": return [.split(.words, .removed, isInverted: true)]
      case "WhitespaceSplit": return [.characters(.space, .removed, .latest)]
      case "CharDelimiterSplit":
        guard let delimiter = value["delimiter"]?.string?.unicodeScalars.first else {
          throw malformed("pre_tokenizer.delimiter", "a character")
        }
        return [.characters(.scalar(delimiter.value), .removed, .latest)]
      case "Split": return [try split(value)]
      case "Metaspace": return [try metaspace(value)]
      default:
        throw unsupported(
          "a pre_tokenizer", type,
          [
            "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "Metaspace",
            "Punctuation", "Sequence", "Split", "Whitespace", "WhitespaceSplit",
          ])
      }
    }
  }

  private func behavior(_ value: JSONValue, default: SplitBehavior?) throws -> SplitBehavior {
    let name = value["behavior"]?.string ?? `default`?.rawValue ?? ""
    guard let behavior = SplitBehavior(rawValue: name) else {
      throw unsupported(
        "the behavior of a Split", "'\(name)'", SplitBehavior.allCases.map(\.rawValue))
    }
    return behavior
  }

  private func split(_ value: JSONValue) throws -> PreTokenizer {
    let behavior = try behavior(value, default: nil)
    let isInverted = try flag(value, "invert", default: false)
    if let regex = value["pattern"]?["Regex"]?.string {
      return .split(
        try pattern(regex, "the pattern of a Split"), behavior, isInverted: isInverted)
    }
    guard let text = value["pattern"]?["String"]?.string, !text.isEmpty else {
      throw malformed("pre_tokenizer.pattern", "a Regex or a String that is not empty")
    }
    return .split(try Pattern(literal: text), behavior, isInverted: isInverted)
  }

  private func metaspace(_ value: JSONValue) throws -> PreTokenizer {
    let replacement = value["replacement"]?.string ?? "\u{2581}"
    guard replacement.utf8.elementsEqual(PreTokenizer.metaspace) else {
      throw unsupported("the replacement of Metaspace", "'\(replacement)'", ["'\u{2581}'"])
    }
    // Before prepend_scheme there was add_prefix_space.
    let name =
      try value["prepend_scheme"]?.string
      ?? (flag(value, "add_prefix_space", default: true) ? "always" : "never")
    guard let scheme = PreTokenizer.PrependScheme(rawValue: name) else {
      throw unsupported("the prepend_scheme of Metaspace", name, ["first", "always", "never"])
    }
    return .metaspace(scheme, splits: try flag(value, "split", default: true))
  }
}
