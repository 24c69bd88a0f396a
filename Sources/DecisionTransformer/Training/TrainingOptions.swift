#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
package import Sokoban

/// Everything that decides how a policy is trained; saved beside it, so that a resumed run goes on the same way.
public struct TrainingOptions: Codable, Equatable, Sendable {
  /// The number of updates.
  public var steps = 2_000
  /// Windows in a batch.
  public var batch = 64
  /// The highest learning rate (α of AdamW), at most ``maximumLearningRate``.
  public var learningRate = 1e-3
  /// Updates until the rate, rising evenly, has reached its highest value.
  public var warmUpSteps = 100
  /// Updates at the end over which the rate, constant until then, falls to zero in a line: the schedule of a run whose
  /// length need not be known when it begins (arXiv:2405.18392). Nil: half a cosine over the whole run.
  public var decaySteps: Int?
  /// The fraction of the highest rate at which the cosine ends.
  public var finalRateFraction = 0.1
  /// Decay of the first moment (β₁).
  public var firstMomentDecay = 0.9
  /// Decay of the second moment (β₂).
  public var secondMomentDecay = 0.95
  /// Decay of the momentum (μ) by which `Muon` moves the hidden matrices; nil: AdamW moves them too.
  public var muonMomentumDecay: Double?
  /// Added to the root of the second moment (ε).
  public var epsilon = 1e-8
  /// Decoupled weight decay of matrices (λ); biases and norms do not decay.
  public var weightDecay = 0.1
  /// The largest norm of the whole gradient; a longer one is scaled down.
  public var maximumGradientNorm = 1.0
  /// Whether each window is turned and mirrored at random, one of eight ways (four where rooms are not square).
  public var augments = true
  /// Whether every time step of an episode is drawn equally often, by windows that are cut at its start and its end;
  /// nil: all windows are as long as they can be.
  public var drawsEvenly: Bool?
  /// How much what the encoder reads of the plan counts beside the actions, ``EncoderConfiguration/readsPlan``; nil: not
  /// at all.
  public var planWeight: Double?
  /// The share of the episodes, those that earned most, that are learned from; nil: all of them.
  public var bestShare: Double?
  /// Whether the actions of all episodes were dealt out at random before, a control that learns nothing; nil: they were
  /// not, or the training began before 0.13, which does not say.
  public var shufflesActions: Bool?
  /// What the weights and the choice of windows come from.
  public var seed: UInt64 = 0
  /// Pieces that each batch is split into, each with gradients of its own that are added in order. More pieces
  /// keep more cores busy; another number changes the last bits of the result, another number of threads never does.
  public var shards = 4

  /// The defaults.
  public init() {}

  /// The largest rate that is accepted: Adam moves every weight by about the rate, and weights start near 0.02.
  public static let maximumLearningRate = 10.0
  /// The most updates of a run.
  static let maximumSteps = 1_000_000_000

