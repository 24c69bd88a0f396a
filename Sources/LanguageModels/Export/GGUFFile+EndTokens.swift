internal import Numerics

/// What a `tokenizer.json` puts around a text.
extension GGUFFile {
  /// A post-processor that puts the start token before a text and the end token behind it, where the file asks for them.
  ///
  /// - Parameters:
  ///   - tokens: The vocabulary.
  ///   - hasStart: Whether there is a start token when the file does not say.
  /// - Returns: The post-processor, or null.
  /// - Throws: `CheckpointError`.
  func ends(_ tokens: [String], hasStart: Bool) throws -> JSONValue {
    func end(_ name: String, default isAdded: Bool) throws -> Int? {
      let key = "tokenizer.ggml.add_\(name)_token"
      guard try metadata.contains(key) ? metadata.bool(key) : isAdded else { return nil }
      let id = try metadata.integer("tokenizer.ggml.\(name)_token_id")
      return tokens.indices.contains(id) ? id : nil
    }
    let (start, stop) = (try end("bos", default: hasStart), try end("eos", default: false))
    let ids = [start, stop].compactMap(\.self)
    guard !ids.isEmpty else { return .null }
    func part(_ kind: String, _ id: String, type: Int) -> JSONValue {
      .object([(kind, .object([("id", .string(id)), ("type_id", .integer(type))]))])
    }
    func text(_ name: String, type: Int) -> [JSONValue] {
      func token(_ id: Int?) -> [JSONValue] {
        id.map { [part("SpecialToken", tokens[$0], type: type)] } ?? []
      }
      return token(start) + [part("Sequence", name, type: type)] + token(stop)
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
