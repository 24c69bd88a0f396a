internal import Files
internal import Numerics
public import Foundation

extension Tokenizer {
  /// The names that sentencepiece's models have in a folder.
  private static let pieceFiles = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"]

  /// The files of a folder that have a tokenizer's tokens.
  static let modelFiles = ["tokenizer.json", "vocab.json", "vocab.txt"] + pieceFiles

  /// All files of a folder that a tokenizer is read from, but for `config.json`.
  static let files =
    modelFiles + [
      "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    ]

  /// Reads the tokenizer of the model at `url`.
  ///
  /// - Parameter url: A GGUF file, a tokenizer.json or tokenizer.model, or a folder with tokenizer.json,
  ///   vocab.json and merges.txt, vocab.txt, or a sentencepiece model; the first of these that is there.
  /// - Throws: `StorageError`, `CheckpointError`, `TokenizerError`.
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
    let settings = try TokenizerSettings(folder: url)
    if let json = file("tokenizer.json") {
      try self.init(tokenizerJSON: json, settings: settings)
    } else if let vocabulary = file("vocab.json"), let merges = file("merges.txt") {
      try self.init(vocabulary: vocabulary, merges: merges, settings: settings)
    } else if let words = file("vocab.txt") {
      try self.init(wordPieces: words, settings: settings)
    } else if let model = Self.pieceFiles.lazy.compactMap(file).first {
      try self.init(sentencePiece: model, settings: settings)
    } else {
      throw TokenizerError.noTokenizer(folder: url.path)
    }
  }

