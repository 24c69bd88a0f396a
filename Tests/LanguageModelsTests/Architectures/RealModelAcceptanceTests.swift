import Foundation
import LanguageModels
import Numerics
import Testing

/// Models that people run, in their own files, against transformers on the values of those files.
@Suite(.serialized) struct RealModelAcceptanceTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let count: Int
      let tokens: [Int]
      let logProbabilities: [Double]
    }

    let ids: [Int]
    let cases: [Case]
  }

  private static let gemma = TestResources.model("gemma-3-270m.Q4_K_M.gguf")
  private static let qwen = TestResources.model("Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf")

  @Test(.enabled(if: gemma != nil, "Gemma 3 270M is not in the cache; run make test-models"))
  func `Gemma 3 270M gives transformers' log-probabilities inside and beyond its window`() throws {
    try check(#require(Self.gemma), "gemma3")
  }

  @Test(.enabled(if: qwen != nil, "Qwen2.5-Coder-0.5B is not in the cache; run make test-models"))
  func `Qwen2.5-Coder-0.5B gives transformers' log-probabilities`() throws {
    try check(#require(Self.qwen), "qwen2.5")
  }

  private func check(_ file: URL, _ name: String) throws {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: TestResources.fixture("real/\(name).json")))
    try check(LanguageModelLoader.load(file), golden)
    // The first tokens of wikitext-2's test set, whose first word is a title between marks.
    let text = " \n = Robert Boulter = \n \n Robert Boulter"
    let ids = try Tokenizer(contentsOf: file).encode(text, addingSpecialTokens: true)
    #expect(ids.dropLast() == golden.ids.prefix(ids.count - 1))
  }

  private func check(_ model: some LanguageModel, _ golden: Golden) throws {
    let inference = Inference(model)
    for expected in golden.cases {
      let logits = try inference.lastLogits(of: [Array(golden.ids.prefix(expected.count))])
      let largest = Double(logits.values.max() ?? 0)
      let total =
        largest + log(logits.values.reduce(0) { $0 + exp(Double($1) - largest) })
      for (token, golden) in zip(expected.tokens, expected.logProbabilities) {
        #expect(abs(Double(logits[0, token]) - total - golden) <= 0.01)
      }
    }
  }
}
