import DecisionTransformer
import LaserOps
import Reports

extension PolicyComparison {
  /// The table and the figure.
  var page: ReportDocument {
    let names = groups.first?.rows.map(\.name) ?? []
    func chart(
      _ title: String, _ y: ChartAxis,
      value: (Row) -> (mean: Double, interval: ClosedRange<Double>?)
    ) -> BarChart {
      BarChart(
        title: title, x: ChartAxis("rooms", scale: .names(groups.map(\.name))), y: y,
        series: names.indices.map { place in
          .init(
            names[place],
            bars: groups.map { group in
              let (mean, interval) = value(group.rows[place])
              return .init(
                mean, interval: interval,
                note: "\(group.rows[place].solved) of \(group.rows[place].levels) solved")
            })
        })
    }
    let figure = ChartFigure(
      "Policies on the same rooms, all of them and in groups. Intervals are 95 %, of each policy alone: a difference is "
        + "judged by the table's, which compare room by room.",
      [
        chart("Solved", ChartAxis("solved", unit: "%")) { row in
          let interval = ShareInterval(of: row.solveRate, examples: row.levels).interval
          return (
            100 * row.solveRate, interval.map { 100 * $0.lowerBound...100 * $0.upperBound }
          )
        },
        chart("Return", ChartAxis("mean return")) { row in
          let reach = 1.96 * row.meanReturnStandardError
          return (row.meanReturn, row.meanReturn - reach...row.meanReturn + reach)
        },
      ], sharesScale: false)
    let tables = groups.map { group in
      ReportDocument.Section(
        "\(group.name): \(group.rows.first?.levels ?? 0) rooms",
        [ReportTable(headings: Row.headings, rows: group.rows.map(\.cells)).markup])
    }
    return ReportDocument(
      title: "laser: policies compared",
      summary: "\(names.joined(separator: ", ")): every policy beside the first, room by room.",
      sections: [.init("Solved rooms and returns", [figure.markup])] + tables)
  }
}

extension PolicyComparison.Row {
  fileprivate static let headings = [
    "policy", "solved", "change in points [95 %]", "p", "gained, lost", "mean return",
    "change [95 %]",
  ]

  fileprivate var cells: [String] {
    func interval(_ value: Double, _ bounds: [Double], times factor: Double, digits: Int) -> String
    {
      ReportNumber.signedInterval(value, bounds, times: factor, digits: digits)
    }
    let scores = [
      "\(ReportNumber.percent(solveRate)) ± \(ReportNumber.fixed(100 * solveRateStandardError, digits: 1))",
      "\(ReportNumber.fixed(meanReturn, digits: 2)) ± \(ReportNumber.fixed(meanReturnStandardError, digits: 2))",
    ]
    guard let change else { return [name, scores[0], "", "", "", scores[1], ""] }
    return [
      name, scores[0],
      interval(change.solveRate, change.solveRateInterval, times: 100, digits: 1),
      ReportNumber.pValue(change.pValue), "+\(change.gained) −\(change.lost)", scores[1],
      interval(change.meanReturn, change.meanReturnInterval, times: 1, digits: 2),
    ]
  }
}

extension SeedComparison {
  /// The table and the figure.
  var page: ReportDocument {
    func chart(
      _ title: String, _ y: ChartAxis, times factor: Double, _ value: (Row) -> SeedStatistics
    ) -> BarChart {
      BarChart(
        title: title,
        x: ChartAxis("average", scale: .names(["mean over seeds", "interquartile mean"])), y: y,
        // The names of ways are folders and edits: too long to stand side by side at an axis.
        series: rows.map { row in
          .init(
            row.name,
            bars: [value(row).otherMean, value(row).otherMiddle].map {
              Self.bar($0, times: factor, note: "\(row.seeds) policies")
            })
        })
    }
    let figure = ChartFigure(
      "Ways to make a policy on the same \(levels) rooms. Intervals are 95 %, over seeds and rooms; those of a single policy over rooms alone.",
      [
        chart("Solved", ChartAxis("solved", unit: "%"), times: 100, \.solveRate),
        chart("Return", ChartAxis("mean return"), times: 1, \.meanReturn),
      ], sharesScale: false)
    func cell(_ value: SeedStatistics.Interval, times factor: Double, digits: Int) -> String {
      ReportNumber.interval(value.value, [value.low, value.high], times: factor, digits: digits)
    }
    let table = ReportTable(
      headings: [
        "policies", "seeds", "solved, %", "interquartile mean, %", "change in points",
        "of the interquartile means", "probability of improvement, %", "mean return", "change",
      ],
      rows: rows.enumerated().map { place, row in
        // Beside itself the first way has nothing to say.
        let isBase = place == 0
        func change(_ value: SeedStatistics.Interval, times factor: Double, digits: Int) -> String {
          isBase
            ? ""
            : ReportNumber.signedInterval(
              value.value, [value.low, value.high], times: factor, digits: digits)
        }
        return [
          row.name + (row.isPaired ? "" : " (policies of other names: not paired)"),
          "\(row.seeds)", cell(row.solveRate.otherMean, times: 100, digits: 1),
          cell(row.solveRate.otherMiddle, times: 100, digits: 1),
          change(row.solveRate.difference, times: 100, digits: 1),
          change(row.solveRate.middleDifference, times: 100, digits: 1),
          isBase ? "" : cell(row.solveRate.improvement, times: 100, digits: 0),
          cell(row.meanReturn.otherMean, times: 1, digits: 2),
          change(row.meanReturn.difference, times: 1, digits: 2),
        ]
      })
    return ReportDocument(
      title: "laser: policies compared over seeds",
      summary: "\(rows.map(\.name).joined(separator: ", ")): every way beside the first.",
      sections: [
        .init("Solved rooms and returns", [figure.markup]), .init("Numbers", [table.markup]),
      ])
  }

  private static func bar(
    _ value: SeedStatistics.Interval, times factor: Double, note: String
  ) -> BarChart.Bar {
    .init(factor * value.value, interval: factor * value.low...factor * value.high, note: note)
  }
}
