import Testing

@testable import LanguageModels

@Suite struct GGUFUserTokenTests {
  /// llama.cpp's converter writes Gemma's runs of spaces as spaces, other programs write ▁.
  @Test(arguments: ["  ", "\u{2581}\u{2581}"])
  func `a run of spaces that a user defined is found however it is written`(token: String) throws {
    let values: [String: GGUFValue] = [
      "tokenizer.ggml.model": .string("llama"),
      "tokenizer.ggml.tokens": .strings(["<unk>", "\u{2581}", "a", token]),
      "tokenizer.ggml.scores": .numbers([0, -1, -2, -1000]),
      "tokenizer.ggml.token_type": .integers([2, 1, 1, 4]),
      "tokenizer.ggml.add_bos_token": .bool(false),
      "tokenizer.ggml.add_space_prefix": .bool(false),
    ]
    let tokenizer = try Tokenizer(gguf: GGUFMetadata(values: values, file: "m"))
    #expect(try tokenizer.encode("a  a a") == [2, 3, 2, 1, 2])
  }

  @Test(arguments: ["command-r", "modern-bert", "mpt", "olmo", "qwen2"])
  func `texts are composed where the models of a pre-tokenizer's name do so`(name: String) throws {
    let values: [String: GGUFValue] = [
      "tokenizer.ggml.model": .string("gpt2"), "tokenizer.ggml.pre": .string(name),
      "tokenizer.ggml.tokens": .strings(["e", "\u{CC}", "\u{C3}", "\u{A9}", "\u{C3}\u{A9}"]),
      "tokenizer.ggml.merges": .strings(["\u{C3} \u{A9}"]),
    ]
    let tokenizer = try Tokenizer(gguf: GGUFMetadata(values: values, file: "m"))
    #expect(try tokenizer.encode("e\u{301}") == [4])
  }
}
