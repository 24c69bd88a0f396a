import Numerics
import Foundation
import LaserOps
import Testing

@Suite struct MarchenkoPasturTests {
  /// A matrix with figures that numpy and scipy computed: `Fixtures/make_spectra.py`.
  struct Golden: Decodable, CustomTestStringConvertible {
    let rows: Int
    let columns: Int
    let median: Double
    let threshold: Double
    let rankAboveNoise: Int
    let effectiveRank: Double
    let matrix: [Float]

    var testDescription: String { "\(rows) × \(columns)" }

    enum CodingKeys: String, CodingKey {
      case rows, columns, median, threshold, matrix
      case rankAboveNoise = "rank_above_noise"
      case effectiveRank = "effective_rank"
    }

    static var all: [Golden] {
      get throws {
        let url = try #require(
          Bundle.module.url(forResource: "Fixtures/spectra", withExtension: "json"))
        return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
      }
    }
  }

  @Test func `threshold, rank above noise and effective rank equal numpy's`() throws {
    for golden in try Golden.all {
      let matrix = Matrix(rows: golden.rows, columns: golden.columns, values: golden.matrix)
      let decomposition = try SingularValueDecomposition(of: matrix)
      let law = MarchenkoPastur(rows: golden.rows, columns: golden.columns)
      let threshold = law.threshold(of: decomposition.singularValues)
      #expect(abs(law.median - golden.median) <= 1e-6 * golden.median)
      #expect(abs(threshold - golden.threshold) <= 1e-4 * golden.threshold)
      #expect(decomposition.rankAboveNoise == golden.rankAboveNoise)
      let effectiveRank = decomposition.effectiveRank
      #expect(abs(effectiveRank - golden.effectiveRank) <= 1e-4 * golden.effectiveRank)
    }
  }

  @Test func `next to nothing of pure noise sticks out, and every strong component does`() throws {
    var generator = SplitMix64(seed: 2)
    let noise = Matrix.random(rows: 120, columns: 200, using: &generator)
    #expect(try SingularValueDecomposition(of: noise).rankAboveNoise <= 1)
    let strong = Matrix.random(rows: 120, columns: 4, using: &generator)
      .multiplied(by: Matrix.random(rows: 4, columns: 200, using: &generator))
    let sum = Matrix(rows: 120, columns: 200, values: zip(noise.values, strong.values).map(+))
    #expect(try SingularValueDecomposition(of: sum).rankAboveNoise == 4)
  }

  @Test func `a share made for a rank keeps that rank`() {
    for whole in [1, 7, 64, 100, 576, 4_096] {
      for count in Set([0, 1, whole / 3, whole - 1, whole]) {
        #expect(Fraction(keeping: count, of: whole).count(of: whole) == count)
      }
    }
    #expect(Fraction(keeping: 10, of: 576).description == "0.018")
  }

  @Test func `a grid above the noise has one rank a site`() throws {
    let model = ToyModel()
    let steps = try SearchSpace.aboveNoise().steps(for: model)
    #expect(steps.count == model.weightSites.count)
    for step in steps {
      let decomposition = try SingularValueDecomposition(of: model.weight(at: step.site).matrix)
      let share = Fraction(keeping: decomposition.rankAboveNoise, of: decomposition.count)
      #expect(
        step.interventions == [Intervention(at: step.site, method: .rank(keeping: share))])
    }
  }

  @Test(arguments: [1, 3, 7])
  func `rounding of a matrix without full rank is no signal`(rank: Int) throws {
    var random = SplitMix64(seed: 5)
    let left = Matrix.random(rows: 48, columns: rank, using: &random)
    let right = Matrix.random(rows: rank, columns: 32, using: &random)
    #expect(
      try Spectrum(of: LowRankFactors(left: left, right: right).product).rankAboveNoise == rank)
  }
}
