internal import LaserOps

/// What is said with only the smallest components of a matrix (Fig. 5).
extension SweepReport {
  /// The figures and tables of the smallest components, in reading order.
  var tail: [Markup] {
    [types, similarity, StudyFigures.heading("Every share"), typeTable]
      + (result.base.words == nil
        ? [] : [StudyFigures.heading("The words that answers begin with"), wordTable])
  }

  /// The studied models, the most components first, under the share of components that they keep.
  private var shares: [(name: String, summary: SearchResult.Summary)] {
    [("all", result.base)]
      + result.points.sorted { $0.removed < $1.removed }.map {
        (StudyFigures.percent(1 - $0.removed), $0.score)
      }
  }

  private static let answerTypes = ["right", "same type", "generic", "other"]

  private var types: Markup {
    ChartFigure(
      "What is said on \(result.base.counted(figures.vocabulary.example)) with only the smallest "
        + "components of \(result.points.first.map { "\($0.kind.rawValue):\($0.layer)" } ?? "") "
        + "(Figure 5 of the paper).",
      [
        BarChart(
          x: ChartAxis("smallest components kept", scale: .names(shares.map(\.name))),
          y: ChartAxis("answers", unit: "%"),
          series: Self.answerTypes.map { type in
            .init(
              type,
              bars: shares.map { share in
                .init(
                  100 * Double(share.summary.predicted?.counts[type] ?? 0)
                    / Double(share.summary.examples))
              })
          }, isStacked: true)
      ]
    ).markup
  }

  private var similarity: Markup {
    ChartFigure(
      "Cosine between the embeddings of what is said and what is right, the mean of "
        + "\(result.base.counted(figures.vocabulary.example)).",
      [
        LineChart(
          x: ChartAxis("smallest components kept", unit: "%"),
          y: ChartAxis("cosine similarity (−1 to 1)"),
          series: [
            .init(
              "smallest components",
              points: result.points.sorted { $0.removed > $1.removed }.map { point in
                let (mean, interval) = point.score.measurePoint
                return .init(
                  x: 100 * (1 - point.removed), y: mean, interval: interval, note: point.edit)
              })
          ], references: [.init("everything", y: result.base.measure.mean)])
      ]
    ).markup
  }

  private var typeTable: Markup {
    ReportTable(
      headings: ["smallest components kept"] + Self.answerTypes + ["similarity"],
      rows: shares.map { share in
        [share.name]
          + Self.answerTypes.map {
            ReportNumber.percent(
              Double(share.summary.predicted?.counts[$0] ?? 0) / Double(share.summary.examples))
          } + [StudyFigures.cells(share.summary)[1]]
      }
    ).markup
  }

  private var wordTable: Markup {
    ReportTable(
      headings: ["smallest components kept", "commonest words"],
      rows: shares.map { share in
        [share.name, share.summary.words?.text(of: share.summary.examples, limit: 12) ?? ""]
      }, isProse: true
    ).markup
  }
}
