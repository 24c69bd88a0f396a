/// Wilson's interval of a share, such as a solve rate: within 0 and 1, and of some width also where all or none succeed
/// (Journal of the American Statistical Association 22, 1927).
package struct ShareInterval: Equatable, Sendable {
  /// The 95 % interval; nil for a share or a number that is none, as a file may have that was changed by hand.
  package let interval: ClosedRange<Double>?

  /// The interval of `share`, counted on so many examples.
  package init(of share: Double, examples: Int) {
    let (z, count) = (1.96, Double(examples))
    let middle = share + z * z / (2 * count)
    let half = z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    let (low, high) = ((middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count))
    // What is no number fails the comparison; of a share at an end the rounding may lie beyond it.
    interval = low <= high ? (low...high).clamped(to: 0...1) : nil
  }
}
