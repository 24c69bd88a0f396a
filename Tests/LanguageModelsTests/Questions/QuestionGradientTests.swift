import Foundation
import LaserOps
import Numerics
import Testing

@testable import LanguageModels

@Suite struct QuestionGradientTests {
  @Test(
    arguments: [
      "gptj-deep-tied", "llama-deep", "llama-dynamic-scaling", "mixtral", "roberta-deep",
    ],
    SmallQuestions.Kind.allCases)
  func `removing a little of a component changes loss and margin as its score says`(
    name: String, kind: SmallQuestions.Kind
  ) throws {
    try check(try Golden.load(name).model, kind)
  }

  @Test(arguments: ["llama-deep", "gptj-deep-tied", "mixtral"], [0, 1])
  func `questions that go down chunk by chunk have the scores of all going down together`(
    name: String, lowest: Int
  ) throws {
    try checkChunks(of: try Golden.load(name).model, from: lowest)
  }

  /// At the sites from layer `lowest` on.
  private func checkChunks<Model: LanguageModel>(of model: Model, from lowest: Int) throws {
    let set = try SmallQuestions(.severalTokenLabels).set(for: model)
    let sites = model.weightSites.filter { $0.layer >= lowest }
    // As often as it takes for several chunks.
    let examples = (0..<400).map { $0 % set.questions.count }
    let plan = DescentPlan(of: model, at: sites, examples: examples.count)
    let chunks = QuestionChunk.chunks(
      of: examples, in: set, isSharingStart: false, tokensAtOnce: plan.tokensAtOnce)
    #expect(chunks.count > 1)
    func scores(memory: Int) throws -> [ComponentScores] {
      #expect(plan.keepsActivations(of: chunks, in: memory) == (memory > 0))
      var scores: [ComponentScores] = []
      try QuestionObjective(set, of: model, memory: memory, workers: Workers(count: 2))
        .componentScores(of: Candidate([], of: model), at: sites, on: examples) {
          scores.append($0)
        }
      return scores
    }
    let (kept, plain) = try (
      scores(memory: QuestionObjective<Model>.defaultMemory), scores(memory: 0)
    )
    #expect(kept.map(\.site) == plain.map(\.site) && !kept.isEmpty)
    #expect(kept.map(\.examples) == plain.map(\.examples))
    #expect(kept.map(\.loss) == plain.map(\.loss))
    #expect(kept.map(\.margin) == plain.map(\.margin))
  }

  private func check<Model: LanguageModel>(_ model: Model, _ kind: SmallQuestions.Kind) throws {
    let set = try SmallQuestions(kind).set(for: model)
    let isRanked = kind == .oneTokenAnswers && !model.shape.isMasked
    let examples = isRanked ? try set.ranked(DataSplit(undivided: 12))[.all] : [7, 2, 5, 0, 11]
    let success: QuestionObjective<Model>.Success = isRanked ? .ranked(within: 2) : .right
    let objective = QuestionObjective(
      set, of: model, success: success, workers: Workers(count: 2))
    let last = model.shape.layerCount - 1
    // Of a mixture one of its experts, which sees only some of the rows.
    let sites = try [(WeightKind.mlpInput, 0), (.value, last / 2), (.mlpOutput, last)].map {
      (kind, layer) in
      try #require(model.weightSites.last { $0.kind == kind && $0.layer == layer })
    }
    var scores: [ComponentScores] = []
    try objective.componentScores(of: Candidate([], of: model), at: sites, on: examples) {
      scores.append($0)
    }
    #expect(Set(scores.map(\.site)) == Set(sites) && scores.count == sites.count)
    // An expert that no token was sent to would pass all of the following.
    #expect(scores.allSatisfy { $0.loss.values.contains { abs($0) > 0.01 } })
    #expect(scores.map(\.site.layer) == sites.map(\.layer).sorted(by: >))
    // Chunks, kept streams and threads change no bit.
    let plain = QuestionObjective(
      set, of: model, memory: 0, success: success, workers: Workers(count: 1))
    var again: [ComponentScores] = []
    try plain.componentScores(of: Candidate([], of: model), at: sites, on: examples) {
      again.append($0)
    }
    #expect(again.map(\.loss) == scores.map(\.loss))
    #expect(again.map(\.margin) == scores.map(\.margin))

    let base = try objective.outcomes(of: [Candidate([], of: model)], on: examples)[0]
    var margins = (checked: 0, all: 0)
    for scores in scores {
      #expect(zip(scores.examples, base).allSatisfy { abs($0.loss - $1.measure) <= 1e-5 })
      #expect((scores.margin != nil) == base.allSatisfy { $0.margin != nil })
      for component in [0, 1] {
        let (low, high) = try (
          outcomes(objective, model, scores.site, component, share: -share, examples),
          outcomes(objective, model, scores.site, component, share: share, examples)
        )
        for example in examples.indices {
          let change = slope(Float(low[example].measure), Float(high[example].measure))
          let score = Double(scores.loss[example, component])
          #expect(abs(change - score) <= 3e-3 + 0.02 * abs(change))
          guard let changes = scores.margin, let middle = base[example].margin,
            let one = low[example].margin, let other = high[example].margin
          else { continue }
          margins.all += 1
          // Where another token becomes the one to outdo the margin has a corner.
          let (left, right) = (2 * slope(one, middle), 2 * slope(middle, other))
          guard abs(left - right) <= 4e-3 + 0.05 * abs(left + right) else { continue }
          margins.checked += 1
          let margin = Double(changes[example, component])
          #expect(abs(slope(one, other) - margin) <= 3e-3 + 0.02 * abs(margin))
        }
      }
    }
    #expect(margins.checked >= margins.all * 3 / 4)
  }

  /// How much of a component is removed, and added: the losses are rounded to single precision, a thousandth of the changes.
  private let share: Float = 0.005

  private func slope(_ low: Float, _ high: Float) -> Double {
    Double(high - low) / Double(2 * share)
  }

  /// What the model answers with a share of one component removed.
  private func outcomes<Model: LanguageModel>(
    _ objective: QuestionObjective<Model>, _ model: Model, _ site: WeightSite, _ component: Int,
    share: Float, _ examples: [Int]
  ) throws -> [Outcome] {
    var matrix = model.weight(at: site).matrix
    let decomposition = try SingularValueDecomposition(of: matrix)
    let factor = share * Float(decomposition.singularValues[component])
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        matrix[row, column] -=
          factor * decomposition.left[row, component]
          * decomposition.rightTransposed[component, column]
      }
    }
    let edited = model.replacing(site, with: .dense(matrix))
    return try QuestionObjective(
      objective.questions, of: edited, success: objective.success, workers: Workers(count: 2)
    ).outcomes(of: [Candidate([], of: edited)], on: examples)[0]
  }
}
