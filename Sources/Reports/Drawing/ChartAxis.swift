/// An axis of a chart: what it measures, in which unit, and how values are spread along it.
public struct ChartAxis: Equatable, Sendable {
  /// How values are spread along an axis.
  public enum Scale: Equatable, Sendable {
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
  public let quantity: String
  /// Its unit; empty for a number that counts or names something, such as a layer.
  public let unit: String
  /// How values are spread.
  public let scale: Scale
  /// Values that the axis shall reach, whatever the data; for example 0.
  public let including: [Double]

  /// An axis of `quantity` in `unit`.
  public init(
    _ quantity: String, unit: String = "", scale: Scale = .linear, including: [Double] = []
  ) {
    self.quantity = quantity
    self.unit = unit
    self.scale = scale
    self.including = including
  }

  /// The layers of a model, as every figure by layer has them.
  static let layers = ChartAxis("layer", scale: .whole)

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
