// Rooms played by a policy, greedily, up to 120 steps each.
//
//     RolloutBenchmark LEVELS POLICY [--threads N] [--count N]
//
// `rollouts` counts actions, as the peers do, and `rooms` counts rooms. The file's rooms come again and again where it has
// fewer than are played.

import BenchmarkSupport
import DecisionTransformer
import Foundation
import LaserOps
import Numerics
import Sokoban

let arguments = Arguments()
guard arguments.plain.count == 2 else {
  print("usage: RolloutBenchmark LEVELS POLICY [--threads N] [--count N]")
  exit(64)
}
let levels = try LevelFile(contentsOf: arguments.plain[0]).levels
let policy = try Policy(contentsOf: URL(fileURLWithPath: arguments.plain[1]))
let count = arguments.number("count", 512)

let rooms = (0..<count).map { levels[$0 % levels.count] }
// The games are the same every time, and so is the number of actions.
let actions = try policy.play(rooms, workers: arguments.workers).reduce(0) { $0 + $1.steps }

var process = MeasuringProcess()
process.measurements["rollouts"] = {
  try Timing(of: actions) { _ = try policy.play(rooms, workers: arguments.workers) }
}
process.measurements["rooms"] = {
  try Timing(of: count) { _ = try policy.play(rooms, workers: arguments.workers) }
}
try process.serve()
