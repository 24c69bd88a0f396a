import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

@Suite struct PerplexityTests {
  private let text = (0..<15).map { ($0 * 7 + 3) % 40 }

  /// The mean of −log p over `scored` positions of each window, from the logits of the whole window.
  private func plain(
    _ model: some LanguageModel, _ windows: [(read: Range<Int>, scored: Range<Int>)]
  ) throws -> Double {
    let inference = Inference(model)
    var losses: [Double] = []
    for (read, scored) in windows {
      let logits = try inference.logits(of: Array(text[read]))
      for position in scored {
        let row = position - 1 - read.lowerBound
        let values = (0..<logits.columns).map { Double(logits[row, $0]) }
        let largest = values.max() ?? 0
        let sum = values.map { exp($0 - largest) }.reduce(0, +)
        losses.append(largest + log(sum) - values[text[position]])
      }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func perplexity(
    _ model: some LanguageModel, _ tokens: [Int], context: Int, stride: Int, threads: Int = 2
  ) throws -> Perplexity {
    try Inference(model, workers: Workers(count: threads), tokensAtOnce: 13).perplexity(
      of: tokens, windows: SlidingWindows(context: context, stride: stride))
  }

  private func expect(_ found: Perplexity, tokens: Int, loss: Double) {
    #expect(found.tokens == tokens)
    #expect(abs(found.negativeLogLikelihood - loss) <= 1e-5 * loss)
    #expect(found.value == exp(found.negativeLogLikelihood))
  }

  @Test(arguments: ["gptj-deep-tied", "llama-deep", "llama-dynamic-scaling", "mistral-window"])
  func `every token but the first is scored once, by the first window that sees it`(
    name: String
  ) throws {
    let model = try Golden.load(name).model
    // By hand: 15 tokens, windows of 6, a new one every 4; the last has 3 tokens and 1 new one.
    let windows = [(0..<6, 1..<6), (4..<10, 6..<10), (8..<14, 10..<14), (12..<15, 14..<15)]
    try expect(
      perplexity(model, text, context: 6, stride: 4), tokens: 14, loss: plain(model, windows))
  }

  @Test func `windows that only touch leave out the first token of each`() throws {
    let model = try Golden.load("llama-deep").model
    // Three windows: 6 + 6 + 3 tokens, of which three are firsts.
    let windows = [(0..<6, 1..<6), (6..<12, 7..<12), (12..<15, 13..<15)]
    try expect(
      perplexity(model, text, context: 6, stride: 6), tokens: 12, loss: plain(model, windows))
    // A window of a single token scores nothing.
    let short = Array(text.prefix(13))
    #expect(try perplexity(model, short, context: 6, stride: 6).tokens == 10)
  }

  @Test func `a text within the context is one window`() throws {
    let model = try Golden.load("llama-deep").model
    for context in [15, 40] {
      try expect(
        perplexity(model, text, context: context, stride: 2), tokens: 14,
        loss: plain(model, [(0..<15, 1..<15)]))
    }
  }

  @Test func `the number of threads changes no bit`() throws {
    let model = try Golden.load("gptj-deep-tied").model
    let one = try perplexity(model, text, context: 6, stride: 1, threads: 1)
    #expect(try perplexity(model, text, context: 6, stride: 1, threads: 3) == one)
  }

  @Test func `what cannot be measured is an error that says why`() throws {
    let model = try Golden.load("llama-deep").model
    #expect(throws: PerplexityError.contextTooLong(65, limit: 64)) {
      try perplexity(model, text, context: 65, stride: 4)
    }
    for count in 0...1 {
      #expect(throws: PerplexityError.textTooShort(tokens: count)) {
        try perplexity(model, Array(text.prefix(count)), context: 6, stride: 4)
      }
    }
    #expect(throws: LanguageModelError.self) {
      try perplexity(model, [4, 4_000], context: 6, stride: 4)
    }
    #expect(throws: LanguageModelError.self) {
      try perplexity(Golden.load("roberta").model, text, context: 6, stride: 4)
    }
  }

  @Test func `windows that score nothing or leave out tokens cannot be made`() {
    #expect(throws: PerplexityError.contextTooShort(1)) {
      try SlidingWindows(context: 1, stride: 1)
    }
    #expect(throws: PerplexityError.contextTooShort(.min)) {
      try SlidingWindows(context: .min, stride: 1)
    }
    for stride in [Int.min, 0, 9, .max] {
      #expect(throws: PerplexityError.strideOutOfRange(stride, context: 8)) {
        try SlidingWindows(context: 8, stride: stride)
      }
    }
  }
}
