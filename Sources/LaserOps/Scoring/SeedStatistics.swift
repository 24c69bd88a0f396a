internal import Numerics

/// Two ways to make a model, each with several seeds, on the same examples: what holds over seeds *and* examples.
///
/// A bootstrap resample draws seeds and, for all of them together, examples (arXiv:2108.13264 draws runs within each task;
/// here the examples are drawn too, because a room is one of many). Where the seeds of both ways belong together, as those
/// before and after an edit do, they are drawn together.
///
/// Resamples of a few seeds vary too little: their deviations are widened so that an interval of seeds alone is as wide as
/// Student's (Hesterberg, arXiv:1411.5279, the expanded percentile interval). A single seed says nothing of others: then
/// the intervals are over examples alone. The probability of improvement counts the seeds as they are drawn: moved by
/// the widening, two that are equal would be so no longer.
package struct SeedStatistics: Codable, Equatable, Sendable {
  /// A value with its 95 % interval over seeds and examples.
  package struct Interval: Codable, Equatable, Sendable {
    /// What was measured.
    package let value: Double
    /// The percentile bootstrap's ends.
    package let low: Double
    package let high: Double
  }

  /// Each way's mean over seeds.
  package let baseMean: Interval
  package let otherMean: Interval
  /// Each way's interquartile mean over seeds: the mean of the middle half.
  package let baseMiddle: Interval
  package let otherMiddle: Interval
  /// The other way's mean minus the base's, and the same of the interquartile means.
  package let difference: Interval
  package let middleDifference: Interval
  /// The probability that a seed of the other way scores more than one of the base: its own where they belong together,
  /// any otherwise; equal ones count half.
  package let improvement: Interval

  enum CodingKeys: String, CodingKey {
    case difference
    case baseMean = "base_mean"
    case otherMean = "other_mean"
    case baseMiddle = "base_interquartile_mean"
    case otherMiddle = "other_interquartile_mean"
    case middleDifference = "interquartile_mean_difference"
    case improvement = "probability_of_improvement"
  }

  /// The number of bootstrap resamples.
  package static let resamples = 2_000

  /// Compares scores, `[seed][example]`.
  ///
  /// - Parameters:
  ///   - base: The way to compare with.
  ///   - other: The other.
  ///   - isPaired: Whether the seeds of both belong together, in their order.
  ///   - seed: Seeds the bootstrap.
  /// - Precondition: Each has a seed and an example, all have as many examples, and paired ones as many seeds.
  /// - Complexity: O(seeds · examples · ``resamples``).
  package init(base: [[Double]], other: [[Double]], isPaired: Bool, seed: UInt64) {
    let examples = base.first?.count ?? 0
    precondition(examples > 0 && !other.isEmpty, "nothing to compare")
    precondition((base + other).allSatisfy { $0.count == examples }, "other examples")
    precondition(!isPaired || base.count == other.count, "seeds that cannot be paired")
    var generator = SplitMix64(seed: seed)
    let whole = [Double](repeating: 1, count: examples)
    let (bases, others) = (Self.means(base, whole), Self.means(other, whole))
    let found =
      Self.values(bases, others) + [Self.improvement(bases, others, isPaired: isPaired)]
    var samples = [[Double]](repeating: [], count: found.count)
    for _ in 0..<Self.resamples {
      var weights = [Double](repeating: 0, count: examples)
      for _ in 0..<examples { weights[generator.draw(below: examples)] += 1 }
      let (first, second) = (Self.means(base, weights), Self.means(other, weights))
      let chosen = first.map { _ in generator.draw(below: first.count) }
      let also = isPaired ? chosen : second.map { _ in generator.draw(below: second.count) }
      let (drawn, alsoDrawn) = (chosen.map { first[$0] }, also.map { second[$0] })
      let values =
        Self.values(Self.widened(drawn, around: first), Self.widened(alsoDrawn, around: second))
        + [Self.improvement(drawn, alsoDrawn, isPaired: isPaired)]
      for (place, value) in values.enumerated() { samples[place].append(value) }
    }
    let tail = Self.resamples / 40
    let intervals = zip(found, samples).map { value, samples in
      let sorted = samples.sorted()
      return Interval(value: value, low: sorted[tail], high: sorted[sorted.count - 1 - tail])
    }
    baseMean = intervals[0]
    otherMean = intervals[1]
    baseMiddle = intervals[2]
    otherMiddle = intervals[3]
    difference = intervals[4]
    middleDifference = intervals[5]
    improvement = intervals[6]
  }

  /// Each seed's mean over weighted examples.
  private static func means(_ scores: [[Double]], _ weights: [Double]) -> [Double] {
    scores.map { row in
      var sum = 0.0
      for index in row.indices { sum += row[index] * weights[index] }
      return sum / Double(row.count)
    }
  }

  /// The means and their differences, in the order of the properties.
  private static func values(_ base: [Double], _ other: [Double]) -> [Double] {
    let (first, second) = (mean(base), mean(other))
    let (middle, otherMiddle) = (interquartileMean(base), interquartileMean(other))
    return [first, second, middle, otherMiddle, second - first, otherMiddle - middle]
  }

  /// The share of pairs that the other way wins, equal ones counting half.
  private static func improvement(
    _ base: [Double], _ other: [Double], isPaired: Bool
  ) -> Double {
    let pairs =
      isPaired
      ? Array(zip(base, other)) : base.flatMap { base in other.map { (base, $0) } }
    return mean(pairs.map { $0.1 > $0.0 ? 1 : $0.1 == $0.0 ? 0.5 : 0 })
  }

  /// The resampled seeds, as much farther from the mean as Student's quantile with n − 1 in the deviation is from the
  /// normal one with n.
  private static func widened(_ resampled: [Double], around seeds: [Double]) -> [Double] {
    let count = seeds.count
    guard count > 1 else { return resampled }
    let factor =
      StudentInterval.quantile(within: 0.95, degrees: count - 1) / 1.96
      * (Double(count) / Double(count - 1)).squareRoot()
    let shift = (factor - 1) * (mean(resampled) - mean(seeds))
    // The whole draw moves: its spread within, which interquartile means are made of, stays.
    return resampled.map { $0 + shift }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// The mean of the middle half: a quarter of the values, rounded down, is left out at either end, as
  /// `scipy.stats.trim_mean(values, 0.25)` does.
  static func interquartileMean(_ values: [Double]) -> Double {
    let cut = values.count / 4
    return mean(Array(values.sorted()[cut..<values.count - cut]))
  }
}
