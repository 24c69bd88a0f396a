internal import Files
internal import Numerics
public import Foundation

extension Tokenizer {
  /// Reads the tokenizer of the model at `url`.
  ///
  /// - Parameter url: A GGUF file, a tokenizer.json or tokenizer.model, or a folder with tokenizer.json,
  ///   vocab.json and merges.txt, or tokenizer.model; the first of these that is there.
  /// - Throws: `StorageError`, `CheckpointError`, ``TokenizerError``.
  public init(contentsOf url: URL) throws {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw FileError.cannotRead(path: url.path, code: ENOENT)
    }
    guard isFolder.boolValue else {
      switch url.pathExtension {
      case "json": try self.init(tokenizerJSON: url)
      case "model": try self.init(sentencePiece: url)
      default: try self.init(gguf: GGUFFile(url).metadata)
      }
      return
    }
    func file(_ name: String) -> URL? {
      let file = url.appendingPathComponent(name)
      return manager.fileExists(atPath: file.path) ? file : nil
    }
    if let json = file("tokenizer.json") {
      try self.init(tokenizerJSON: json)
    } else if let vocabulary = file("vocab.json"), let merges = file("merges.txt") {
      try self.init(vocabulary: vocabulary, merges: merges, added: file("added_tokens.json"))
    } else if let model = file("tokenizer.model") {
      try self.init(sentencePiece: model)
    } else {
      throw TokenizerError.noTokenizer(folder: url.path)
    }
  }

  /// Reads GPT-2's two files, and the added tokens that Hugging Face's slow tokenizers keep in a third.
  ///
  /// Neither file says which tokens are special: the names that GPT-2 and RoBERTa gave theirs are looked for.
  /// - Throws: `StorageError`, ``TokenizerError``.
  init(vocabulary vocabularyURL: URL, merges mergesURL: URL, added addedURL: URL? = nil) throws {
    let json = try JSONValue(contentsOf: vocabularyURL)
    guard let members = json.members else {
      throw StorageError.malformed(
        file: vocabularyURL.path, part: "the text", expected: "an object of tokens and ids")
    }
    let vocabulary = try Self.vocabulary(members, isByteLevel: true, file: vocabularyURL.path)
    let merges = try Self.merges(
      try Self.mergePairs(mergesURL), vocabulary: vocabulary, file: mergesURL.path)
    self.init(vocabulary: vocabulary, merges: merges, decoder: .byteLevel)
    preTokenizers = [.words(.gpt2, addsPrefixSpace: false)]
    var added: [AddedToken] = []
    let isRoBERTa = id(of: "<s>") != nil && id(of: "</s>") != nil
    for name in isRoBERTa ? ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] : ["<|endoftext|>"] {
      guard let id = id(of: name) else { continue }
      // RoBERTa's mask stands for a word and the space before it.
      added.append(AddedToken(content: name, id: id, stripsLeft: name == "<mask>"))
    }
    if let addedURL {
      for (name, value) in try JSONValue(contentsOf: addedURL).members ?? [] {
        guard let id = value.integer else {
          throw StorageError.malformed(
            file: addedURL.path, part: "the id of '\(name)'", expected: "an integer")
        }
        added.append(AddedToken(content: name, id: id, isSpecial: false))
      }
    }
    try setAddedTokens(added)
    if let start = id(of: "<s>"), let end = id(of: "</s>") { (prefix, suffix) = ([start], [end]) }
  }

  /// The members of a vocab.json.
  ///
  /// - Throws: `StorageError`, ``TokenizerError``.
  static func vocabulary(
    _ members: [(key: String, value: JSONValue)], isByteLevel: Bool, file: String
  ) throws -> Vocabulary {
    var vocabulary = Vocabulary(isByteLevel: isByteLevel, file: file)
    for (token, value) in members {
      guard let id = value.integer else {
        throw StorageError.malformed(
          file: file, part: "the id of the token '\(token)'", expected: "an integer")
      }
      try vocabulary.add(token, id: id)
    }
    return vocabulary
  }

  /// The lines of a merges.txt but for its header.
  private static func mergePairs(_ url: URL) throws -> [(String, String)] {
    let file = try MappedFile(url)
    let text = file.withBytes { String(validating: $0, as: UTF8.self) }
    guard let text else {
      throw StorageError.malformed(file: file.path, part: "the text", expected: "valid UTF-8")
    }
    var pairs: [(String, String)] = []
    for line in text.utf8.split(separator: 0x0A) {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      pairs.append(
        try pair(String(decoding: line, as: UTF8.self), index: pairs.count, file: file.path))
    }
    return pairs
  }
}
