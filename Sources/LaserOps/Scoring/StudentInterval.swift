internal import Foundation

/// Student's interval for the mean of a few independent values, such as the solve rates of policies of different seeds.
package struct StudentInterval: Equatable, Sendable {
  /// The arithmetic mean.
  package let mean: Double
  /// The 95 % interval of the mean; nil for a single value, which says nothing of others.
  package let interval: ClosedRange<Double>?

  /// The mean of `values` with x̄ ± t · s / √n, t of n − 1 degrees of freedom.
  ///
  /// - Precondition: There is at least one value.
  package init(of values: [Double]) {
    let estimate = Estimate(of: values)
    mean = estimate.mean
    guard values.count > 1 else {
      interval = nil
      return
    }
    let reach = Self.quantile(within: 0.95, degrees: values.count - 1) * estimate.standardError
    interval = (mean - reach)...(mean + reach)
  }

  /// The t within which, on both sides of zero, lies `share` of Student's distribution.
  ///
  /// - Precondition: `degrees > 0`, `share` from 0 to below 1.
  static func quantile(within share: Double, degrees: Int) -> Double {
    var (low, high) = (0.0, 1.0)
    while self.share(within: high, degrees: degrees) < share { high *= 2 }
    // Sixty halvings leave nothing of a double.
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if self.share(within: middle, degrees: degrees) < share {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// How much of the distribution lies below `t`.
  ///
  /// - Precondition: `degrees > 0`.
  static func share(below t: Double, degrees: Int) -> Double {
    // Of a far t the rounding is more than what lies beyond it.
    let beyond = max(0, 0.5 - 0.5 * share(within: abs(t), degrees: degrees))
    return t < 0 ? beyond : 1 - beyond
  }

  /// How much of the distribution lies from −t to t (Abramowitz and Stegun, 26.7.3 and 26.7.4).
  private static func share(within t: Double, degrees: Int) -> Double {
    let angle = atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = !degrees.isMultiple(of: 2)
    guard degrees > 1 else { return 2 * angle / .pi }
    var term = isOdd ? cosine : 1
    var sum = term
    for power in stride(from: isOdd ? 3 : 2, to: degrees, by: 2) {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }
}
