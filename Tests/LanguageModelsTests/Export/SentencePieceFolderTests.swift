import Foundation
import LanguageModels
import Testing

/// The tokenizer of a Hugging Face folder that was made of a GGUF file with sentencepiece in it.
@Suite(.enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
struct SentencePieceFolderTests {
  private struct Expected: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let text: String
      /// With the start token.
      let special: [Int]

      enum CodingKeys: String, CodingKey {
        case text
        case special = "ids_special"
      }
    }
  }

  @Test(arguments: ["llama2-spm", "gemma-spm"])
  func `a folder splits texts as llama.cpp does`(name: String) throws {
    let data = try #require(TestResources.data).appending(path: "models/tokenizers")
    let file = data.appending(path: "\(name).gguf")
    let folder = try TemporaryFolder()
    try export(LanguageModelLoader.load(file), to: folder["model"])
    let tokenizer = try Tokenizer(contentsOf: folder["model"])
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: data.appending(path: "\(name).gold.json")))
    // What stands for a space in the vocabulary is a space in tokenizer.json.
    for expected in expected.cases where !expected.text.contains("\u{2581}") {
      #expect(
        try tokenizer.encode(expected.text, addingSpecialTokens: true) == expected.special,
        "\(expected.text)")
    }
  }

  private func export(_ model: some LanguageModel, to folder: URL) throws {
    _ = try ModelExport(model, to: folder)
  }
}
