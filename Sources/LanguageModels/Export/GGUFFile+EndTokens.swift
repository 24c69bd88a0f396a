internal import Numerics

/// What a `tokenizer.json` puts around a text.
extension GGUFFile {
  /// A post-processor that puts the start token before a text and the end token behind it, where the file asks for them.
  ///
  /// - Parameters:
  ///   - tokenizer: What the file's own texts are encoded with.
  ///   - tokens: The vocabulary.
  /// - Returns: The post-processor, or null.
  func ends(of tokenizer: Tokenizer, _ tokens: [String]) -> JSONValue {
    let ids = tokenizer.prefix + tokenizer.suffix
    guard !ids.isEmpty else { return .null }
    func part(_ kind: String, _ id: String, type: Int) -> JSONValue {
      .object([(kind, .object([("id", .string(id)), ("type_id", .integer(type))]))])
    }
    func text(_ name: String, type: Int) -> [JSONValue] {
      func special(_ ids: [Int]) -> [JSONValue] {
        ids.map { part("SpecialToken", tokens[$0], type: type) }
      }
      return special(tokenizer.prefix) + [part("Sequence", name, type: type)]
        + special(tokenizer.suffix)
    }
    let special = Set(ids).sorted().map { id in
      (
        key: tokens[id],
        value: JSONValue.object([
          ("id", .string(tokens[id])), ("ids", .array([.integer(id)])),
          ("tokens", .array([.string(tokens[id])])),
        ])
      )
    }
    return .object([
      ("type", .string("TemplateProcessing")), ("single", .array(text("A", type: 0))),
      ("pair", .array(text("A", type: 0) + text("B", type: 1))),
      ("special_tokens", .object(special)),
    ])
  }
}
