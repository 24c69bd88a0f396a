internal import LaserOps

/// What the figures of studies have in common: the words of the world that was studied, and its axes.
struct StudyFigures {
  /// How score and examples are called.
  let vocabulary: SearchReport.Vocabulary

  /// The score in per cent.
  var score: ChartAxis { ChartAxis(vocabulary.score, unit: "%") }

  /// A change of the score.
  var change: ChartAxis { ChartAxis("change of the \(vocabulary.score)", unit: "points") }

  /// A share in per cent as a name: `97.5 %`.
  static func percent(_ share: Double) -> String { "\(svg(100 * share)) %" }

  /// A caption that begins with a name of a score, which are written small.
  static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  static func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }

  static func note(_ text: String) -> Markup { .element("p", ["class": "note"], .text(text)) }

  /// Score and secondary measure for a table.
  static func cells(_ summary: SearchResult.Summary) -> [String] {
    let value = summary.measure
    return [
      "\(ReportNumber.percent(summary.score)) ± \(ReportNumber.fixed(100 * summary.scoreStandardError, digits: 1))",
      "\(ReportNumber.fixed(value.mean, digits: 3)) ± "
        + ReportNumber.fixed(value.standardError, digits: 3),
    ]
  }
}

extension SearchResult.Summary {
  /// What the secondary measure is called.
  var measureAxis: ChartAxis {
    switch measure.kind {
    case .loss: ChartAxis("loss", unit: "nats")
    case .meanReturn: ChartAxis("mean return", unit: "reward")
    case .similarity: ChartAxis("similarity")
    }
  }

  /// The secondary measure with its normal 95 % interval.
  var measurePoint: (value: Double, interval: ClosedRange<Double>?) {
    let (mean, error) = (measure.mean, measure.standardError)
    return (mean, ClosedRange(ends: [mean - 1.96 * error, mean + 1.96 * error]))
  }

  /// The score in per cent with its 95 % interval.
  var scorePoint: (value: Double, interval: ClosedRange<Double>?) {
    let interval = ShareInterval(of: score, examples: examples).interval
    return (100 * score, interval.map { 100 * $0.lowerBound...100 * $0.upperBound })
  }
}

extension ClosedRange<Double> {
  /// From one end to the other; nil for ends that are none, as a file may have that was changed by hand.
  init?(ends: [Double]) {
    guard ends.count == 2, ends[0] <= ends[1] else { return nil }
    self = ends[0]...ends[1]
  }
}
