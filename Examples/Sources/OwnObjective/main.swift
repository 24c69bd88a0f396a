// A model and an objective of one's own: the same search, and its page in toy/report.html.
import Foundation
import LaserOps
import Numerics
import Reports

/// One matrix, noisy around something of rank 1.
struct Toy: EditableModel {
  var weight: Weight
  let weightSites = [WeightSite(.mlpInput, layer: 0)]
  func weight(at site: WeightSite) -> Weight { weight }
  func replacing(_ site: WeightSite, with weight: Weight) -> Toy { Toy(weight: weight) }
}

var random = SplitMix64(seed: 1)
let truth = Matrix.random(rows: 40, columns: 1, using: &random)
  .multiplied(by: Matrix.random(rows: 1, columns: 20, using: &random))
let noise = Matrix.random(rows: 40, columns: 20, standardDeviation: 0.1, using: &random)
// An example is a row of the matrix: a success where it is near the row without noise.
let objective = ExampleObjective<Toy>(count: 40, measure: .loss) { [truth] model, row in
  let error = (0..<20).map { abs(model.weight.matrix[row, $0] - truth[row, $0]) }.max() ?? 0
  return Outcome(isSuccess: error < 0.25, measure: Double(error))
}
let search = InterventionSearch(
  model: Toy(weight: .dense(truth + noise)), objective: objective,
  split: try DataSplit(exampleCount: 40), space: try SearchSpace(fractions: [0.5, 0.2, 0.05]))
let folder = RunFolder(URL(fileURLWithPath: "toy"))
// The fingerprint decides whether a folder goes on: with another matrix it is refused.
let identity = RunIdentity(model: ComponentMask.fingerprint(of: truth + noise))
if let result = try folder.run(search, of: identity) {
  print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
  let report = try SearchReport(of: folder, vocabulary: .init(score: "near rows", example: "rows"))
  let page = ReportDocument(
    title: "Toy", summary: "One matrix.",
    sections: [.init("Search", [report.headline, report.table])])
  try page.html.write(to: folder.report, atomically: true, encoding: .utf8)
}
