// A model and an objective of one's own: the same search.
import Foundation
import LaserOps
import Numerics

/// One matrix, noisy around something of rank 1.
struct Toy: EditableModel {
  var weight: Weight
  let weightSites = [WeightSite(.mlpInput, layer: 0)]
  func weight(at site: WeightSite) -> Weight { weight }
  func replacing(_ site: WeightSite, with weight: Weight) -> Toy { Toy(weight: weight) }
}

/// An example is a row of the matrix: a success where it is near the row without noise.
struct Denoising: Objective {
  let truth: Matrix
  let secondaryMeasure = SecondaryMeasure.loss
  var exampleCount: Int { truth.rows }

  func outcomes(of candidates: [Candidate<Toy>], on examples: [Int]) -> [[Outcome]] {
    candidates.map { candidate in
      let difference = candidate.model.weight.matrix - truth
      return examples.map { row in
        let error = (0..<truth.columns).map { abs(difference[row, $0]) }.max() ?? 0
        return Outcome(isSuccess: error < 0.25, measure: Double(error))
      }
    }
  }
}

var random = SplitMix64(seed: 1)
let truth = LowRankFactors(
  left: .random(rows: 40, columns: 1, using: &random),
  right: .random(rows: 1, columns: 20, using: &random)
).product
let noise = Matrix.random(rows: 40, columns: 20, standardDeviation: 0.1, using: &random)
let search = InterventionSearch(
  model: Toy(weight: .dense(truth + noise)), objective: Denoising(truth: truth),
  split: try DataSplit(exampleCount: 40), space: try SearchSpace(fractions: [0.5, 0.2, 0.05]))
if let result = try search.run() {
  print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
}
