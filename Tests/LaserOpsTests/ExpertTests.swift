import LaserOps
import Numerics
import Testing

/// Two layers whose `Uin` has three experts of 6 × 4.
private struct ToyMixture: EditableModel {
  var weights: [WeightSite: Weight] = [:]

  init(seed: UInt64 = 1) {
    var generator = SplitMix64(seed: seed)
    for site in weightSites {
      weights[site] = .dense(Matrix.random(rows: 6, columns: 4, using: &generator))
    }
  }

  var weightSites: [WeightSite] {
    (0..<2).flatMap { layer in
      (0..<3).map { WeightSite(.mlpInput, layer: layer, expert: $0) }
    }
  }
  func weight(at site: WeightSite) -> Weight {
    weights[site] ?? .dense(Matrix(rows: 0, columns: 0))
  }
  func replacing(_ site: WeightSite, with weight: Weight) -> ToyMixture {
    var edited = self
    edited.weights[site] = weight
    return edited
  }
}

/// Scores a mixture by the norm that its experts have lost.
private struct LostNorm: Objective {
  let secondaryMeasure = SecondaryMeasure.loss
  let exampleCount = 20
  let whole: ToyMixture

  func outcomes(of candidates: [Candidate<ToyMixture>], on examples: [Int]) -> [[Outcome]] {
    candidates.map { candidate in
      let lost = whole.weightSites.reduce(0.0) { sum, site in
        sum + (candidate.model.weight(at: site).matrix - whole.weight(at: site).matrix).norm
      }
      return examples.map { _ in Outcome(isSuccess: true, measure: Double(lost)) }
    }
  }
}

@Suite struct ExpertTests {
  private let model = ToyMixture()

  private func space(apart: Bool) throws -> SearchSpace {
    var space = try SearchSpace(fractions: [0.5])
    space.takesExpertsApart = apart
    return space
  }

  @Test func `an edit without an expert stands for all of its layer, unless they are taken apart`()
    throws
  {
    let together = try space(apart: false).steps(for: model).flatMap(\.interventions)
    #expect(together.map(\.description) == ["Uin:0:0.5", "Uin:1:0.5"])
    let apart = try space(apart: true).steps(for: model).flatMap(\.interventions)
    #expect(apart.map(\.description).prefix(3) == ["Uin:0#0:0.5", "Uin:0#1:0.5", "Uin:0#2:0.5"])
    #expect(apart.count == 6)
  }

  @Test(arguments: [false, true])
  func `a search edits the experts that its edits name`(apart: Bool) throws {
    let journal = Journal<Trial>()
    _ = try InterventionSearch(
      model: model, objective: LostNorm(whole: model), split: DataSplit(exampleCount: 20),
      space: space(apart: apart), options: .init()
    ).run(journal: journal)
    for edit in try space(apart: apart).steps(for: model).flatMap(\.interventions) {
      let trial = try #require(journal.trial(of: [edit], on: .validation))
      let expected = LostNorm(whole: model).outcomes(
        of: [try Candidate([edit], of: model)], on: [0])
      #expect(abs(trial.measure.mean - expected[0][0].measure) < 1e-5)
    }
  }

  @Test func `a rule finds a rank of its own in every expert`() throws {
    #expect(try SearchSpace.aboveNoise().steps(for: model).map(\.site) == model.weightSites)
  }

  @Test func `the rank study has a line an expert`() throws {
    let result = try RankStudy(of: model).run(journal: Journal())
    #expect(result.sites.map(\.key) == model.weightSites)
    #expect(Set(result.sites.map(\.effectiveRank)).count == 6)
  }

  @Test func `a matrix with an element that is no number is named`() {
    var matrix = model.weight(at: model.weightSites[1]).matrix
    matrix[3, 2] = .nan
    let damaged = model.replacing(model.weightSites[1], with: .dense(matrix))
    #expect(throws: InterventionError.notFinite(matrix: "Uin:0#1", row: 3, column: 2)) {
      try damaged.applying(Intervention.list(parsing: "Uin:*:0.5"))
    }
  }
}
