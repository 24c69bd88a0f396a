/// An axis of a chart: what it measures, in which unit, and how values are spread along it.
package struct ChartAxis: Equatable, Sendable {
  /// How values are spread along an axis.
  package enum Scale: Equatable, Sendable {
    /// Evenly.
    case linear
    /// Evenly, and marked at whole numbers: what counts or numbers something, such as layers.
    case whole
    /// By their logarithm; a value that is not positive has no place and is not drawn.
    case logarithmic
    /// By names side by side; the values are their places in the list, from 0.
    case names([String])
  }

  /// The quantity.
  package let quantity: String
  /// Its unit; empty for a number that counts or names something, such as a layer.
  package let unit: String
  /// How values are spread.
  package let scale: Scale
  /// Values that the axis shall reach, whatever the data; for example 0.
  package let including: [Double]
  /// Whether the axis ends where the bulk of the values does; what lies beyond is marked at its edge.
  package let followsBulk: Bool

  /// An axis of `quantity` in `unit`.
  package init(
    _ quantity: String, unit: String = "", scale: Scale = .linear, including: [Double] = [],
    followsBulk: Bool = false
  ) {
    self.quantity = quantity
    self.unit = unit
    self.scale = scale
    self.including = including
    self.followsBulk = followsBulk
  }

  /// The layers of a model, as every figure by layer has them.
  static let layers = ChartAxis("layer", scale: .whole)

  /// Those of `values` that the axis covers: all, or the bulk of them.
  ///
  /// The bulk is what lies within three interquartile ranges of the middle half (Tukey's outer fences, Exploratory Data
  /// Analysis, 1977). An axis that it would not shorten to a half or less covers everything.
  func covered(_ values: [Double]) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted()
    guard followsBulk, sorted.count >= 12 else { return values }
    let (lower, upper) = (sorted[sorted.count / 4], sorted[sorted.count * 3 / 4])
    let reach = 3 * (upper - lower)
    let bulk = sorted.filter { lower - reach <= $0 && $0 <= upper + reach }
    guard reach > 0, let low = bulk.first, let high = bulk.last,
      2 * (high - low) <= sorted[sorted.count - 1] - sorted[0]
    else { return values }
    return bulk
  }

  /// What stands at the axis: the quantity with its unit in brackets.
  var label: String { unit.isEmpty ? quantity : "\(quantity) (\(unit))" }

  /// A value as hovering shows it, without the quantity: `5.0312 nats`, `97.5 %`.
  func text(of value: Double) -> String {
    if case .names(let names) = scale, let place = Int(exactly: value),
      names.indices.contains(place)
    {
      return unit.isEmpty ? names[place] : "\(names[place]) \(unit)"
    }
    return unit.isEmpty ? svg(value) : "\(svg(value)) \(unit)"
  }
}
