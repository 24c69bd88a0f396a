// Rooms played by a policy, greedily, up to 120 steps each.
//
//     RolloutBenchmark LEVELS POLICY [--threads N] [--count N]
//
// The policy has the default sizes and has learned nothing, so nearly every game lasts all 120 steps. It is written to
// the folder POLICY, where the peer reads it. The file's rooms come again and again where it has fewer than are played.

import BenchmarkSupport
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

let arguments = Arguments()
guard arguments.plain.count == 2 else {
  print("usage: RolloutBenchmark LEVELS POLICY [--threads N] [--count N]")
  exit(64)
}
let levels = try LevelFile(contentsOf: arguments.plain[0]).levels
var configuration = Configuration()
configuration.encoder.channels = [32, 32]
let policy = try Policy(untrained: configuration, seed: 1)
try policy.save(to: URL(fileURLWithPath: arguments.plain[1]))

let count = arguments.number("count", 512)

var process = MeasuringProcess()
process.measurements["rollouts"] = {
  let rooms = (0..<count).map { levels[$0 % levels.count] }
  return try Timing(of: count) { _ = try policy.play(rooms, workers: arguments.workers) }
}
try process.serve()
