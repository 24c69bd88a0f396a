package import LaserOps

extension CompositionResult {
  /// The figure and the table of the composition.
  ///
  /// - Parameter vocabulary: How score and examples are called.
  /// - Returns: The pieces, in reading order.
  package func report(_ vocabulary: SearchReport.Vocabulary) -> [Markup] {
    let figures = StudyFigures(vocabulary: vocabulary)
    func line(
      _ name: String, _ summary: KeyPath<Step, SearchResult.Summary>
    ) -> LineChart.Series {
      .init(
        name,
        points: steps.enumerated().map { place, step in
          let point = step[keyPath: summary].scorePoint
          return .init(
            x: Double(place), y: point.value, interval: point.interval,
            note: step.edit)
        })
    }
    let interval = composition.interval.map { ReportNumber.signed(100 * $0, digits: 1) }
    let measure = composition.test.measureAxis.label
    return [
      ChartFigure(
        StudyFigures.sentence(
          "\(vocabulary.score) as edits are added greedily (Figure 4 of the paper): validation picks, "
            + "test reports. Whiskers are 95 % intervals."),
        [
          LineChart(
            x: ChartAxis("edit added", scale: .names(steps.map { $0.added ?? "unedited" })),
            y: figures.score,
            series: [line("validation", \.validation), line("test", \.test)])
        ]
      ).markup,
      .paragraph(
        "All \(steps.count - 1) edits together change the \(vocabulary.score) on "
          + "\(composition.test.counted("test \(vocabulary.example)")) by "
          + "\(ReportNumber.signed(100 * composition.difference, digits: 1)) points, 95 % interval "
          + "\(interval.joined(separator: " to ")), \(ReportNumber.significance(composition.pValue))."
      ),
      ReportTable(
        headings: [
          "edit added", "\(vocabulary.score), validation", "\(measure), validation",
          "\(vocabulary.score), test", "\(measure), test",
        ],
        rows: steps.map {
          [$0.added ?? "unedited"] + StudyFigures.cells($0.validation) + StudyFigures.cells($0.test)
        }
      ).markup,
    ]
  }
}
