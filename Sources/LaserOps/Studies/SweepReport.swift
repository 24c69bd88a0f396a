/// The figures of a study that scores every edit of a grid.
public struct SweepReport: Sendable {
  /// What the study found.
  public let result: SweepResult
  private let figures: StudyFigures

  /// The report of a finished study.
  public init(_ result: SweepResult, vocabulary: SearchReport.Vocabulary) {
    self.result = result
    figures = StudyFigures(vocabulary: vocabulary)
  }

  /// The figures and tables, in reading order.
  public var contents: [Markup] {
    switch result.study {
    case .depth: [depth, StudyFigures.heading("Every amount"), table(of: result.points)]
    case .tail:
      [types, similarity, StudyFigures.heading("Every share"), typeTable]
        + (result.base.words == nil
          ? [] : [StudyFigures.heading("The words that answers begin with"), wordTable])
    default:
      [
        byLayer(
          figures.measure(of: result.base), "Figure 2 of the paper",
          reference: result.base.measure.mean
        ) { $0.measure.mean },
        byLayer(figures.score, "Figure 9 of the paper", reference: 100 * result.base.score) {
          100 * $0.score
        }, StudyFigures.heading("The best of all"),
        StudyFigures.note(
          "Picked on the same \(result.base.counted(figures.vocabulary.example)) that score them here: "
            + "of many edits some are the best by chance. A search reports on others."),
        table(of: Array(result.sorted.prefix(12))),
      ]
    }
  }

  private var removedAxis: ChartAxis {
    ChartAxis(result.method == .prune ? "elements removed" : "components removed", unit: "%")
  }

  // MARK: - Layers

  /// A panel a kind, a line an amount or one at the ranks of a rule, the unedited model dashed.
  private func byLayer(
    _ axis: ChartAxis, _ source: String, reference: Double,
    value: (SearchResult.Summary) -> Double
  ) -> Markup {
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      let points = result.points.filter { $0.kind == kind }
      guard !points.isEmpty else { return nil }
      func line(_ name: String, _ points: [SweepResult.Point]) -> LineChart.Series {
        .init(
          name,
          points: points.map { .init(x: Double($0.layer), y: value($0.score), note: $0.edit) })
      }
      let series =
        if let rule = result.rankRule {
          [line(Self.name(of: rule), points)]
        } else {
          Set(points.map(\.removed)).sorted().map { amount in
            line(
              "\(StudyFigures.percent(amount)) removed", points.filter { $0.removed == amount })
          }
        }
      return LineChart(
        title: kind.rawValue, x: ChartAxis("layer"), y: axis, series: series, palette: .ordered,
        references: [.init("unedited", y: reference)])
    }
    let lines =
      result.rankRule.map { "every matrix cut to its \(Self.name(of: $0))" }
      ?? "a line an amount removed"
    return ChartFigure(
      "\(axis.quantity) against layer on \(result.base.counted(figures.vocabulary.example)), "
        + "\(lines) (\(source)).", charts
    ).markup
  }

  private static func name(of rule: SearchSpace.RankRule) -> String {
    switch rule {
    case .marchenkoPastur: "rank above the noise"
    }
  }

  /// The change of the score at the best amount of every layer, a line a study: which layers help which task (Fig. 9).
  ///
  /// - Parameter reports: Studies of layers, each with its name.
  /// - Returns: A panel a kind; empty without kinds in common.
  public static func comparison(of reports: [(name: String, report: SweepReport)]) -> Markup {
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      let series = reports.compactMap { name, report -> LineChart.Series? in
        let points = report.result.points.filter { $0.kind == kind }
        guard !points.isEmpty else { return nil }
        let layers = Set(points.map(\.layer)).sorted()
        return .init(
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
      guard !series.isEmpty else { return nil }
      return LineChart(
        title: kind.rawValue, x: ChartAxis("layer"),
        y: ChartAxis("change of the score", unit: "points"), series: series,
        references: [.init("unedited", y: 0)])
    }
    return ChartFigure(
      "Which layers help which task: the change of the score at the best amount of every layer "
        + "(Figure 9 of the paper). The best of many amounts is above zero by chance alone.", charts
    ).markup
  }

  // MARK: - Depth

  private var depth: Markup {
    let name = result.points.first.map { "\($0.kind.rawValue):\($0.layer)" } ?? ""
    let base = result.base
    let measure = figures.measure(of: base)
    func chart(
      _ x: ChartAxis, _ y: ChartAxis, reference: Double,
      place: (SweepResult.Point) -> Double?,
      value: (SearchResult.Summary) -> (Double, ClosedRange<Double>)
    ) -> LineChart {
      LineChart(
        x: x, y: y,
        series: [
          .init(
            name,
            points: result.points.compactMap { point in
              guard let x = place(point) else { return nil }
              let (mean, interval) = value(point.score)
              return .init(x: x, y: mean, interval: interval, note: point.edit)
            }.sorted { $0.x < $1.x }, spread: .band)
        ], references: [.init("unedited", y: reference)])
    }
    func score(_ summary: SearchResult.Summary) -> (Double, ClosedRange<Double>) {
      let point = summary.scorePoint
      return (point.percent, point.interval)
    }
    func secondary(_ summary: SearchResult.Summary) -> (Double, ClosedRange<Double>) {
      let (mean, error) = summary.measure
      return (mean, mean - 1.96 * error...mean + 1.96 * error)
    }
    let removed = { (point: SweepResult.Point) in Optional(100 * point.removed) }
    let kept = { (point: SweepResult.Point) in point.rank.map(Double.init) }
    let rank = ChartAxis("components kept", scale: .logarithmic)
    let byAmount = [
      chart(removedAxis, figures.score, reference: 100 * base.score, place: removed, value: score),
      chart(removedAxis, measure, reference: base.measure.mean, place: removed, value: secondary),
    ]
    let byRank = [
      chart(rank, figures.score, reference: 100 * base.score, place: kept, value: score),
      chart(rank, measure, reference: base.measure.mean, place: kept, value: secondary),
    ]
    let caption =
      "\(name) on \(base.counted(figures.vocabulary.example)), from whole to removed (Figure 8 of "
      + "the paper). Bands are 95 % intervals."
    return [
      ChartFigure(caption, byAmount).markup,
      // Pruning keeps no number of components.
      result.method == .prune
        ? .empty : ChartFigure("The same by the number of components kept.", byRank).markup,
    ].joined
  }

  private func table(of points: [SweepResult.Point]) -> Markup {
    let measure = figures.measure(of: result.base).label
    return ReportTable(
      headings: ["edit", "removed", "rank", figures.vocabulary.score, measure],
      rows: [["unedited", "0 %", ""] + StudyFigures.cells(result.base)]
        + points.map { point in
          [point.edit, StudyFigures.percent(point.removed), point.rank.map(String.init) ?? ""]
            + StudyFigures.cells(point.score)
        }
    ).markup
  }

  // MARK: - Tail

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
          y: ChartAxis("cosine similarity", unit: "−1 to 1"),
          series: [
            .init(
              "smallest components",
              points: result.points.sorted { $0.removed > $1.removed }.map { point in
                let (mean, error) = point.score.measure
                return .init(
                  x: 100 * (1 - point.removed), y: mean,
                  interval: mean - 1.96 * error...mean + 1.96 * error, note: point.edit)
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
