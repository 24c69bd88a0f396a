internal import Numerics
internal import Foundation

/// Two models compared on the same examples, pair by pair.
public struct PairedStatistics: Equatable, Sendable {
  /// The edited model's mean minus the base model's.
  public let difference: Double
  /// The percentile bootstrap's 95 % interval of the difference.
  public let interval: ClosedRange<Double>

  /// The number of bootstrap samples.
  public static let resamples = 10_000

  /// The mean of `edited` − `base` with its bootstrap interval.
  ///
  /// - Precondition: Both have the same number of examples, at least one.
  /// - Complexity: O(n · ``resamples``).
  public init(base: [Double], edited: [Double], seed: UInt64) {
    precondition(
      base.count == edited.count && !base.isEmpty,
      "\(base.count) and \(edited.count) outcomes cannot be paired")
    let differences = zip(base, edited).map { $1 - $0 }
    let count = differences.count
    difference = differences.reduce(0, +) / Double(count)
    var generator = SplitMix64(seed: seed)
    var means = (0..<Self.resamples).map { _ in
      var total = 0.0
      for _ in 0..<count {
        total += differences[generator.draw(below: count)]
      }
      return total / Double(count)
    }
    means.sort()
    let tail = Self.resamples / 40
    interval = means[tail]...means[Self.resamples - 1 - tail]
  }

  /// The two-sided exact McNemar p-value: how likely so uneven a split of the examples on which the
  /// models disagree is, if neither were better.
  ///
  /// - Precondition: Both have the same number of examples.
  public static func exactMcNemar(base: [Bool], edited: [Bool]) -> Double {
    precondition(base.count == edited.count, "outcomes cannot be paired")
    let gained = zip(base, edited).count { !$0 && $1 }
    let lost = zip(base, edited).count { $0 && !$1 }
    let disagreements = gained + lost
    guard disagreements > 0 else { return 1 }
    // 2 · P(X ≤ min(gained, lost)) for X ~ Binomial(disagreements, 1/2), in logarithms: 2⁻ⁿ underflows.
    let logOfAll = Double(disagreements) * log(2.0)
    var tail = 0.0
    for successes in 0...min(gained, lost) {
      let failures = disagreements - successes
      let logOfChoices =
        lgamma(Double(disagreements + 1)) - lgamma(Double(successes + 1))
        - lgamma(Double(failures + 1))
      tail += exp(logOfChoices - logOfAll)
    }
    return min(1, 2 * tail)
  }
}

/// A mean with its standard error.
public struct Estimate: Equatable, Sendable {
  /// The arithmetic mean.
  public let mean: Double
  /// The standard error of the mean; zero for a single value.
  public let standardError: Double

  /// The mean of `values` and its standard error √(s² / n).
  ///
  /// - Precondition: There is at least one value.
  public init(of values: [Double]) {
    precondition(!values.isEmpty, "the mean of nothing")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = values.count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
  }
}
