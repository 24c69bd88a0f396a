internal import Numerics

/// The parts of a tokenizer.json, each read and checked by itself.
struct TokenizerJSONReader {
  let json: JSONValue
  let file: String

  /// The kinds of models that are read.
  enum Kind: String, CaseIterable {
    case bytePairs = "BPE"
    case wordPieces = "WordPiece"
    case wholePieces = "WordLevel"
  }

  func kind(_ model: JSONValue) throws -> Kind {
    // Files of before 2021 leave the type out.
    let guess =
      model["vocab"]?.elements != nil
      ? "Unigram" : model["max_input_chars_per_word"] != nil ? "WordPiece" : "BPE"
    let type = model["type"]?.string ?? guess
    guard let kind = Kind(rawValue: type) else {
      throw unsupported("the model", type, Kind.allCases.map(\.rawValue))
    }
    return kind
  }

  /// The member `model`, without the options that no language model uses.
  func model() throws -> JSONValue {
    guard let model = json["model"], model.members != nil else {
      throw malformed("model", "an object")
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
      for key in ["special", "lstrip", "rstrip", "single_word", "normalized"] {
        _ = try optionalFlag(element, key, of: "added_tokens[\(index)]")
      }
      return AddedToken(content, id: id, element)
    }
  }

  // MARK: - Values

  /// The truth value under `key`, nil where it is absent or null.
  ///
  /// - Throws: `StorageError.malformed` for another value.
  func optionalFlag(_ value: JSONValue, _ key: String, of part: String? = nil) throws -> Bool? {
    guard let found = value[key], !found.isNull else { return nil }
    guard let flag = found.bool else {
      let part = part ?? value["type"]?.string ?? "a part"
      throw malformed("\(part).\(key)", "true or false")
    }
    return flag
  }

  /// The truth value under `key`, or `fallback` where it is absent or null.
  ///
  /// - Throws: As ``optionalFlag(_:_:of:)``.
  func flag(_ value: JSONValue, _ key: String, default fallback: Bool) throws -> Bool {
    try optionalFlag(value, key) ?? fallback
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
    return try elements.flatMap { element in
      guard !element.isNull else { throw malformed("\(part).\(list)", "objects with a type") }
      return try stages(element, part, list)
    }
  }

  // MARK: - Errors

  func malformed(_ part: String, _ expected: String) -> StorageError {
    .malformed(file: file, part: part, expected: expected)
  }

  func unsupported(_ part: String, _ found: String, _ supported: [String]) -> TokenizerError {
    .unsupported(file: file, part: part, found: found, supported: supported)
  }
}
