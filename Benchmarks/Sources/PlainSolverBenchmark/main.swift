// The peer of SokobanBenchmark's solving: the same levels by a plain A*.
//
//     PlainSolverBenchmark LEVELS [--threads N]

import BenchmarkSupport
import Foundation
import LaserOps
import Numerics
import Sokoban

let arguments = Arguments()
guard let file = arguments.plain.first else {
  print("usage: PlainSolverBenchmark LEVELS [--threads N]")
  exit(64)
}
let levels = try LevelFile(contentsOf: file).levels
var solver = Solver()
let lengths = try levels.map { try solver.solve($0).moves }

var process = MeasuringProcess(name: "plain A* over pushes, in Swift")
process.measurements["solving"] = {
  var found: [Int?] = []
  let measurement = Timing(of: levels.count) {
    found = arguments.workers.map(levels.count) { PlainSolver(levels[$0]).leastMoves() }
  }
  precondition(found == lengths, "the two solvers disagree")
  return measurement
}
try process.serve()
