import DecisionTransformer
import LaserOps
import Reports

extension PolicyComparison {
  /// The table and the figure.
  var page: ReportDocument {
    let names = groups.first?.rows.map(\.name) ?? []
    func chart(
      _ title: String, _ y: ChartAxis, value: (Row) -> (mean: Double, error: Double)
    ) -> BarChart {
      BarChart(
        title: title, x: ChartAxis("rooms", scale: .names(groups.map(\.name))), y: y,
        series: names.indices.map { place in
          .init(
            names[place],
            bars: groups.map { group in
              let (mean, error) = value(group.rows[place])
              let reach = 1.96 * error
              return .init(
                mean, interval: mean - reach...mean + reach,
                note: "\(group.rows[place].solved) of \(group.rows[place].levels) solved")
            })
        })
    }
    let figure = ChartFigure(
      "Policies on the same rooms, all of them and in groups. Intervals are 95 %, of each policy alone: a difference is "
        + "judged by the table's, which compare room by room.",
      [
        chart("Solved", ChartAxis("solved", unit: "%")) {
          (100 * $0.solveRate, 100 * $0.solveRateStandardError)
        },
        chart("Return", ChartAxis("mean return")) { ($0.meanReturn, $0.meanReturnStandardError) },
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
        title: title, x: ChartAxis("policies", scale: .names(rows.map(\.name))), y: y,
        series: [
          .init(
            "mean over seeds",
            bars: rows.map {
              Self.bar(value($0).otherMean, times: factor, note: "\($0.seeds) policies")
            }
          ),
          .init(
            "interquartile mean",
            bars: rows.map {
              Self.bar(value($0).otherMiddle, times: factor, note: "\($0.seeds) policies")
            }
          ),
        ])
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
        "probability of improvement, %", "mean return", "change",
      ],
      rows: rows.map { row in
        [
          row.name, "\(row.seeds)", cell(row.solveRate.otherMean, times: 100, digits: 1),
          cell(row.solveRate.otherMiddle, times: 100, digits: 1),
          cell(row.solveRate.difference, times: 100, digits: 1),
          cell(row.solveRate.improvement, times: 100, digits: 0),
          cell(row.meanReturn.otherMean, times: 1, digits: 2),
          cell(row.meanReturn.difference, times: 1, digits: 2),
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
