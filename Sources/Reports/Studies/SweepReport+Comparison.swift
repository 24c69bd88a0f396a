internal import LaserOps

extension SweepReport {
  /// Studies of layers of several tasks together: beside each other on one scale, and which layers help which task.
  ///
  /// - Parameter reports: Studies of layers, each with its name.
  /// - Returns: The figures, in reading order.
  package static func comparison(of reports: [(name: String, report: SweepReport)]) -> [Markup] {
    [bestAmounts(of: reports)]
      + WeightKind.allCases.compactMap { panels(of: $0, reports)?.markup }
  }

  private static let change = ChartAxis("change of the score", unit: "points")

  /// A panel a study, a line an amount, all on one scale; nil for a kind that none has.
  private static func panels(
    of kind: WeightKind, _ reports: [(name: String, report: SweepReport)]
  ) -> ChartFigure? {
    // A layer has the same place in every panel, also in a study of some layers only.
    let all = reports.flatMap(\.report.result.points).filter { $0.kind == kind }
    let layers = ChartAxis("layer", scale: .whole, including: all.map { Double($0.layer) })
    let studies = reports.map { name, report in
      (name: name, report: report, points: report.result.points.filter { $0.kind == kind })
    }.filter { !$0.points.isEmpty }
    guard !studies.isEmpty else { return nil }
    // A line has one colour in every panel, also beside a study that lacks it.
    let lines = studies.reduce(into: Set<Line>()) { $0.formUnion($1.report.lines(of: $1.points)) }
    let charts = studies.map { name, report, points in
      let base = report.result.base.score
      return LineChart(
        title: name, x: layers, y: change,
        series: report.series(of: points, on: lines) { 100 * ($0.score - base) },
        palette: .ordered, references: [.init("unedited", y: 0)])
    }
    var texts: [String] = []
    for text in studies.map(\.report.lines) where !texts.contains(text) { texts.append(text) }
    return ChartFigure(
      "\(kind.rawValue) in every study: the change of the score against layer, "
        + "\(texts.joined(separator: " or ")) (Figure 9 of the paper).", charts)
  }

  /// The change of the score at the best amount of every layer, a line a study, a panel a kind.
  private static func bestAmounts(
    of reports: [(name: String, report: SweepReport)]
  ) -> Markup {
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      // A study has one colour in every panel, also where it lacks the kind.
      let series = reports.map { name, report in
        let points = report.result.points.filter { $0.kind == kind }
        let layers = Set(points.map(\.layer)).sorted()
        return LineChart.Series(
          name,
          points: layers.compactMap { layer in
            let here = points.filter { $0.layer == layer }
            return here.max { $0.score.score < $1.score.score }.map {
              .init(
                x: Double(layer), y: 100 * ($0.score.score - report.result.base.score),
                note: $0.edit)
            }
          })
      }
      guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
      return LineChart(
        title: kind.rawValue, x: .layers, y: change, series: series,
        references: [.init("unedited", y: 0)])
    }
    return ChartFigure(
      "Which layers help which task: the change of the score at the best amount of every layer "
        + "(Figure 9 of the paper). The best of many amounts is often above zero by chance alone.",
      charts
    ).markup
  }
}
