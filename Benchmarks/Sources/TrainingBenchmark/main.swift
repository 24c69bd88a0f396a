// Updates of the default Decision Transformer: 64 windows of 30 time steps, the shape of peers/train_step.py.
//
//     TrainingBenchmark [--threads N] [--width C]
//
// The episodes' rooms are played on the way, as in training.

import BenchmarkSupport
import DecisionTransformer
import LaserOps
import Numerics
import Sokoban

// Thirty steps: to and fro fourteen times, then to the box and the push that solves.
let episode = """
  ##########
  #  @ $.  #
  #   #    #
  #        #
  #  ## #  #
  #   # #  #
  #        #
  # #   #  #
  #        #
  ##########
  Solution: \(String(repeating: "lr", count: 14))rR

  """
let episodes = try EpisodeCollection(parsing: Array(episode.utf8), named: "the benchmark's episode")

let arguments = Arguments()
var configuration = PolicyConfiguration()
configuration.setWidth(arguments.number("width", 128))
configuration.contextSteps = 30
configuration.encoder.channels = [32, 32]
var options = TrainingOptions()
options.batch = 64
let trainer = try PolicyTrainer(
  configuration, options: options,
  episodes: try EpisodeDataset(episodes, for: configuration), workers: arguments.workers)
_ = try trainer.step()

var process = MeasuringProcess()
process.measurements["training"] = {
  let updates = 5
  return try Timing(of: updates * options.batch) {
    for _ in 0..<updates { _ = try trainer.step() }
  }
}
try process.serve()
