internal import Numerics
internal import Foundation

/// A trial's margins as a straight line of the unedited model's: one slope, an offset for each of its outcomes.
struct MarginRegression {
  /// Whether there is an offset for the unedited model's failures, successes.
  let isKnown: [Bool]
  /// How far margins are from the line; positive.
  private(set) var deviation: Double
  private var counts = [0.0, 0.0]
  private var centers = [0.0, 0.0]
  private var offsets = [0.0, 0.0]
  private var slope: Double
  private let spread: Double
  private let freedom: Double

  /// Weighs like examples of slope 1 whose margins, in nats, have this sum of squares: little beside any real ones.
  private static let ridge = 0.05
  /// A line through points that lie on it exactly still says nothing for certain: a sum of squares, in nats.
  private static let smallestSquare = 0.005

  /// The line through what was asked, slightly drawn towards slope 1; nil for too few examples with a margin.
  init?(_ asked: RaceForecast.Asked, base: [Outcome]) {
    let points = zip(asked.places, asked.outcomes).compactMap { place, outcome in
      base[place].usableMargin.flatMap { x in
        outcome.margin.map { (group: base[place].isSuccess ? 1 : 0, x: x, y: Double($0)) }
      }
    }
    for point in points {
      counts[point.group] += 1
      centers[point.group] += point.x
      offsets[point.group] += point.y
    }
    isKnown = counts.map { $0 > 1 }
    let groups = isKnown.count(where: \.self)
    let used = points.filter { [isKnown] in isKnown[$0.group] }
    freedom = Double(used.count - groups - 1)
    guard groups > 0, freedom >= 3 else { return nil }
    for group in 0...1 where counts[group] > 0 {
      centers[group] /= counts[group]
      offsets[group] /= counts[group]
    }
    let (centers, offsets) = (centers, offsets)
    spread = used.reduce(Self.ridge) { $0 + pow($1.x - centers[$1.group], 2) }
    let product = used.reduce(Self.ridge) {
      $0 + ($1.x - centers[$1.group]) * ($1.y - offsets[$1.group])
    }
    let slope = product / spread
    self.slope = slope
    let square = used.reduce(Self.smallestSquare) {
      $0 + pow($1.y - offsets[$1.group] - slope * ($1.x - centers[$1.group]), 2)
    }
    deviation = (square / freedom).squareRoot()
  }

  /// One of the lines that the examples asked leave possible.
  func drawn(using generator: inout SplitMix64) -> MarginRegression {
    let noise = (0..<4).map { _ in generator.nextGaussian() }
    var line = self
    line.deviation *= exp(noise[3] / (2 * freedom).squareRoot())
    for group in 0...1 where isKnown[group] {
      line.offsets[group] += line.deviation * noise[group] / counts[group].squareRoot()
    }
    line.slope += line.deviation * noise[2] / spread.squareRoot()
    return line
  }

  /// The margin to be expected where the unedited model has `margin`.
  func margin(of margin: Double, in group: Int) -> Double {
    offsets[group] + slope * (margin - centers[group])
  }
}
