import DecisionTransformer
import LaserOps
import Reports

extension GameCurves {
  /// The two charts.
  ///
  /// - Parameter players: The policies' names, one for each that was counted, and the counts sound.
  /// - Returns: The figure.
  func figure(players: [String]) -> Markup {
    ChartFigure(
      "Test levels by the fewest steps that solve them, and by the boxes on targets at the end. Intervals are 95 %.",
      [
        BarChart(
          title: "Solved, by fewest steps",
          x: ChartAxis(
            "fewest steps",
            scale: .names(
              lengths.map { $0.from == $0.through ? "\($0.from)" : "\($0.from)–\($0.through)" })),
          y: ChartAxis("solved", unit: "%"),
          series: zip(players.indices, players).map { player, name in
            .init(
              name,
              bars: lengths.map { Self.bar($0.solved[player], of: $0.levels) })
          }),
        BarChart(
          title: "Games, by boxes on targets",
          x: ChartAxis(
            "boxes on targets at the end",
            scale: .names((boxesOnTargets.first ?? []).indices.map { "\($0)" })),
          y: ChartAxis("games", unit: "%"),
          series: zip(players, boxesOnTargets).map { name, counts in
            .init(name, bars: counts.map { Self.bar($0, of: counts.reduce(0, +)) })
          }),
      ], sharesScale: false
    ).markup
  }

  private static func bar(_ count: Int, of total: Int) -> BarChart.Bar? {
    guard total > 0, (0...total).contains(count) else { return nil }
    let share = Double(count) / Double(total)
    let interval = ShareInterval(of: share, examples: total).interval
    return .init(
      100 * share, interval: interval.map { 100 * $0.lowerBound...100 * $0.upperBound },
      note: "\(count) of \(total)")
  }
}

extension ComparedGames {
  /// Says on standard error why there are no curves.
  func sayWhatIsMissing() {
    if let missingCurves {
      Output.note("games by the levels' fewest steps are left out: \(missingCurves)")
    }
  }
}

extension ComparedGames.Play {
  /// How it ended, in words.
  var end: String {
    "\(isSolved ? "solved" : "given up") after \(actions.count) steps, return "
      + ReportNumber.fixed(totalReturn, digits: 1)
  }
}
