import DecisionTransformer
import Foundation
import Reports

extension [AchievedReturns] {
  /// The figure: achieved against asked, with the line on which a policy does what it is asked.
  var page: ReportDocument {
    let asked = flatMap { $0.rows.map(\.asked) }.sorted()
    let ends = [asked.first ?? 0, asked.last ?? 0]
    let rooms = first?.levels ?? 0
    let identity = LineChart.Series("as asked", points: ends.map { .init(x: $0, y: $0) })
    let figure = ChartFigure(
      "What policies earn against what they are asked for, \(rooms) rooms each. Intervals are 95 %.",
      [
        LineChart(
          title: "Mean return", x: ChartAxis("return asked for"), y: ChartAxis("mean return"),
          series: map { kind in
            .init(
              kind.name,
              points: kind.rows.map {
                .init(
                  x: $0.asked, y: $0.achieved,
                  interval: $0.achievedInterval[0]...$0.achievedInterval[1])
              }, spread: .band)
          } + [identity]),
        LineChart(
          title: "Rooms solved", x: ChartAxis("return asked for"),
          y: ChartAxis("solved", unit: "%"),
          series: map { kind in
            .init(
              kind.name,
              points: kind.rows.map {
                .init(
                  x: $0.asked, y: 100 * $0.solveRate,
                  interval: 100 * $0.solveRateInterval[0]...100 * $0.solveRateInterval[1])
              }, spread: .band)
          }),
      ], sharesScale: false)
    let tables = map { kind in
      ReportDocument.Section(
        "\(kind.name): \(kind.policies) \(kind.policies == 1 ? "policy" : "policies")",
        [
          ReportTable(
            headings: ["asked", "mean return", "95 %", "solved", "95 %"],
            rows: kind.rows.map { row in
              [
                ReportNumber.fixed(row.asked, digits: 1),
                ReportNumber.fixed(row.achieved, digits: 2),
                row.achievedInterval.map { ReportNumber.fixed($0, digits: 2) }
                  .joined(separator: " to "),
                ReportNumber.percent(row.solveRate),
                row.solveRateInterval.map { ReportNumber.fixed(100 * $0, digits: 1) }
                  .joined(separator: " to "),
              ]
            }
          ).markup
        ])
    }
    return ReportDocument(
      title: "laser: returns asked for and achieved",
      summary:
        "A Decision Transformer is told what return to go for. This page shows what it then earns.",
      sections: [.init("Achieved against asked", [figure.markup])] + tables)
  }
}

extension AchievedReturns {
  /// The rows for a person.
  var text: String {
    let title = "\(name): \(policies) \(policies == 1 ? "policy" : "policies"), \(levels) rooms"
    return
      ([title]
      + rows.map { row in
        "  asked for \(ReportNumber.fixed(row.asked, digits: 1)): earned "
          + ReportNumber.interval(row.achieved, row.achievedInterval, digits: 2) + ", solved "
          + ReportNumber.percent(row.solveRate)
      }).joined(separator: "\n")
  }
}
