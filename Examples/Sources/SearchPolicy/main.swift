// Which edit of a policy solves more levels? Usage: SearchPolicy POLICY LEVELS
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: SearchPolicy POLICY LEVELS")
  exit(64)
}
let policy = try Policy(contentsOf: URL(fileURLWithPath: arguments[1]))
let levels = try LevelFile(contentsOf: arguments[2]).levels
let experiment = PolicyExperiment(
  policy: policy, levels: levels, split: try DataSplit(exampleCount: levels.count))
let search = InterventionSearch(
  of: experiment, space: try SearchSpace(kinds: [.mlpInput], fractions: [0.5, 0.1]))
if let result = try search.run() {
  print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
}
