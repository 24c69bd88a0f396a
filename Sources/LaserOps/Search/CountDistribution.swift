internal import Foundation

/// How probable 0, 1, 2… successes among some examples are.
struct CountDistribution {
  /// The probability of each number.
  private(set) var probabilities: [Double]

  /// A number with these probabilities; without any, 0 for certain.
  init(_ probabilities: [Double] = [1]) { self.probabilities = probabilities }

  /// One more example, which is a success with this chance.
  ///
  /// - Complexity: The number of examples so far.
  mutating func add(_ chance: Double) {
    probabilities.append(0)
    guard chance > 1e-12 else { return }
    for count in stride(from: probabilities.count - 1, to: 0, by: -1) {
      probabilities[count] =
        probabilities[count] * (1 - chance) + probabilities[count - 1] * chance
    }
    probabilities[0] *= 1 - chance
  }

  /// More examples, independent of those so far, of whose successes the probabilities are known.
  mutating func add(_ others: [Double]) {
    var sums = [Double](repeating: 0, count: probabilities.count + others.count - 1)
    for (first, probability) in probabilities.enumerated() where probability > 0 {
      for (second, other) in others.enumerated() { sums[first + second] += probability * other }
    }
    probabilities = sums
  }

  /// The number of ones among `count` draws whose rate is uncertain: beta-distributed, as after so many ones and zeros.
  ///
  /// - Precondition: Both numbers are positive.
  static func betaBinomial(count: Int, ones: Double, zeros: Double) -> [Double] {
    precondition(ones > 0 && zeros > 0, "a beta distribution of \(ones) and \(zeros)")
    func logBeta(_ ones: Double, _ zeros: Double) -> Double {
      lgamma(ones) + lgamma(zeros) - lgamma(ones + zeros)
    }
    let whole = lgamma(Double(count) + 1) - logBeta(ones, zeros)
    return (0...count).map { number in
      let (new, rest) = (Double(number), Double(count - number))
      let ways = whole - lgamma(new + 1) - lgamma(rest + 1)
      return exp(ways + logBeta(new + ones, rest + zeros))
    }
  }
}
