package import LaserOps

/// The figures of a study that scores every edit of a grid.
package struct SweepReport: Sendable {
  /// What the study found.
  package let result: SweepResult
  let figures: StudyFigures

  /// The report of a finished study.
  package init(_ result: SweepResult, vocabulary: SearchReport.Vocabulary) {
    self.result = result
    figures = StudyFigures(vocabulary: vocabulary)
  }

  /// The figures and tables, in reading order.
  package var contents: [Markup] {
    switch result.study {
    case .depth: [depth, StudyFigures.heading("Every amount"), table(of: result.points)]
    case .tail: tail
    default:
      [
        byLayer(
          result.base.measureAxis, result.method == .prune ? "Figure 10" : "Figure 2",
          reference: result.base.measure.mean, best: bestMeasure
        ) { $0.measure.mean },
        byLayer(
          figures.score, "Figure 9", reference: 100 * result.base.score, best: 100 * bestScore
        ) {
          100 * $0.score
        }, StudyFigures.heading("The best of every layer"), bestByLayer,
        StudyFigures.heading("The best of all"),
        StudyFigures.note(
          "Picked on the same \(result.base.counted(figures.vocabulary.example)) that score them here: "
            + "of many edits some are the best by chance. A search reports on others."),
        table(of: Array(result.sorted.prefix(12))),
      ]
    }
  }

  /// The best score and the best secondary measure of all points, which no axis cuts off.
  private var bestScore: Double { result.points.map(\.score.score).max() ?? result.base.score }
  private var bestMeasure: Double {
    let measures = result.points.map(\.score.measure).filter(\.mean.isFinite)
    return (measures.max { $0.merit < $1.merit } ?? result.base.measure).mean
  }

  private var removedAxis: ChartAxis {
    ChartAxis(result.method == .prune ? "elements removed" : "components removed", unit: "%")
  }

  // MARK: - Layers

  /// A panel a kind, a line an amount or one at the ranks of a rule, the unedited model dashed.
  private func byLayer(
    _ axis: ChartAxis, _ source: String, reference: Double, best: Double,
    value: (SearchResult.Summary) -> Double
  ) -> Markup {
    // A few matrices whose loss ruins everything must not press all other lines flat.
    let axis = ChartAxis(
      axis.quantity, unit: axis.unit, including: [reference, best], followsBulk: true)
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      let points = result.points.filter { $0.kind == kind }
      guard !points.isEmpty else { return nil }
      return LineChart(
        title: kind.rawValue, x: .layers, y: axis, series: series(of: points, value: value),
        palette: .ordered, references: [.init("unedited", y: reference)])
    }
    return ChartFigure(
      StudyFigures.sentence(
        "\(axis.quantity) against layer on \(result.base.counted(figures.vocabulary.example)), "
          + "\(lines) (\(source) of the paper)."), charts
    ).markup
  }

  /// What the best amount of every layer changes, a line a kind, and the layer's best edits by name.
  private var bestByLayer: Markup {
    func chart(
      _ axis: ChartAxis, best: Double, change: (SearchResult.Summary) -> Double
    ) -> LineChart {
      LineChart(
        title: axis.quantity, x: .layers,
        y: ChartAxis(axis.quantity, unit: axis.unit, including: [0, best], followsBulk: true),
        series: WeightKind.allCases.compactMap { kind in
          let best = Self.bestByLayer(result.sorted.filter { $0.kind == kind })
          guard !best.isEmpty else { return nil }
          return .init(
            kind.rawValue,
            points: best.map { .init(x: Double($0.layer), y: change($0.score), note: $0.edit) })
        }, references: [.init("unedited", y: 0)])
    }
    let (base, measure) = (result.base, result.base.measureAxis)
    return [
      ChartFigure(
        "Difference to the unedited model in each layer, of the amount that does best there.",
        [
          chart(figures.change, best: 100 * (bestScore - base.score)) {
            100 * ($0.score - base.score)
          },
          chart(
            ChartAxis("change of the \(measure.quantity)", unit: measure.unit),
            best: bestMeasure - base.measure.mean
          ) {
            $0.measure.mean - base.measure.mean
          },
        ]
      ).markup, table(of: Self.bestByLayer(result.sorted)),
    ].joined
  }

  /// The first edit of every layer, in the order of the layers.
  private static func bestByLayer(_ sorted: [SweepResult.Point]) -> [SweepResult.Point] {
    Dictionary(grouping: sorted, by: \.layer).sorted { $0.key < $1.key }.compactMap(\.value.first)
  }

  /// What the lines of the figures by layer are.
  var lines: String {
    result.rankRule.map { "every matrix cut to its \(Self.name(of: $0))" }
      ?? (result.method == .prune
        ? "a line an amount of elements set to zero" : "a line an amount removed")
  }

  /// What a line of the figures by layer stands for.
  enum Line: Hashable, Comparable {
    case rule(SearchSpace.RankRule)
    case amount(Double)

    var name: String {
      switch self {
      case .rule(let rule): SweepReport.name(of: rule)
      case .amount(let share): "\(StudyFigures.percent(share)) removed"
      }
    }

    private var place: Double {
      switch self {
      case .rule: -1
      case .amount(let share): share
      }
    }

    static func < (left: Line, right: Line) -> Bool { left.place < right.place }
  }

  /// The line on which a point lies.
  private func line(of point: SweepResult.Point) -> Line {
    result.rankRule.map(Line.rule) ?? .amount(point.removed)
  }

  /// The lines of `points`: one an amount, or one at the ranks of a rule.
  func lines(of points: [SweepResult.Point]) -> Set<Line> { Set(points.map(line(of:))) }

  /// A series a line.
  ///
  /// - Parameters:
  ///   - points: The points.
  ///   - lines: The lines, which may be more than the points have; nil for those of the points.
  ///   - value: What is drawn of a point's score.
  /// - Returns: The series in the order of the lines.
  func series(
    of points: [SweepResult.Point], on lines: Set<Line>? = nil,
    value: (SearchResult.Summary) -> Double
  ) -> [LineChart.Series] {
    (lines ?? self.lines(of: points)).sorted().map { line in
      .init(
        line.name,
        points: points.filter { self.line(of: $0) == line }.map {
          .init(x: Double($0.layer), y: value($0.score), note: $0.edit)
        })
    }
  }

  private static func name(of rule: SearchSpace.RankRule) -> String {
    switch rule {
    case .marchenkoPastur: "rank above the noise"
    }
  }

  // MARK: - Depth

  private var depth: Markup {
    let name = result.points.first.map { "\($0.kind.rawValue):\($0.layer)" } ?? ""
    let base = result.base
    let measure = base.measureAxis
    func chart(
      _ x: ChartAxis, _ y: ChartAxis, reference: Double,
      place: (SweepResult.Point) -> Double?,
      value: (SearchResult.Summary) -> (value: Double, interval: ClosedRange<Double>?)
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
    let removed = { (point: SweepResult.Point) in Optional(100 * point.removed) }
    let kept = { (point: SweepResult.Point) in point.rank.map(Double.init) }
    let rank = ChartAxis("components kept", scale: .logarithmic)
    let byAmount = [
      chart(
        removedAxis, figures.score, reference: 100 * base.score, place: removed, value: \.scorePoint
      ),
      chart(
        removedAxis, measure, reference: base.measure.mean, place: removed, value: \.measurePoint),
    ]
    let byRank = [
      chart(rank, figures.score, reference: 100 * base.score, place: kept, value: \.scorePoint),
      chart(rank, measure, reference: base.measure.mean, place: kept, value: \.measurePoint),
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
    let measure = result.base.measureAxis.label
    return ReportTable(
      headings: ["edit", "removed", "rank", figures.vocabulary.score, measure],
      rows: [["unedited", "0 %", ""] + StudyFigures.cells(result.base)]
        + points.map { point in
          [point.edit, StudyFigures.percent(point.removed), point.rank.map(String.init) ?? ""]
            + StudyFigures.cells(point.score)
        }
    ).markup
  }
}
