import ArgumentParser
import DecisionTransformer
import Sokoban

/// How a policy plays.
struct PlayingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The return that the policy is asked for (default: 10).")
  var targetReturn: Double?

  @Option(help: "The steps after which an episode ends unsolved.")
  var maxSteps = EnvironmentBatch.defaultMaxSteps

  @Flag(help: "Draw actions by their probability instead of taking the most likely.")
  var sample = false

  func rollout(seed: UInt64) -> RolloutOptions {
    var options = RolloutOptions()
    if let targetReturn { options.targetReturn = targetReturn }
    options.maximumSteps = maxSteps
    options.choice = sample ? .sampled(seed: seed) : .greedy
    return options
  }
}
