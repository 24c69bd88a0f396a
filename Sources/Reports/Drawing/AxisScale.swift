internal import Foundation

/// Where the values of an axis lie, and its ticks.
struct AxisScale: Equatable {
  /// A marked value.
  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  /// The marked values, lowest first.
  let ticks: [Tick]
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool

  /// The scale of `axis` for a chart that shows `values`.
  init(_ axis: ChartAxis, covering values: [Double], wanted: Int = 5) {
    let values = axis.covered(values)
    switch axis.scale {
    case .linear: self.init(covering: values + axis.including, wanted: wanted)
    case .whole: self.init(covering: values + axis.including, wanted: wanted, smallestStep: 1)
    case .logarithmic: self.init(magnitudesOf: values + axis.including)
    case .names(let names): self.init(names: names)
    }
  }

  /// A linear scale that covers `values` with about `wanted` round steps of 1, 2 or 5 times a power of ten.
  init(covering values: [Double], wanted: Int = 5, smallestStep: Double = 0) {
    // Values beyond what steps can count are no figures of ours; they must not trap.
    let finite = values.filter { abs($0) < 1e300 }
    let low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if high - low <= 1e-12 * abs(low) || high - low < 1e-300 {
      high = low + max(1e-9, abs(low) * 0.1, 1e-3)
    }
    let rough = max(smallestStep, (high - low) / Double(wanted))
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 }) ?? 10 * power
    let first = (low / step + 1e-9).rounded(.down)
    let last = max(first + 1, (high / step - 1e-9).rounded(.up))
    let count = Int(min(100, last - first))
    let values = (0...count).map { (first + Double($0)) * step }
    self.init(
      ticks: values.map { Tick(value: $0, label: Self.label($0, step: step, high: values[count])) })
  }

  /// A logarithmic scale that covers the positive ones of `values`.
  private init(magnitudesOf values: [Double]) {
    let positive = values.filter { $0.isFinite && $0 > 0 }
    let low = floor(log10(positive.min() ?? 1))
    let high = max(low + 1, ceil(log10(positive.max() ?? 10)))
    // Over many powers of ten not every one is marked.
    let stride = max(1, Int((high - low) / 6))
    let factors = high - low < 3 ? [1.0, 2, 5] : [1]
    let ticks = Swift.stride(from: Int(low), through: Int(high), by: stride).flatMap { power in
      factors.map { $0 * pow(10, Double(power)) }.filter { $0 <= pow(10, high) * 1.001 }
    }
    self.init(
      ticks: ticks.map { Tick(value: $0, label: Self.label(magnitude: $0)) },
      from: low, to: high, isLogarithmic: true)
  }

  /// A scale of names side by side, each in the middle of its share.
  private init(names: [String]) {
    self.init(
      ticks: names.enumerated().map { Tick(value: Double($0.offset), label: $0.element) },
      from: -0.5, to: Double(max(1, names.count)) - 0.5)
  }

  private init(ticks: [Tick]) {
    self.init(ticks: ticks, from: ticks[0].value, to: ticks[ticks.count - 1].value)
  }

  private init(ticks: [Tick], from low: Double, to high: Double, isLogarithmic: Bool = false) {
    self.ticks = ticks
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
  }

  /// The place of `value` as a share of the axis' length; nil for what has none, such as 0 among magnitudes.
  func position(_ value: Double) -> Double? {
    let place = ((isLogarithmic ? log10(value) : value) - low) / (high - low)
    return place.isFinite ? place : nil
  }

  /// Whether the axis reaches `value`, or has no place for it anyway.
  func covers(_ value: Double) -> Bool {
    position(value).map { -1e-9 <= $0 && $0 <= 1 + 1e-9 } ?? true
  }

  /// A magnitude as it is said: 500, 10k, 2M.
  private static func label(magnitude value: Double) -> String {
    switch value {
    case 1e6...: svg(value / 1e6) + "M"
    case 1e4...: svg(value / 1e3) + "k"
    default: svg(value)
    }
  }

  /// A tick's value with as many digits as its step needs.
  private static func label(_ tick: Double, step: Double, high: Double) -> String {
    if step >= 1_000, high >= 10_000 { return "\(ReportNumber.fixed(tick / 1_000, digits: 0))k" }
    let digits = max(0, Int((-log10(step) + 0.999).rounded(.down)))
    return ReportNumber.fixed(tick, digits: digits)
  }
}
