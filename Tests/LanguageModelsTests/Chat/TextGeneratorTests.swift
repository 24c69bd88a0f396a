import LanguageModels
import LaserOps
import Numerics
import Testing

@Suite struct TextGeneratorTests {
  @Test(arguments: [
    "llama-plain", "gptj-partial-rotary", "mistral-window", "llama-dynamic-scaling",
  ])
  func `generated tokens are the most probable ones, with their log-probabilities`(
    name: String
  ) throws {
    try check(try Golden.load(name).model)
  }

  private func check(_ model: some LanguageModel) throws {
    let inference = Inference(model)
    let prompt = [4, 9, 2]
    var found: [GeneratedToken] = []
    try inference.generate(after: prompt, count: 6) {
      found.append($0)
      return true
    }
    #expect(try inference.continuations(of: [prompt], count: 6) == [found.map(\.id)])
    for (index, token) in found.enumerated() where !model.shape.dependsOnLength {
      let before = prompt + found[..<index].map(\.id)
      let expected = try inference.logProbabilities(
        of: [Continuation(prompt: before, tokens: [token.id])])
      #expect(abs(expected[0] - token.logProbability) < 1e-5)
    }
  }

  @Test func `ids that the tokenizer does not have are generated without text`() throws {
    try checkUnknownIDs(try Golden.load("llama-plain").model)
  }

  private func checkUnknownIDs(_ model: some LanguageModel) throws {
    let tokenizer = try SmallQuestions.tokenizer
    let generator = try TextGenerator(
      model, tokenizer: tokenizer, chat: nil, workers: Workers(count: 1))
    var pieces: [(id: Int, text: String)] = []
    for start in 0..<20 {
      _ = try generator.continuation(of: [start], count: 4) {
        pieces.append(($0.token.id, $0.text))
      }
    }
    let unknown = pieces.filter { !tokenizer.isKnown($0.id) }
    #expect(!unknown.isEmpty && unknown.allSatisfy { $0.text.isEmpty })
  }

  @Test
  func `a continuation ends at a token that ends texts, at the listener's word and at the context`()
    throws
  {
    try checkEnds(try Golden.load("llama-plain").model)
  }

  private func checkEnds(_ model: some LanguageModel) throws {
    let inference = Inference(model)
    var all: [Int] = []
    try inference.generate(after: [4], count: 4) {
      all.append($0.id)
      return true
    }
    var stopped: [Int] = []
    try inference.generate(after: [4], count: 4, stopping: [all[1]]) {
      stopped.append($0.id)
      return true
    }
    #expect(stopped == Array(all.prefix((all.firstIndex(of: all[1]) ?? 0) + 1)))
    var heard = 0
    try inference.generate(after: [4], count: 4) { _ in
      heard += 1
      return heard < 2
    }
    #expect(heard == 2)
    let long = Array(repeating: 4, count: model.shape.contextLength)
    var count = 0
    try inference.generate(after: long, count: 4) { _ in
      count += 1
      return true
    }
    #expect(count == 1)
    #expect(throws: LanguageModelError.emptyPrompt) {
      try inference.generate(after: [], count: 1) { _ in true }
    }
    #expect(
      throws: LanguageModelError.promptTooLong(
        tokens: long.count + 1, limit: model.shape.contextLength)
    ) { try inference.generate(after: long + [4], count: 1) { _ in true } }
  }
}