  /// The learning rate of update `step`, counted from 0: up in a line, then down along half a cosine or at the end.
  ///
  /// Of a line up and a line down that overlap, in a short run, the lower one counts.
  public func rate(at step: Int) -> Double {
    let rising =
      step < warmUpSteps
      ? learningRate * Double(step + 1) / Double(warmUpSteps) : learningRate
    if let decaySteps {
      let left = Double(max(0, steps - step)) / Double(max(1, decaySteps))
      return min(rising, learningRate * min(1, left))
    }
    guard step >= warmUpSteps else { return rising }
    let progress = min(1, Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps)))
    let share = finalRateFraction + (1 - finalRateFraction) * 0.5 * (1 + cos(.pi * progress))
    return learningRate * share
  }

  /// What a gradient of some norm is multiplied by before an update.
  func clip(norm: Double) -> Float {
    // As torch.nn.utils.clip_grad_norm_ has it, its small number included.
    Float(min(1, maximumGradientNorm / (norm + 1e-6)))
  }

  /// The options of a run that ends some updates from now, over which its rate falls: the same run as if it had known
  /// its end from the beginning.
  ///
  /// - Parameters:
  ///   - updates: How many are left, at least one.
  ///   - completed: How many have been made.
  /// - Returns: The options with another end.
  /// - Throws: `TrainingError.rateIsFalling` unless the rate has been constant so far;
  ///   `TrainingError.badOption`.
  public func finishing(in updates: Int, after completed: Int) throws -> TrainingOptions {
    guard let decaySteps, completed <= steps - decaySteps else {
      throw TrainingError.rateIsFalling(step: completed)
    }
    guard (1...Self.maximumSteps - completed).contains(updates) else {
      throw TrainingError.badOption(
        "updates to finish in", value: "\(updates)",
        expected: "1 to \(Self.maximumSteps - completed)")
    }
    var finishing = self
    finishing.steps = completed + updates
    finishing.decaySteps = updates
    return finishing
  }

  /// Checks that the numbers make a training run, of a model of these sizes.
  ///
  /// - Throws: `TrainingError.badOption` for the first one that does not.
  func validate(for configuration: PolicyConfiguration) throws {
    try validate()
    if let planWeight, !configuration.encoder.readsPlan {
      throw TrainingError.badOption(
        "plan weight", value: "\(planWeight)", expected: "none, because the encoder reads no plan")
    }
  }

  /// Checks that the numbers make a training run.
  ///
  /// - Throws: `TrainingError.badOption` for the first one that does not.
  public func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      guard holds else {
        throw TrainingError.badOption(name, value: "\(value)", expected: expected)
      }
    }
    try require(
      (1...Self.maximumSteps).contains(steps), "steps", steps, "1 to \(Self.maximumSteps)")
    try require((1...65_536).contains(batch), "batch", batch, "1 to 65536")
    try require((1...1_024).contains(shards), "shards", shards, "1 to 1024")
    try require(
      learningRate > 0 && learningRate <= Self.maximumLearningRate, "learning rate", learningRate,
      "a positive number up to \(Self.maximumLearningRate)")
    try require(warmUpSteps >= 0, "warm-up steps", warmUpSteps, "0 or more")
    if let decaySteps {
      try require((0...steps).contains(decaySteps), "decay steps", decaySteps, "0 to \(steps)")
    }
    try require(
      (0...1).contains(finalRateFraction), "final rate fraction", finalRateFraction, "0 to 1")
    let decays = [
      ("β₁", firstMomentDecay), ("β₂", secondMomentDecay), ("μ", muonMomentumDecay ?? 0),
    ]
    for (name, decay) in decays {
      try require(decay >= 0 && decay < 1, name, decay, "0 to below 1")
    }
    if let planWeight {
      try require(
        planWeight >= 0 && planWeight <= 1e6, "plan weight", planWeight, "0 to 1000000")
    }
    if let bestShare {
      try require(
        bestShare > 0 && bestShare <= 1, "best share", bestShare, "above 0 and at most 1")
    }
    try require(epsilon > 0 && epsilon.isFinite, "epsilon", epsilon, "a positive number")
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "weight decay", weightDecay, "0 or more")
    try require(
      maximumGradientNorm > 0, "maximum gradient norm", maximumGradientNorm, "a positive number")
  }
}

/// Why training cannot begin or go on.
package enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What can stop being a number in training.
  package enum Quantity: String, Equatable, Sendable {
    /// The mean loss of a batch.
    case loss
    /// The norm of the whole gradient.
    case gradientNorm = "norm of the gradient"
    /// One of the model's weights.
    case parameter
    /// One of AdamW's running means.
    case moment = "moment of the optimiser"
  }

  /// A hyperparameter outside its range.
  case badOption(String, value: String, expected: String)
  /// A run whose rate does not stay constant, or no longer does, cannot be given another end.
  case rateIsFalling(step: Int)
  /// An episode's room has another size than the model's picture.
  case wrongRoomSize(
    episode: Int, rows: Int, columns: Int, expectedRows: Int, expectedColumns: Int)
  /// The steps of an episode do not solve its level; episodes count from 0 through all files.
  case badEpisode(Int, SolutionError)
  /// No episode is short enough for the model's time-step embedding.
  case noUsableEpisode(episodes: Int, maximumSteps: Int)
  /// A quantity is no longer a number after `step` updates.
  case diverged(step: Int, quantity: Quantity, value: Double)

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .badOption(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .rateIsFalling(let step):
      "the learning rate after \(step) updates is on its way down, expected a constant one; only a run with decay steps that have not begun can be given another end"
    case .wrongRoomSize(let episode, let rows, let columns, let expectedRows, let expectedColumns):
      "episode \(episode) plays in a room of \(rows) × \(columns) cells, expected \(expectedRows) × \(expectedColumns); train on rooms of one size and set the picture's size to it"
    case .badEpisode(let episode, let reason):
      "episode \(episode) is no solution: \(reason); record it again or leave it out"
    case .noUsableEpisode(let episodes, let maximumSteps):
      "none of the \(episodes) episodes has 1 to \(maximumSteps) steps; give other episodes or a larger step limit"
    case .diverged(let step, let quantity, let value):
      "the \(quantity.rawValue) after \(step) updates is \(value), expected a finite number; train into another folder with a lower learning rate"
    }
  }
}
