// Environment steps, generated rooms and solved levels.
//
//     SokobanBenchmark [LEVELS] [--threads N] [--count N]
//
// steps: 256 four-box rooms side by side, random actions, the tiny picture kept up to date.
// rooms: 10 × 10, four boxes, gym-sokoban's algorithm.
// solving: every level of the file LEVELS in the fewest moves.

import BenchmarkSupport
import LaserOps
import Numerics
import Sokoban

struct SokobanBenchmark {
  let workers: Workers
  /// Rooms or levels that one piece of work takes.
  let pieceSize = 25

  func generateRooms(_ count: Int) throws -> [Level] {
    try workers.map((count + pieceSize - 1) / pieceSize) { [pieceSize] piece in
      var generator = try RoomGenerator()
      return try (piece * pieceSize..<min(count, (piece + 1) * pieceSize)).map { index in
        var numbers = SplitMix64(seed: 1, stream: index)
        return try generator.room(using: &numbers)
      }
    }.flatMap(\.self)
  }

  func solve(_ levels: [Level]) throws {
    _ = try workers.map((levels.count + pieceSize - 1) / pieceSize) { [pieceSize] piece in
      var solver = Solver()
      let end = min(levels.count, (piece + 1) * pieceSize)
      return try levels[piece * pieceSize..<end].map { try solver.solve($0).moves }
    }
  }

  /// The sum of the rewards, so that nothing is optimised away.
  func play(_ rooms: [Level], stepsEach: Int) throws -> Double {
    try workers.map(workers.count) { worker in
      var batch = try EnvironmentBatch(rooms)
      var numbers = SplitMix64(seed: 2, stream: worker)
      var total = 0.0
      for _ in 0..<stepsEach {
        for index in rooms.indices {
          let action = Action(rawValue: UInt8(numbers.next() >> 32 & 7) + 1) ?? .none
          let transition = batch.step(index, action)
          total += transition.reward
          if transition.isDone { batch.reset(index) }
        }
      }
      return total
    }.reduce(0, +)
  }
}

let arguments = Arguments()
let benchmark = SokobanBenchmark(workers: arguments.workers)
let levels = try arguments.plain.first.map { try LevelFile(contentsOf: $0).levels } ?? []
let chosen = Array(levels.prefix(arguments.number("count", levels.count)))

var process = MeasuringProcess()
process.measurements["rooms"] = {
  let count = arguments.number("count", 2_000)
  return try Timing(of: count) { _ = try benchmark.generateRooms(count) }
}
process.measurements["solving"] = {
  try Timing(of: chosen.count) { try benchmark.solve(chosen) }
}
process.measurements["steps"] = {
  let stepsEach = 20_000
  var total = 0.0
  let measurement = try Timing(of: benchmark.workers.count * 256 * stepsEach) {
    total = try benchmark.play(Array(levels.prefix(256)), stepsEach: stepsEach)
  }
  precondition(total.isFinite)
  return measurement
}
try process.serve()
