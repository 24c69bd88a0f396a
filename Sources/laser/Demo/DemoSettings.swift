import DecisionTransformer
import LanguageModels
import LaserOps

/// What the demo trains and searches: sizes at which two minutes of training on two cores give a policy that solves
/// some held-out rooms and not others, so that an edit can show what it does, and as much of a search on a language
/// model as a minute allows.
struct DemoSettings {
  /// The name of the room setting in `episodes/`.
  let setting = "one-box"
  /// The same in words.
  let rooms = "10 × 10 rooms with one box"
  /// How many held-out rooms the search plays; the first fifth picks the edit, the rest reports.
  let searchedLevels = 1_000
  /// The fractions of the rank that are tried at every matrix.
  let fractions = [0.8, 0.5, 0.25, 0.1, 0.05, 0.02]

  /// The policy's sizes.
  var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration()
    configuration.layers = 4
    configuration.width = 64
    configuration.heads = 4
    configuration.mlpWidth = 256
    configuration.contextSteps = 16
    return configuration
  }

  /// How it is trained.
  var training: TrainingOptions {
    var options = TrainingOptions()
    options.batch = 32
    options.steps = 2_000
    options.learningRate = 2e-3
    options.seed = 1
    return options
  }

  /// How it plays.
  var rollout: RolloutOptions { RolloutOptions() }

  /// The name of the room setting that the shipped policy plays.
  let shippedSetting = "four-box"
  /// The fractions of the rank that are tried at its matrices.
  let shippedFractions = [0.4, 0.1]

  /// The benchmark that the language model answers: the paper's main one.
  let task = BenchmarkTask.Name.counterFact
  /// The matrices that are cut in the shipped policy and the language model: the paper's search space.
  let mlpKinds = [WeightKind.mlpInput, .mlpOutput]
  /// In how many layers, counted from the last; most of the paper's best edits are there.
  let questionLayerCount = 4
  /// The fractions of the rank that are tried at each of them.
  let questionFractions = [0.4, 0.1, 0.01]

  /// The layers of a language model that are cut.
  func questionLayers(of layerCount: Int) -> Range<Int> {
    max(0, layerCount - questionLayerCount)..<layerCount
  }
}
