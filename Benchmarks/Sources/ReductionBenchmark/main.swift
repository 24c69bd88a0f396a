// The best approximations of two matrices at eight ranks each, as a search makes them: a matrix a thread.
//
//     ReductionBenchmark [--threads N] [--rows N]

import BenchmarkSupport
import LaserOps
import Numerics

let arguments = Arguments()
let rows = arguments.number("rows", 4096)
let shares = try [0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01].map { try Fraction($0) }
let matrices = (0..<2).map { stream in
  var generator = SplitMix64(seed: 1, stream: stream)
  return Matrix.random(rows: rows, columns: rows / 4, using: &generator)
}
let workers = arguments.workers

var process = MeasuringProcess()
process.measurements["reduction"] = {
  try Timing(of: matrices.count * shares.count) {
    _ = try workers.map(matrices.count) { index in
      let reduction = MatrixReduction(of: matrices[index])
      return try shares.map { try reduction.weight(after: .rank(keeping: $0)).elementCount }
    }
  }
}
try process.serve()
