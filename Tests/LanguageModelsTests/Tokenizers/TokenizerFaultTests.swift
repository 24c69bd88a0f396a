import Files
import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct TokenizerFaultTests {
  private func read(_ model: String, _ rest: String = "") throws -> Tokenizer {
    try Tokenizer(
      tokenizerJSON: JSONValue(parsing: #"{"model": \#(model)\#(rest)}"#), file: "t.json")
  }

  private let model = #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}"#

  @Test func `the tokenizer that the others damage is valid`() throws {
    #expect(try read(model).encode("abb") == [2, 1])
  }

  @Test(arguments: [
    (#"["a c"]"#, TokenizerError.unknownTokenInMerge(index: 0, token: "c", file: "t.json")),
    (#"["a b", "ab a"]"#, .unknownTokenInMerge(index: 1, token: "aba", file: "t.json")),
    (#"[["a", "c"]]"#, .unknownTokenInMerge(index: 0, token: "c", file: "t.json")),
    (#"["ab"]"#, .malformedMerge(index: 0, found: "ab", file: "t.json")),
    (#"["a b c"]"#, .malformedMerge(index: 0, found: "a b c", file: "t.json")),
    (#"["a "]"#, .malformedMerge(index: 0, found: "a ", file: "t.json")),
  ]) func `merges that are not two tokens or name absent ones are refused`(
    merges: String, error: TokenizerError
  ) {
    #expect(throws: error) {
      try read(#"{"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": \#(merges)}"#)
    }
  }

  @Test(arguments: [
    (
      #"{"a": 0, "b": 0}"#,
      TokenizerError.duplicateID(id: 0, first: "a", second: "b", file: "t.json")
    ),
    (#"{"a": -1}"#, .invalidID(id: -1, token: "a", file: "t.json")),
    (#"{"a": 2147483647}"#, .invalidID(id: 2_147_483_647, token: "a", file: "t.json")),
    (#"{"a": 9223372036854775807}"#, .invalidID(id: .max, token: "a", file: "t.json")),
  ]) func `ids that are taken or out of range are refused`(
    vocabulary: String, error: TokenizerError
  ) {
    #expect(throws: error) { try read(#"{"vocab": \#(vocabulary), "merges": []}"#) }
  }

  @Test(arguments: [
    #"{"vocab": {"a": "0"}, "merges": []}"#, #"{"vocab": {"a": 1e30}, "merges": []}"#,
    #"{"vocab": [], "merges": []}"#, #"{"vocab": {}, "merges": {}}"#, "[]", "null",
    #"{"vocab": {}, "merges": [1]}"#, #"{"vocab": {}, "merges": [["a"]]}"#,
    #"{"type": "Unigram", "vocab": []}"#,
    #"{"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "[UNK]"}"#,
    #"{"vocab": {}, "merges": [], "dropout": 0.1}"#,
  ]) func `a model that is none, or of another kind, is refused`(model: String) {
    #expect(throws: (any Error).self) { try read(model) }
  }

  @Test(arguments: [
    #""added_tokens": {}"#, #""added_tokens": [{"content": "x"}]"#,
    #""added_tokens": [{"content": "x", "id": 0}]"#,
    #""added_tokens": [{"content": "a", "id": 7}]"#,
    #""added_tokens": [{"content": "x", "id": -7}]"#, #""normalizer": {"type": "Precompiled"}"#,
    #""normalizer": {}"#,
    #""normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": ""}"#,
    #""normalizer": {"type": "Sequence"}"#, #""pre_tokenizer": {"type": "UnicodeScripts"}"#,
    #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Other"}"#,
    #""decoder": {"type": "CTC"}"#, #""post_processor": {"type": "Other"}"#,
    #""post_processor": {"type": "RobertaProcessing", "cls": [], "sep": []}"#,
    #""post_processor": {"type": "RobertaProcessing", "cls": ["a", -1], "sep": ["b", 1]}"#,
    #""post_processor": {"type": "RobertaProcessing", "cls": ["a", 0], "sep": ["b", 3]}"#,
    #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}"#,
  ]) func `stages that are none, or not known, are refused`(rest: String) {
    #expect(throws: (any Error).self) { try read(model, ", \(rest)") }
  }

  @Test func `tokens that are canonically equivalent are two tokens`() throws {
    let tokenizer = try read(#"{"vocab": {"\u2126": 0, "\u03a9": 1}, "merges": []}"#)
    #expect(try tokenizer.encode("\u{3A9}\u{2126}") == [1, 0])
  }

  /// Ids by tokenizers 0.23.3.
  @Test(arguments: [("a b", [2, 1]), (" a b", [0, 1]), ("a  b", [2, 1])])
  func `what comes first gets a space unless a step before has removed the beginning`(
    text: String, ids: [Int]
  ) throws {
    let tokenizer = try read(
      #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "▁a": 2, "▁": 3, "▁b": 4}, "merges": ["▁ a", "▁ b"]}"#,
      #", "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, "#
        + #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}]}"#)
    #expect(try tokenizer.encode(text) == ids)
  }

  @Test func `syntax of a pattern that is not known is named`() {
    let error = #expect(throws: TokenizerError.self) {
      try read(
        model,
        #", "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(x)\\1"}, "behavior": "Isolated"}"#
      )
    }
    #expect(
      error
        == .pattern(
          file: "t.json", part: "the pattern of a Split", pattern: #"(x)\1"#, syntax: #"\1"#))
  }

  @Test func `a text far longer than any is one piece without a pre-tokenizer`() throws {
    let ids = try read(model).encode(String(repeating: "ab", count: 200_000))
    #expect(ids.count == 200_000 && ids.allSatisfy { $0 == 2 })
  }

  @Test func `a folder without a tokenizer says what it looked for`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: TokenizerError.noTokenizer(folder: folder.url.path)) {
      try Tokenizer(contentsOf: folder.url)
    }
  }

  @Test func `merges that belong to another vocabulary are refused`() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(#"{"a": 0, "b": 1}"#, to: folder["vocab.json"])
    try AtomicFile.write("#version: 0.2\r\na b\r\n", to: folder["merges.txt"])
    #expect(
      throws: TokenizerError.unknownTokenInMerge(
        index: 0, token: "ab", file: folder["merges.txt"].path)
    ) { try Tokenizer(contentsOf: folder.url) }
  }

  @Test(arguments: [
    ("added_tokens.json", #"{"<z>": 9223372036854775807}"#),
    (
      "tokenizer_config.json",
      #"{"added_tokens_decoder": {"9223372036854775807": {"content": "<z>"}}}"#
    ),
  ])
  func `an added token of an id beyond all is refused`(name: String, text: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(#"{"a": 0, "b": 1, "ab": 2}"#, to: folder["vocab.json"])
    try AtomicFile.write("a b\n", to: folder["merges.txt"])
    try AtomicFile.write(text, to: folder[name])
    let error = #expect(throws: StorageError.self) { try Tokenizer(contentsOf: folder.url) }
    #expect(error?.description.contains("2147483646") == true)
  }

  @Test func `a piece of a sentencepiece model that no merges make is warned of`() throws {
    func tokenizer(_ pieces: [String]) throws -> Tokenizer {
      try Tokenizer(
        pieces: pieces.map { SentencePiece(text: $0) }, addsPrefixSpace: false, file: "m")
    }
    #expect(try tokenizer(["a", "b", "ab"]).warnings.isEmpty)
    #expect(try tokenizer(["a", "ab"]).warnings.first?.contains("'ab'") == true)
  }

  @Test func `a sentencepiece model cut anywhere is an error or fewer pieces`() throws {
    let whole = try Data(contentsOf: TestResources.fixture("tokenizers/small.model"))
    for length in stride(from: 0, to: whole.count, by: 61) {
      let part = Array(whole.prefix(length))
      do {
        let model = try part.withUnsafeBytes { try SentencePieceModel($0, file: "m") }
        #expect(model.pieces.count <= 900)
      } catch is StorageError {}
    }
  }

  @Test(arguments: ["unigram", "a map of characters"])
  func `a sentencepiece model of another kind is refused`(kind: String) throws {
    let whole = try Data(contentsOf: TestResources.fixture("tokenizers/small.model"))
    var model = try whole.withUnsafeBytes { try SentencePieceModel($0, file: "m") }
    if kind == "unigram" { model.modelType = 1 } else { model.hasCharacterMap = true }
    #expect(throws: TokenizerError.self) { try Tokenizer(model, file: "m") }
  }

  @Test(arguments: ["tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.model"])
  func `GGUF metadata without a part of the tokenizer are refused`(key: String) throws {
    var values: [String: GGUFValue] = [
      "tokenizer.ggml.model": .string("gpt2"), "tokenizer.ggml.tokens": .strings(["a", "b", "ab"]),
      "tokenizer.ggml.merges": .strings(["a b"]),
    ]
    #expect(try Tokenizer(gguf: GGUFMetadata(values: values, file: "m")).encode("ab") == [2])
    values[key] = nil
    #expect(throws: CheckpointError.missingMetadata(key: key, file: "m")) {
      try Tokenizer(gguf: GGUFMetadata(values: values, file: "m"))
    }
    values[key] = .integer(1)
    #expect(throws: CheckpointError.self) {
      try Tokenizer(gguf: GGUFMetadata(values: values, file: "m"))
    }
  }

  @Test(arguments: [
    ("tokenizer.ggml.pre", GGUFValue.string("another")),
    ("tokenizer.ggml.token_type", .integers([1])),
    ("tokenizer.ggml.bos_token_id", .integer(3)), ("tokenizer.ggml.bos_token_id", .integer(-1)),
    ("tokenizer.ggml.model", .string("bert")), ("tokenizer.ggml.model", .string("llama")),
  ]) func `GGUF metadata that do not fit together are refused`(key: String, value: GGUFValue) {
    var values: [String: GGUFValue] = [
      "tokenizer.ggml.model": .string("gpt2"), "tokenizer.ggml.tokens": .strings(["a", "b", "ab"]),
      "tokenizer.ggml.merges": .strings(["a b"]), "tokenizer.ggml.add_bos_token": .bool(true),
      "tokenizer.ggml.bos_token_id": .integer(0),
    ]
    values[key] = value
    #expect(throws: (any Error).self) {
      try Tokenizer(gguf: GGUFMetadata(values: values, file: "m"))
    }
  }
}
