extension RankResult {
  /// The figure of the ranks, a panel a kind.
  public var report: [Markup] {
    let charts = WeightKind.allCases.compactMap { kind -> LineChart? in
      let here = sites.filter { $0.kind == kind }
      guard let first = here.first else { return nil }
      let best = kept.filter { $0.kind == kind }.sorted { $0.layer < $1.layer }
      var series: [LineChart.Series] = [
        .init(
          "effective rank", points: here.map { .init(x: Double($0.layer), y: $0.effectiveRank) }),
        .init(
          "above the noise",
          points: here.map { .init(x: Double($0.layer), y: Double($0.rankAboveNoise)) }),
      ]
      if !best.isEmpty {
        series.append(
          .init(
            "kept by LASER",
            points: best.map {
              .init(
                x: Double($0.layer), y: Double($0.rank),
                note: "\($0.edit), \(ReportNumber.signed(100 * $0.change, digits: 1)) points")
            }))
      }
      return LineChart(
        title: kind.rawValue, x: ChartAxis("layer"),
        y: ChartAxis("rank", unit: "components", including: [0]),
        series: series,
        references: [.init("full rank", y: Double(min(first.rows, first.columns)))])
    }
    let keptNote =
      kept.isEmpty
      ? "" : " Beside it the rank at which each matrix did best, on the examples that picked it."
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
