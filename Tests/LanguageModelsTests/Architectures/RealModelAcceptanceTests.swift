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

  private struct Case: Encodable {
    let model: String
    let ids: [Int]
    let logits: [Float]
    let bound: Double
  }

  @Test(
    .enabled(if: gemma != nil, "Gemma 3 270M is not in the cache; run make test-models"),
    .enabled(
      if: LlamaPython.path != nil, "LASER_PYTHON does not name a Python with gguf and xllamacpp"))
  func `llama.cpp has Gemma 3 270M's log-probabilities where it rounds no activations`() throws {
    let gemma = try #require(Self.gemma)
    let python = try #require(LlamaPython.path)
    let folder = try TemporaryFolder()
    // Before a quantised matrix llama.cpp rounds to eight bits: it gets the values of the codes.
    let plain = folder["plain.gguf"].path
    let script = TestResources.fixture("dequantise_gguf.py").path
    #expect(try LlamaPython.run(python, [script, gemma.path, plain]) == 0)
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: TestResources.fixture("real/gemma3.json")))
    let cases = try [6, 600].map { count in
      let ids = Array(golden.ids.prefix(count))
      let logits = try lastLogits(LanguageModelLoader.load(gemma), ids)
      return Case(model: plain, ids: ids, logits: logits, bound: 0.05)
    }
    try JSONEncoder().encode(cases).write(to: folder["cases.json"])
    #expect(
      try LlamaPython.run(
        python, [TestResources.fixture("check_gguf.py").path, folder["cases.json"].path]) == 0)
  }

  private func lastLogits(_ model: some LanguageModel, _ ids: [Int]) throws -> [Float] {
    try Inference(model).lastLogits(of: [ids]).values
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