  /// Reads GPT-2's two files.
  ///
  /// Neither file says how words are split or which tokens are special: the class of the tokenizer does, or the kind
  /// of model, and where neither is said, GPT-2's way is taken, with a warning.
  /// - Throws: `StorageError`, `TokenizerError`.
  init(
    vocabulary vocabularyURL: URL, merges mergesURL: URL,
    settings: TokenizerSettings = TokenizerSettings()
  ) throws {
    let json = try JSONValue(contentsOf: vocabularyURL)
    guard let members = json.members else {
      throw StorageError.malformed(
        file: vocabularyURL.path, part: "the text", expected: "an object of tokens and ids")
    }
    let vocabulary = try Self.vocabulary(members, isByteLevel: true, file: vocabularyURL.path)
    let merges = try Self.merges(
      try Self.mergePairs(mergesURL), vocabulary: vocabulary, file: mergesURL.path)
    self.init(vocabulary: vocabulary, model: .bytePairs(merges), decoder: .byteLevel)
    let family = try Self.family(of: settings, file: vocabularyURL.path)
    if settings.addsPrefixSpace == true { preTokenizers = [.prefixSpace] }
    switch family {
    case .qwen2:
      normalizers = [.form(.nfc)]
      let pattern = Pattern.known(KnownPatterns.lines(digits: #"\p{N}"#))
      preTokenizers.append(.split(pattern, .isolated, isInverted: false))
    default: preTokenizers.append(.split(.gpt2, .isolated, isInverted: false))
    }
    let start = id(of: "<s>")
    let end = id(of: "</s>")
    let isRoBERTa = family == .roberta || family == nil && start != nil && end != nil
    var added: [AddedToken] = []
    for name in isRoBERTa ? ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] : ["<|endoftext|>"] {
      guard let id = id(of: name) else { continue }
      // RoBERTa's mask stands for a word and the space before it.
      added.append(AddedToken(content: name, id: id, stripsLeft: name == "<mask>"))
    }
    try setAddedTokens(added)
    try addTokens(of: settings, withMap: true)
    if isRoBERTa, let start, let end { (prefix, suffix) = ([start], [end]) }
    try surround(by: settings, startsBy: family == .opt ? "</s>" : nil)
    if family == nil {
      warnings.append(
        "neither tokenizer_config.json nor config.json beside \(vocabularyURL.path) says how words "
          + "are split: GPT-2's way is taken")
    }
  }

  /// How the files of ``init(vocabulary:merges:settings:)`` are meant.
  private enum Family {
    case gpt2, opt, roberta, qwen2
  }

  /// - Throws: ``TokenizerError``: a class that splits in another way.
  private static func family(of settings: TokenizerSettings, file: String) throws -> Family? {
    if settings.modelType == "opt" { return .opt }
    let classes: [String: Family] = [
      "GPT2Tokenizer": .gpt2, "CodeGenTokenizer": .gpt2, "GPTNeoXTokenizer": .gpt2,
      "DebertaTokenizer": .gpt2, "WhisperTokenizer": .gpt2, "RobertaTokenizer": .roberta,
      "BartTokenizer": .roberta, "LongformerTokenizer": .roberta, "Qwen2Tokenizer": .qwen2,
    ]
    if let name = settings.tokenizerClass,
      !["PreTrainedTokenizer", "TokenizersBackend"].contains(name)
    {
      guard let family = classes[name] else {
        throw TokenizerError.unsupported(
          file: "the folder of \(file)", part: "the tokenizer_class", found: name,
          supported: classes.keys.sorted())
      }
      return family
    }
    let types: [(prefix: String, family: Family)] = [
      ("qwen", .qwen2), ("gpt", .gpt2), ("phi", .gpt2), ("codegen", .gpt2), ("roberta", .roberta),
      ("bart", .roberta), ("longformer", .roberta),
    ]
    return types.first { settings.modelType?.hasPrefix($0.prefix) == true }?.family
  }

  /// Reads the tokens of a BERT, one a line.
  ///
  /// - Throws: `StorageError`, `TokenizerError`.
  init(wordPieces url: URL, settings: TokenizerSettings) throws {
    var vocabulary = Vocabulary(isByteLevel: false, file: url.path)
    for (id, line) in try Self.lines(url).enumerated() where !line.isEmpty {
      try vocabulary.add(String(decoding: line, as: UTF8.self), id: id)
    }
    let unknown = settings.name("unk_token") ?? "[UNK]"
    guard let unknownID = vocabulary.id(of: unknown) else {
      throw StorageError.malformed(
        file: url.path, part: "the tokens", expected: "'\(unknown)' among them")
    }
    self.init(
      vocabulary: vocabulary, model: .wordPieces(WordPieces(unknownID: unknownID)),
      decoder: .wordPieces(prefix: "##", cleansUp: true))
    normalizers = TokenizerJSONReader.bertNormalizers(
      cleans: true, spacesChinese: settings.flag("tokenize_chinese_chars") ?? true,
      stripsAccents: settings.flag("strip_accents"),
      lowercases: settings.flag("do_lower_case") ?? true)
    preTokenizers = TokenizerJSONReader.bertPreTokenizers
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { name in
      id(of: name).map { AddedToken(content: name, id: $0) }
    }
    try setAddedTokens(special)
    try addTokens(of: settings, withMap: true)
    prefix = [settings.name("cls_token") ?? "[CLS]"].compactMap { id(of: $0) }
    suffix = [settings.name("sep_token") ?? "[SEP]"].compactMap { id(of: $0) }
    if prefix.isEmpty || suffix.isEmpty {
      warnings.append("\(url.path) has no [CLS] or no [SEP]: nothing is put around a text")
    }
    if settings.flag("do_lower_case") == nil,
      vocabulary.ids.keys.contains(where: { $0.first.map { (0x41...0x5A).contains($0) } ?? false })
    {
      warnings.append(
        "\(url.path) has tokens with capitals, and tokenizer_config.json does not say "
          + "do_lower_case: texts are put in lower case")
    }
  }

  /// Puts the tokens around texts that the settings ask for.
  ///
  /// - Throws: ``TokenizerError``: no such token.
  mutating func surround(by settings: TokenizerSettings, startsBy name: String? = nil) throws {
    func id(_ part: String, _ name: String?) throws -> Int {
      guard let name = settings.name(part) ?? name, let id = self.id(of: name) else {
        throw TokenizerError.noSpecialToken(part: part, file: vocabulary.file)
      }
      return id
    }
    if settings.flag("add_bos_token") ?? (name != nil) {
      prefix = [try id("bos_token", name ?? "<|endoftext|>")]
    } else if settings.flag("add_bos_token") == false {
      prefix = []
    }
    if settings.flag("add_eos_token") == true {
      suffix = [try id("eos_token", "<|endoftext|>")]
    } else if settings.flag("add_eos_token") == false {
      suffix = []
    }
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
    var pairs: [(String, String)] = []
    for line in try lines(url) where !line.isEmpty && !line.starts(with: "#version".utf8) {
      pairs.append(
        try pair(String(decoding: line, as: UTF8.self), index: pairs.count, file: url.path))
    }
    return pairs
  }

  /// The lines of a text file, without what ends them; the last one may have no end.
  private static func lines(_ url: URL) throws -> [[UInt8]] {
    let file = try MappedFile(url)
    let text = file.withBytes { String(validating: $0, as: UTF8.self) }
    guard let text else {
      throw StorageError.malformed(file: file.path, part: "the text", expected: "valid UTF-8")
    }
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      Array(line.last == 0x0D ? line.dropLast() : line)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
