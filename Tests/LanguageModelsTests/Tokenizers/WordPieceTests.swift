import Files
import Foundation
import Numerics
import Testing

@testable import LanguageModels

@Suite struct WordPieceTests {
  private func folder(_ settings: String?) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let words = [
      "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##able", "##a", "a", ".", "don", "'",
      "t",
    ]
    try AtomicFile.write(words.joined(separator: "\n") + "\n", to: folder["vocab.txt"])
    if let settings { try AtomicFile.write(settings, to: folder["tokenizer_config.json"]) }
    return folder
  }

  private func tokenizer(_ settings: String?) throws -> Tokenizer {
    let folder = try folder(settings)
    return try withExtendedLifetime(folder) { try Tokenizer(contentsOf: folder.url) }
  }

  @Test func `words are put together from the longest pieces`() throws {
    let tokenizer = try tokenizer(nil)
    #expect(
      try tokenizer.encode("Unable una x.", addingSpecialTokens: true) == [2, 5, 6, 5, 7, 1, 9, 3])
    #expect(try tokenizer.encode(String(repeating: "a", count: 101)) == [1])
    #expect(try tokenizer.mask == "[MASK]" && tokenizer.encode("a [MASK].") == [8, 4, 9])
  }

  @Test func `words are joined by spaces, and punctuation is not`() throws {
    let tokenizer = try tokenizer(nil)
    #expect(try tokenizer.decode([5, 6, 8, 9]) == "unable a.")
    #expect(try tokenizer.decode([2, 8, 3], skippingSpecialTokens: true) == "a")
    var stream = tokenizer.streamingDecoder(isStart: false)
    #expect(try stream.append(8) == " a")
  }

  @Test func `capitals stay where the settings say so`() throws {
    let tokenizer = try tokenizer(#"{"do_lower_case": false}"#)
    #expect(try tokenizer.encode("Un un") == [1, 5])
  }
}

@Suite struct AddedTokenTests {
  private func ids(_ options: String, _ text: String) throws -> [Int] {
    let json = try JSONValue(
      parsing: #"""
        {"model": {"vocab": {"a": 0, " ": 1, "b": 2}, "merges": []},
        "normalizer": {"type": "Replace", "pattern": {"String": "-"}, "content": "b"},
        "added_tokens": [{"content": "-x", "id": 9\#(options)}]}
        """#)
    return try Tokenizer(tokenizerJSON: json, file: "t").encode(text)
  }

  @Test func `a normalized token is looked for as the normalizer writes it`() throws {
    #expect(try ids(#", "normalized": true"#, "a-x bx") == [0, 9, 1, 9])
    #expect(try ids(#", "normalized": false"#, "a-x") == [0, 9])
  }

  @Test func `a token takes the spaces at its sides along, or stands alone`() throws {
    #expect(try ids(#", "special": true, "lstrip": true"#, "a  -x a") == [0, 9, 1, 0])
    #expect(try ids(#", "special": true, "rstrip": true"#, "a -x  a") == [0, 1, 9, 0])
    #expect(try ids(#", "special": true, "single_word": true"#, "a-x -x a") == [0, 2, 1, 9, 1, 0])
  }

  @Test func `tokens that stand beside a tokenizer are found`() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"model": {"vocab": {"a": 0}, "merges": []}}"#, to: folder["tokenizer.json"])
    try AtomicFile.write(
      #"""
      {"added_tokens_decoder": {"5": {"content": "<x>", "special": true}}, "pad_token": "<pad>",
      "additional_special_tokens": ["<y>"]}
      """#, to: folder["tokenizer_config.json"])
    let tokenizer = try Tokenizer(contentsOf: folder.url)
    #expect(try tokenizer.encode("a<x><y><pad>") == [0, 5, 7, 6])
  }
}

@Suite struct TokenizerSettingsTests {
  private func tokenizer(_ settings: String, type: String = "{}") throws -> Tokenizer {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"a": 0, "b": 1, "1": 2, "11": 3, "\u0120": 4, "</s>": 5}"#, to: folder["vocab.json"])
    try AtomicFile.write("#version: 0.2\n1 1\n", to: folder["merges.txt"])
    try AtomicFile.write(settings, to: folder["tokenizer_config.json"])
    try AtomicFile.write(type, to: folder["config.json"])
    return try Tokenizer(contentsOf: folder.url)
  }

  @Test func `the class of a tokenizer says how words are split`() throws {
    #expect(try tokenizer(#"{"tokenizer_class": "GPT2Tokenizer"}"#).encode("11") == [3])
    #expect(try tokenizer(#"{"tokenizer_class": "Qwen2TokenizerFast"}"#).encode("11") == [2, 2])
    #expect(try tokenizer("{}", type: #"{"model_type": "qwen3"}"#).encode("11") == [2, 2])
    #expect(throws: TokenizerError.self) { try tokenizer(#"{"tokenizer_class": "CLIPTokenizer"}"#) }
  }

  @Test func `where nothing says how words are split there is a warning`() throws {
    #expect(try tokenizer("{}").warnings.count == 1)
    #expect(try tokenizer(#"{"tokenizer_class": "GPT2Tokenizer"}"#).warnings.isEmpty)
  }

  @Test func `a space before a text is added where the settings ask for it`() throws {
    let settings = #"{"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true}"#
    #expect(try tokenizer(settings).encode("a") == [4, 0])
  }

  @Test func `OPT starts with the token that others end with`() throws {
    #expect(try tokenizer("{}", type: #"{"model_type": "opt"}"#).prefix == [5])
    #expect(
      try tokenizer(
        #"{"add_bos_token": true, "bos_token": {"content": "</s>"}}"#,
        type: #"{"model_type": "gpt2"}"#
      ).prefix == [5])
    let unknown = try tokenizer(
      #"{"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": "<bos>"}"#)
    #expect(unknown.prefix == [6] && unknown.warnings.count == 1)
  }

  @Test func `a pointer of Git LFS is no tokenizer`() throws {
    let folder = try TemporaryFolder()
    let url = folder["tokenizer.model"]
    try AtomicFile.write("version https://git-lfs.github.com/spec/v1\n", to: url)
    #expect(throws: StorageError.largeFilePointer(file: url.path)) {
      try Tokenizer(contentsOf: folder.url)
    }
  }
}
