import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct QuestionObjectiveTests {
  static let models = [
    "gptj-deep-tied", "llama-deep", "mistral-window", "llama-dynamic-scaling", "roberta-deep",
  ]

  @Test(arguments: models, SmallQuestions.Kind.allCases)
  func `every trial is what the whole edited model answers, whatever is kept`(
    name: String, kind: SmallQuestions.Kind
  ) throws {
    try check(try Golden.load(name).model, kind)
  }

  private func check<Model: LanguageModel>(_ model: Model, _ kind: SmallQuestions.Kind) throws {
    let set = try SmallQuestions(kind).set(for: model)
    let last = model.shape.layerCount - 1
    let edits = try ["", "Uin:0:0.3", "Wv:\(last / 2):0.1", "Uout:\(last):0.1", "zero:Wo:*"].map {
      $0.isEmpty ? [] : try Intervention.list(parsing: $0)
    }
    let candidates = try edits.map { try Candidate($0, of: model) }
    let expected = try candidates.map { candidate in
      try QuestionScorer(candidate.model, questions: set, workers: Workers(count: 1))
        .answers(to: Array(set.examples.indices))
    }
    #expect(Set(expected.map { $0.map(\.loss) }).count == candidates.count)
    // Nothing, one stream, some streams, everything.
    var chunk = try #require(
      QuestionChunk.chunks(of: Array(set.examples.indices), in: set).first)
    if set.start != nil {
      let longest = try Inference(model).continuations(of: chunk, in: set) { _, _ in false }
      chunk = chunk.checking(longest, in: set)
    }
    let stream = chunk.sequences.tokenCount * model.shape.width * 4
    for (memory, threads) in [(0, 1), (stream, 3), (3 * stream, 2), (.max, 2)] {
      let objective = QuestionObjective(
        set, of: model, memory: memory, workers: Workers(count: threads))
      let examples = Array(set.examples.indices)
      // In any order, together and alone.
      for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]] {
        for index in order {
          let outcomes = try objective.outcomes(of: [candidates[index]], on: examples)[0]
          #expect(outcomes == expected[index].map(Self.outcome))
        }
      }
      let part = try objective.outcomes(of: candidates, on: [7, 2, 5])
      #expect(
        part.map { $0.map(\.isSuccess) }
          == expected.map { all in [7, 2, 5].map { all[$0].isCorrect } })
      // Lists that come again, as in a race, one that does not, and the first ones once more.
      let parts = [examples.filter { $0 % 3 == 0 }, examples.filter { $0 % 3 != 0 }]
      let session = objective.session(asking: parts)
      for list in parts + parts.reversed() + [[1, 4]] + parts {
        for index in [1, 4, 2] {
          let outcomes = try session.outcomes(of: [candidates[index]], on: list)[0]
          #expect(outcomes == list.map { Self.outcome(expected[index][$0]) })
        }
      }
    }
  }

  private static func outcome(_ answer: QuestionAnswer) -> Outcome {
    Outcome(
      isSuccess: answer.isCorrect, measure: answer.loss, answer: answer.predicted,
      margin: answer.margin.map { Float($0) })
  }

  @Test func `what becomes of a question does not depend on which others are asked with it`() throws
  {
    let model = try GPTJ(Checkpoint(Golden.folder.appending(path: "gptj-deep-tied")))
    let sets = try SmallQuestions.Kind.allCases.map { try SmallQuestions($0).set(for: model) }
    let open = try SmallQuestions(.oneTokenAnswers).set(for: model)
    let edits = try ["Uin:1:0.5", "Uin:1:0.1"].map { try Intervention.list(parsing: $0) }
    let candidates = try ([[]] + edits).map { try Candidate($0, of: model) }
    let objectives = sets.map { QuestionObjective($0, of: model) }
    for objective in objectives + [
      QuestionObjective(open, of: model, success: .ranked(within: 1))
    ] {
      let all = Array(0..<objective.exampleCount)
      let whole = try objective.outcomes(of: candidates, on: all)
      for part in [all.filter { $0 % 3 == 0 }, all.filter { $0 % 3 != 0 }] {
        for (index, candidate) in candidates.enumerated() {
          let outcomes = try objective.outcomes(of: [candidate], on: part)[0]
          #expect(outcomes == part.map { whole[index][$0] })
        }
      }
    }
  }

  @Test func `a margin above zero is that of a right answer`() throws {
    let model = try GPTJ(Checkpoint(Golden.folder.appending(path: "gptj-deep-tied")))
    let labels = try SmallQuestions(.oneTokenLabels).set(for: model)
    let open = try SmallQuestions(.oneTokenAnswers).set(for: model)
    let deepest = try #require(open.benchmark.scoring.topK.max())
    for (objective, isLabelled) in [
      (QuestionObjective(labels, of: model), true),
      (QuestionObjective(open, of: model, success: .ranked(within: 1)), false),
      (QuestionObjective(open, of: model, success: .ranked(within: deepest)), false),
    ] {
      let base = try Candidate([], of: model)
      let outcomes = try objective.outcomes(
        of: [base], on: Array(0..<objective.exampleCount))[0]
      for (index, outcome) in outcomes.enumerated() {
        // Every fourth answer has two tokens, and no place among the likeliest ones.
        #expect((outcome.margin == nil) == (!isLabelled && index % 4 == 3))
        guard let margin = outcome.margin else { continue }
        // Among all tokens others may have the right one's text.
        #expect(isLabelled ? (margin > 0) == outcome.isSuccess : margin <= 0 || outcome.isSuccess)
      }
    }
    let text = try QuestionObjective(open, of: model).outcomes(
      of: [Candidate([], of: model)], on: [0, 1])[0]
    #expect(text.allSatisfy { $0.margin == nil })
  }

  @Test func `a continuation that differs from the unedited model's is generated from there`()
    throws
  {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let set = try SmallQuestions(.openAnswers).set(for: model)
    let edited = try model.applying(Intervention.list(parsing: "Uout:1:0.95"))
    let inference = Inference(model)
    let chunk = try #require(
      QuestionChunk.chunks(of: Array(set.examples.indices), in: set).first)
    let never = { (_: Int, _: [Int]) in false }
    let base = try inference.continuations(of: chunk, in: set, isFinished: never)
    let checking = chunk.checking(base, in: set)
    let stream = model.advance(
      try model.embed(checking.sequences), through: 0..<1, using: Workers(count: 2))
    let changed = Inference(edited)
    let found = try changed.continuations(
      checking: base, of: checking,
      try changed.readings(of: checking, from: stream, entering: 1), in: set, isFinished: never)
    let expected = try changed.continuations(of: chunk, in: set, isFinished: never)
    #expect(found == expected)
    #expect(found != base)
    #expect(zip(found, base).contains { $0 != $1 && $0.first == $1.first })
  }

  @Test func `streams are kept where they are of use and within the memory`() throws {
    let shape = try Golden.load("llama-deep").model.shape
    let bytes = { (tokens: Int) in tokens * shape.width * 4 }
    func plans(_ memory: Int) -> [StreamCache.Plan] {
      StreamCache.plans(tokens: [30, 20], shape: shape, memory: memory)
    }
    let layers = shape.layerCount
    #expect(plans(.max).allSatisfy { $0.checkpoints == Array(1..<layers) && !$0.keepsLatest })
    #expect(plans(bytes(50)).allSatisfy { $0.checkpoints.isEmpty && $0.keepsLatest })
    #expect(plans(bytes(49)).map(\.keepsLatest) == [true, false])
    #expect(plans(bytes(29)).map(\.keepsLatest) == [false, false])
    let two = plans(bytes(100))
    #expect(two.allSatisfy { $0.checkpoints == [layers / 2] && $0.keepsLatest })
  }

  @Test func `a damaged weight is an error that names its tensor`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let set = try SmallQuestions(.oneTokenLabels).set(for: model)
    let site = WeightSite(.mlpInput, layer: 2)
    var matrix = model.weight(at: site).matrix
    matrix[1, 2] = .nan
    let damaged = model.replacing(site, with: .dense(matrix))
    let objective = QuestionObjective(set, of: damaged)
    #expect(
      throws: LanguageModelError.notFinite(
        tensor: "model.layers.2.mlp.gate_proj.weight", file: model.checkpoint.path, row: 1,
        column: 2)
    ) { try objective.outcomes(of: [Candidate([], of: damaged)], on: [0, 1]) }
  }

  @Test func `a search on questions tells a constant model by what it said`() throws {
    let model = try GPTJ(Checkpoint(Golden.folder.appending(path: "gptj-deep-tied")))
    let set = try SmallQuestions(.oneTokenLabels).set(for: model)
    let search = InterventionSearch(
      model: model, objective: QuestionObjective(set, of: model),
      split: try DataSplit(exampleCount: set.examples.count),
      space: try SearchSpace(kinds: [.mlpInput], layers: [1, 4], fractions: [0.5, 0.1]))
    let result = try #require(try search.run(journal: Journal()))
    // The right answers are a, b, the, in turn: two on validation, ten on test.
    #expect(result.base.validation.majorityAccuracy == 0.5)
    #expect(result.base.test.majorityAccuracy == 0.4)
    let said = try #require(result.best.test.predicted)
    #expect(said.counts.values.reduce(0, +) == 10)
    #expect(Set(said.counts.keys).isSubset(of: ["a", "b", "the"]))
  }
}
