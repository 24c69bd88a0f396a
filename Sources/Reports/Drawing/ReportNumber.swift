internal import Foundation

/// Numbers as reports print them.
package enum ReportNumber {
  /// A number with a fixed count of digits behind the point.
  package static func fixed(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value).replacingOccurrences(of: "-", with: "−")
  }

  /// A share in per cent, for example `50.7 %`.
  package static func percent(_ share: Double, digits: Int = 1) -> String {
    fixed(100 * share, digits: digits) + " %"
  }

  /// A change with its sign, for example `+2.3`.
  package static func signed(_ value: Double, digits: Int) -> String {
    let size = fixed(abs(value), digits: digits)
    // What rounds to zero has no direction.
    let isZero = size.allSatisfy { $0 == "0" || $0 == "." }
    return (value < 0 && !isZero ? "−" : "+") + size
  }

  /// A number and the bounds of its interval, for example `7.18 [7.02, 7.34]`.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - bounds: The lower and the upper end.
  ///   - factor: What all three are multiplied by, 100 for points of a share.
  ///   - digits: The digits behind the point.
  /// - Returns: The text.
  package static func interval(
    _ value: Double, _ bounds: [Double], times factor: Double = 1, digits: Int
  ) -> String {
    interval(value, bounds) { fixed(factor * $0, digits: digits) }
  }

  /// A change and the bounds of its interval, for example `−0.3 [−1.1, +0.5]`.
  package static func signedInterval(
    _ value: Double, _ bounds: [Double], times factor: Double = 1, digits: Int
  ) -> String {
    interval(value, bounds) { signed(factor * $0, digits: digits) }
  }

  private static func interval(
    _ value: Double, _ bounds: [Double], _ text: (Double) -> String
  ) -> String {
    "\(text(value)) [\(bounds.map(text).joined(separator: ", "))]"
  }

  /// A p-value: two significant digits, very small ones as a bound.
  package static func pValue(_ value: Double) -> String {
    value < 0.0001 ? "< 0.0001" : String(format: "%.2g", value)
  }

  /// A p-value in a sentence: `p = 0.031`, `p < 0.0001`.
  package static func significance(_ value: Double) -> String {
    value < 0.0001 ? "p \(pValue(value))" : "p = \(pValue(value))"
  }
}
