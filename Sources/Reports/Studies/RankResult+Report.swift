package import LaserOps

extension RankResult {
  /// The figure of the ranks, a panel a kind.
  package var report: [Markup] {
    var runs: [String] = []
    for run in kept.map(\.run) where !runs.contains(run) { runs.append(run) }
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      let here = sites.filter { $0.kind == kind }
      guard let first = here.first else { return nil }
      var series: [LineChart.Series] = [
        .init(
          "effective rank", points: here.map { .init(x: Double($0.layer), y: $0.effectiveRank) }),
        .init(
          "above the noise",
          points: here.map { .init(x: Double($0.layer), y: Double($0.rankAboveNoise)) }),
      ]
      series += runs.map { run in
        .init(
          "kept in \(run)",
          // A layer that was not searched, or that no reduction made better, is a gap.
          points: here.map { site in
            let kept = kept.first { $0.run == run && $0.site == site.key }
            return .init(
              x: Double(site.layer), y: kept.map { Double($0.rank) } ?? .nan,
              note: kept.map {
                "\($0.edit), \(ReportNumber.signed(100 * $0.change, digits: 1)) points"
              } ?? "")
          })
      }
      return LineChart(
        title: kind.rawValue, x: .layers,
        y: ChartAxis("rank", unit: "components", including: [0]),
        series: series,
        references: [.init("full rank", y: Double(min(first.rows, first.columns)))])
    }
    let keptNote =
      kept.isEmpty
      ? ""
      : " Beside it the rank at which each matrix did best, where it did better than whole, on the "
        + "examples that picked it."
    return [
      ChartFigure(
        "Effective rank, the exponential of the entropy of the normalised singular values, by layer "
          + "(Figure 7 of the paper), and the number of components above the edge of the matrix' own "
          + "noise (Marchenko and Pastur).\(keptNote)", charts, sharesScale: false
      ).markup,
      ReportTable(
        headings: ["matrix", "rows", "columns", "effective rank", "above the noise"],
        rows: sites.map {
          [
            "\($0.key)", "\($0.rows)", "\($0.columns)",
            ReportNumber.fixed($0.effectiveRank, digits: 1), "\($0.rankAboveNoise)",
          ]
        }
      ).markup,
    ]
  }
}
