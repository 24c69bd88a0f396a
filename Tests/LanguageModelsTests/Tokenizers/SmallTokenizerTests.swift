import Foundation
import LanguageModels
import Testing

@Suite struct SmallTokenizerTests {
  static let files = [
    "gpt2.json", "smollm.json", "digits.json", "qwen2.json", "llama3.json", "roberta.json",
    "llama2.json", "metaspace.json", "small.model",
  ]
  let goldens: [TokenGoldens.Golden]

  init() throws {
    goldens = try TokenGoldens("small.json").goldens
    try #require(goldens.count > 100)
  }

  @Test(arguments: files)
  func `ids of nasty texts equal the reference`(file: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/\(file)"))
    let name = String(file.prefix { $0 != "." })
    for golden in goldens {
      #expect(
        try tokenizer.encode(golden.text) == golden.ids[name], "\(golden.text.debugDescription)")
    }
  }

  @Test(arguments: files.dropLast())
  func `special tokens equal the reference`(file: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/\(file)"))
    let name = String(file.prefix { $0 != "." })
    for golden in goldens {
      let expected = golden.ids["\(name)+"] ?? golden.ids[name]
      #expect(try tokenizer.encode(golden.text, addingSpecialTokens: true) == expected)
    }
  }

  @Test(arguments: ["gpt2.json", "smollm.json", "llama3.json", "small.model"])
  func `every text decodes back`(file: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/\(file)"))
    // To sentencepiece ▁ is a space.
    for golden in goldens where file != "small.model" || !golden.text.contains("\u{2581}") {
      let ids = try tokenizer.encode(golden.text)
      // By bytes: two spellings of one character are equal strings.
      #expect(Array(try tokenizer.decode(ids).utf8) == Array(golden.text.utf8))
    }
  }

  @Test(arguments: ["gpt2.json", "small.model"])
  func `a stream never emits half a character`(file: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/\(file)"))
    let excluded: Set<Unicode.Scalar> =
      file == "small.model" ? ["\u{FFFD}", "\u{2581}"] : ["\u{FFFD}"]
    for golden in goldens where excluded.isDisjoint(with: golden.text.unicodeScalars) {
      var decoder = tokenizer.streamingDecoder()
      var text = ""
      for id in try tokenizer.encode(golden.text) {
        let part = try decoder.append(id)
        #expect(!part.unicodeScalars.contains("\u{FFFD}"))
        text += part
      }
      #expect(decoder.finish() == "")
      #expect(Array(text.utf8) == Array(golden.text.utf8))
    }
  }

  @Test func `bytes that never become a character are replaced, not lost`() throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/gpt2.json"))
    let ids = try tokenizer.encode("😀")
    var decoder = tokenizer.streamingDecoder()
    #expect(try decoder.append(ids[0]) == "")
    #expect(decoder.finish() == "\u{FFFD}")
    #expect(try tokenizer.decode([ids[0]]) == "\u{FFFD}")
  }

  @Test func `decoding leaves special tokens out when it is asked to`() throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/roberta.json"))
    let ids = try tokenizer.encode("a b", addingSpecialTokens: true)
    #expect(try tokenizer.decode(ids) == "<s>a b</s>")
    #expect(try tokenizer.decode(ids, skippingSpecialTokens: true) == "a b")
  }

  @Test func `text that goes on after a prompt keeps its first space`() throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/small.model"))
    let ids = try tokenizer.encode("the end")
    var start = tokenizer.streamingDecoder()
    var further = tokenizer.streamingDecoder(isStart: false)
    #expect(try ids.map { try start.append($0) }.joined() == "the end")
    #expect(try ids.map { try further.append($0) }.joined() == " the end")
  }

  @Test(arguments: [-1, 700, Int.max])
  func `an id that is not in the vocabulary is an error`(id: Int) throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/gpt2.json"))
    #expect(throws: TokenizerError.unknownID(id: id, count: 700)) { try tokenizer.decode([id]) }
  }
}
