/// What the figures of studies have in common: the words of the world that was studied, and its axes.
struct StudyFigures {
  /// How score and examples are called.
  let vocabulary: SearchReport.Vocabulary

  /// The score in per cent.
  var score: ChartAxis { ChartAxis(vocabulary.score, unit: "%") }

  /// A change of the score.
  var change: ChartAxis { ChartAxis("change of the \(vocabulary.score)", unit: "points") }

  /// The secondary measure of `summary`.
  func measure(of summary: SearchResult.Summary) -> ChartAxis {
    if summary.meanReturn != nil { return ChartAxis("mean return") }
    if summary.similarity != nil { return ChartAxis("similarity") }
    return ChartAxis("loss", unit: "nats")
  }

  /// A share in per cent as a name: `97.5 %`.
  static func percent(_ share: Double) -> String { "\(svg(100 * share)) %" }

  static func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }

  static func note(_ text: String) -> Markup { .element("p", ["class": "note"], .text(text)) }

  /// Score and secondary measure for a table.
  static func cells(_ summary: SearchResult.Summary) -> [String] {
    let value = summary.measure
    return [
      "\(ReportNumber.percent(summary.score)) ± \(ReportNumber.fixed(100 * summary.scoreStandardError, digits: 1))",
      "\(ReportNumber.fixed(value.mean, digits: 3)) ± \(ReportNumber.fixed(value.error, digits: 3))",
    ]
  }
}

extension SearchResult.Summary {
  /// The secondary measure with its standard error.
  var measure: (mean: Double, error: Double) {
    if let meanReturn { return (meanReturn, meanReturnStandardError ?? 0) }
    if let similarity { return (similarity, similarityStandardError ?? 0) }
    return (loss ?? 0, lossStandardError ?? 0)
  }

  /// The score in per cent with its normal 95 % interval.
  var scorePoint: (percent: Double, interval: ClosedRange<Double>) {
    let half = 1.96 * scoreStandardError
    return (100 * score, 100 * (score - half)...100 * (score + half))
  }
}
