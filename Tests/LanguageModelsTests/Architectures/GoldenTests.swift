import Numerics
import LaserOps
import Testing

@testable import LanguageModels

/// Both sides round to 32 bits in another order; a few hundred roundings of 6e-8 stay far below.
private let tolerance: Float = 1e-5

@Suite struct GoldenTests {
  private let workers = Workers(count: 2)

  @Test(arguments: Golden.causal + Golden.masked)
  func `logits at every position equal those of transformers`(name: String) throws {
    let (model, golden) = try Golden.load(name)
    try check(model, golden, name)
  }

  private func check(_ model: some LanguageModel, _ golden: Golden, _ name: String) throws {
    let inference = Inference(model, workers: workers)
    for (index, prompt) in golden.prompts.enumerated() {
      let expected = try Golden.logits(name, prompt: index)
      let difference = try inference.logits(of: prompt).relativeDifference(from: expected)
      #expect(difference <= tolerance, "prompt \(index)")
    }
  }

  @Test(arguments: Golden.causal)
  func `the last positions of a packed batch equal those of single prompts`(name: String) throws {
    let (model, golden) = try Golden.load(name)
    try checkLast(model, golden, name)
  }

  private func checkLast(_ model: some LanguageModel, _ golden: Golden, _ name: String) throws {
    let inference = Inference(model, workers: workers, tokensAtOnce: 10)
    let candidates = [7, 0, model.shape.vocabularySize - 1]
    let logits = try inference.lastLogits(of: golden.prompts)
    let chosen = try inference.lastLogits(of: golden.prompts, candidates: candidates)
    for (index, prompt) in golden.prompts.enumerated() {
      let expected = try Golden.logits(name, prompt: index).gathering([prompt.count - 1])
      #expect(logits.gathering([index]).relativeDifference(from: expected) <= tolerance)
      let picked = Matrix(rows: 1, columns: 3, values: candidates.map { logits[index, $0] })
      #expect(chosen.gathering([index]).relativeDifference(from: picked) <= tolerance)
    }
  }

  @Test(arguments: Golden.causal)
  func `greedy continuations with cached keys equal those of transformers`(name: String) throws {
    let (model, golden) = try Golden.load(name)
    guard let greedy = golden.greedy else { return }
    #expect(try continuations(model, golden.prompts, count: greedy[0].count) == greedy)
  }

  private func continuations(
    _ model: some LanguageModel, _ prompts: [[Int]], count: Int
  ) throws -> [[Int]] {
    try Inference(model, workers: workers, tokensAtOnce: 9).continuations(
      of: prompts, count: count)
  }

  @Test(arguments: Golden.causal)
  func `log-probabilities of continuations equal those of transformers`(name: String) throws {
    let (model, golden) = try Golden.load(name)
    let scored = golden.continuations ?? []
    let found = try logProbabilities(
      model, scored.map { Continuation(prompt: $0.prompt, tokens: $0.continuation) })
    for (found, expected) in zip(found, scored.map(\.logProbability)) {
      #expect(abs(found - expected) <= 1e-4 * max(1, abs(expected)))
    }
  }

  private func logProbabilities(
    _ model: some LanguageModel, _ continuations: [Continuation]
  ) throws -> [Double] {
    try Inference(model, workers: workers).logProbabilities(of: continuations)
  }

  @Test(arguments: Golden.masked)
  func `a packed batch of masked prompts equals a padded one of transformers`(
    name: String
  ) throws {
    let (model, golden) = try Golden.load(name)
    try checkMasked(model, golden, name)
  }

  private func checkMasked(_ model: some LanguageModel, _ golden: Golden, _ name: String) throws {
    let inference = Inference(model, workers: workers)
    let positions = golden.prompts.map { $0.count > 2 ? [1, $0.count - 1] : [0] }
    let stream = try model.embed(golden.prompts)
    let rows = zip(stream.sequences.starts, positions).flatMap { start, positions in
      positions.map { start + $0 }
    }
    let finished = model.advance(
      stream, through: 0..<model.shape.layerCount, reading: rows, using: workers
    ).rows
    let logits = try inference.logits(of: finished)
    let fillings = try inference.likeliestTokens(after: finished)
    let tokens = rows.indices.map { $0 + 3 }
    let scores = try inference.logProbabilities(of: tokens, rows: finished)
    let expected = try positions.enumerated().flatMap { prompt, positions in
      let logits = try Golden.logits(name, prompt: prompt)
      return positions.map { logits.gathering([$0]) }
    }
    #expect(expected.count == rows.count)
    for (row, expected) in expected.enumerated() {
      #expect(logits.gathering([row]).relativeDifference(from: expected) <= tolerance)
      #expect(fillings[row] == expected.largestColumn(of: 0))
      let score = expected.logProbability(of: tokens[row], row: 0)
      #expect(abs(scores[row] - score) <= 1e-4 * abs(score))
    }
  }
}
