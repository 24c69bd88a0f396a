// An objective of one's own for a model of one's own (Toy.swift): the same search, and its page in toy/report.html.
import Foundation
import LaserOps
import Numerics
import Reports

// An example is a row of the matrix: a success where it is near the row without noise.
let objective = ExampleObjective<Toy>(count: 40, measure: .loss) { model, row in
  let error = (0..<20).map { abs(model.weight.matrix[row, $0] - truth[row, $0]) }.max() ?? 0
  return Outcome(isSuccess: error < 0.25, measure: Double(error))
}
let search = InterventionSearch(
  model: Toy(weight: .dense(noisy)), objective: objective,
  split: try DataSplit(exampleCount: 40), space: try SearchSpace(fractions: [0.5, 0.2, 0.05]))
let folder = RunFolder(URL(fileURLWithPath: "toy"))
// The fingerprint decides whether a folder goes on: with another matrix it is refused.
let identity = RunIdentity(model: ComponentMask.fingerprint(of: noisy))
if let result = try folder.run(search, of: identity) {
  print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
  let report = try SearchReport(of: folder, vocabulary: .init(score: "near rows", example: "rows"))
  let page = ReportDocument(
    title: "Toy", summary: "One matrix.",
    sections: [.init("Search", [report.headline, report.table])])
  try page.html.write(to: folder.report, atomically: true, encoding: .utf8)
}
