internal import Numerics
internal import Foundation

/// What the small files beside a tokenizer say of it: tokenizer_config.json, special_tokens_map.json,
/// added_tokens.json and config.json.
struct TokenizerSettings {
  private var configuration = JSONValue.object([])
  private var map = JSONValue.object([])
  /// `model_type` of config.json, such as `opt`.
  private(set) var modelType: String?
  /// The tokens of added_tokens.json, which older tokenizers keep there.
  private(set) var separateTokens: [AddedToken] = []
  private var file = "tokenizer_config.json"

  /// Nothing is said.
  init() {}

  /// Reads those files of `folder` that are there.
  ///
  /// - Throws: `StorageError`.
  init(folder: URL) throws {
    func json(_ name: String) throws -> JSONValue? {
      let url = folder.appendingPathComponent(name)
      return FileManager.default.fileExists(atPath: url.path)
        ? try JSONValue(contentsOf: url) : nil
    }
    file = folder.appendingPathComponent(file).path
    configuration = try json("tokenizer_config.json") ?? configuration
    map = try json("special_tokens_map.json") ?? map
    modelType = try json("config.json")?["model_type"]?.string
    for (name, value) in try json("added_tokens.json")?.members ?? [] {
      guard let id = value.integer, (0...Vocabulary.largestID).contains(id) else {
        throw StorageError.malformed(
          file: folder.appendingPathComponent("added_tokens.json").path,
          part: "the id of '\(name)'", expected: "an integer from 0 to \(Vocabulary.largestID)")
      }
      separateTokens.append(AddedToken(content: name, id: id, isSpecial: false))
    }
  }

  /// The class that Hugging Face's library would read it with, without the ending `Fast`.
  var tokenizerClass: String? {
    configuration["tokenizer_class"]?.string.map {
      $0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0
    }
  }

  func flag(_ name: String) -> Bool? { configuration[name]?.bool }

  /// `add_prefix_space`, where the class heeds it: one that is read from tokenizer.json alone does not.
  var addsPrefixSpace: Bool? {
    ["PreTrainedTokenizer", "TokenizersBackend", "LlamaTokenizer", nil].contains(tokenizerClass)
      ? nil : flag("add_prefix_space")
  }

  /// The text of a token such as `bos_token`; nil where there is none, or it is not said.
  func name(_ token: String) -> String? {
    let value = configuration[token] ?? map[token]
    return value?.string ?? value?["content"]?.string
  }

  /// The tokens of `added_tokens_decoder` with their ids.
  ///
  /// - Throws: `StorageError`.
  func addedTokens() throws -> [AddedToken] {
    try (configuration["added_tokens_decoder"]?.members ?? []).map { key, value in
      guard let id = Int(key), (0...Vocabulary.largestID).contains(id),
        let content = value["content"]?.string
      else {
        throw StorageError.malformed(
          file: file, part: "added_tokens_decoder",
          expected: "ids from 0 to \(Vocabulary.largestID) and objects with content")
      }
      return AddedToken(content, id: id, value)
    }
  }

  /// The tokens with a part of their own, `bos_token` and so on, as they are written.
  func specialNames(withMap: Bool) -> [String] {
    let parts = [
      "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    let sources = withMap ? [configuration, map] : [configuration]
    var values: [JSONValue] = []
    for source in sources {
      values += parts.compactMap { source[$0] }
      for list in ["additional_special_tokens", "extra_special_tokens"] {
        values += source[list]?.elements ?? source[list]?.members?.map(\.value) ?? []
      }
    }
    var names: [String] = []
    for value in values {
      guard let name = value.string ?? value["content"]?.string, !names.contains(name) else {
        continue
      }
      names.append(name)
    }
    return names
  }
}

extension Tokenizer {
  /// Adds the tokens that the files beside a tokenizer name, with their options there.
  ///
  /// A token that is known keeps its id; a new one whose id is taken, or that has none, comes after all others.
  /// - Throws: `StorageError`, ``TokenizerError``.
  mutating func addTokens(of settings: TokenizerSettings, withMap: Bool = false) throws {
    var tokens = addedTokens
    var added = settings.separateTokens.filter { _ in withMap }
    added += try settings.addedTokens()
    let named = settings.specialNames(withMap: withMap).filter { name in
      !(tokens + added).contains { $0.content.utf8.elementsEqual(name.utf8) }
    }
    added += named.map { AddedToken(content: $0, id: -1) }
    var end = max(count, (tokens + added).map { $0.id + 1 }.max() ?? 0)
    for token in added where !token.content.isEmpty {
      var id = token.id
      if let known = self.id(of: token.content) {
        id = known
      } else if id < 0 || vocabulary.tokens[id] != nil {
        if token.id < 0 {
          warnings.append(
            "the token '\(token.content)' that tokenizer_config.json names is not in "
              + "\(vocabulary.file): it gets the id \(end), which the model may not have")
        }
        id = end
        end += 1
      }
      var placed = AddedToken(content: token.content, id: id)
      placed.stripsLeft = token.stripsLeft
      placed.stripsRight = token.stripsRight
      placed.isSingleWord = token.isSingleWord
      placed.isNormalized = token.isNormalized
      placed.isSpecial = token.isSpecial
      if let old = tokens.first(where: { $0.id == id }) {
        placed.isWrittenNormalized = old.isWrittenNormalized
      }
      tokens.removeAll { $0.id == id }
      tokens.append(placed)
    }
    if let name = settings.name("mask_token"), tokens.contains(where: { $0.content == name }) {
      mask = name
    }
    try setAddedTokens(tokens)
  }
}
