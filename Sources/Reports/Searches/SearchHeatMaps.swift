internal import LaserOps

/// What each single edit of a search did, as a map a kind; also of a search that is still going.
struct SearchHeatMaps {
  /// The trials, all on the same examples.
  let trials: [Trial]
  /// The unedited model's score on them, and the number of examples.
  let base: (score: Double, examples: Int)
  /// What was done with each fraction.
  let method: SearchSpace.Method
  /// The edit to be framed.
  let chosen: String?
  let vocabulary: SearchReport.Vocabulary

  private struct Cell: Hashable {
    let row: Row
    let fraction: Fraction
  }

  /// A layer, or one expert of it.
  private struct Row: Hashable, Comparable, CustomStringConvertible {
    let layer: Int
    let expert: Int?

    var description: String { "\(layer)" + (expert.map { "#\($0)" } ?? "") }

    static func < (left: Row, right: Row) -> Bool {
      (left.layer, left.expert ?? -1) < (right.layer, right.expert ?? -1)
    }
  }

  /// The figure; of sets of components, which are no grid, a sentence.
  ///
  /// - Throws: `InterventionError` if a trial's edit was changed by hand.
  var markup: Markup {
    get throws {
      if method == .select {
        return .paragraph("Sets of components are no grid of which a map could be drawn.")
      }
      return try figure.markup
    }
  }

  /// A heat map a kind: the change of the score by layer and fraction. Where every matrix was cut at a rank of its own,
  /// which is no grid, a line a kind.
  ///
  /// - Throws: `InterventionError` if a trial's edit was changed by hand.
  private var figure: ChartFigure {
    get throws {
      var changes: [WeightKind: [Cell: Double]] = [:]
      for trial in trials {
        // The journal may hold trials of another method in the same folder, and compositions.
        guard let (kind, cell) = try cell(of: trial.edit) else { continue }
        changes[kind, default: [:]][cell] = 100 * (trial.score - base.score)
      }
      let fractions = Set(changes.values.flatMap { $0.keys.map(\.fraction) }).sorted(by: >)
      let rows = Set(changes.values.flatMap { $0.keys.map(\.row) }).sorted()
      let limit = changes.values.flatMap(\.values).reduce(0) { max($0, abs($1)) }
      let caption = "Change of the \(vocabulary.score) on \(base.examples) \(vocabulary.example), "
      guard fractions.count < 2 || changes.values.contains(where: hasGrid) else {
        return ChartFigure(
          caption + "every matrix cut at a rank of its own, one at a time.", lines(of: changes))
      }
      let best = try chosen.flatMap(cell)
      let maps = WeightKind.allCases.compactMap { kind -> HeatMap? in
        guard let cells = changes[kind] else { return nil }
        var frame: HeatMap.Cell?
        if let best, best.kind == kind, let row = rows.firstIndex(of: best.cell.row),
          let column = fractions.firstIndex(of: best.cell.fraction)
        {
          frame = .init(row: row, column: column)
        }
        return HeatMap(
          title: kind.rawValue,
          x: ChartAxis(method == .prune ? "share of elements removed" : "share of the rank kept"),
          columns: fractions.map(\.description), y: ChartAxis("layer"),
          rows: rows.map(\.description),
          change: ChartAxis("change of the \(vocabulary.score)", unit: "points"),
          values: rows.map { row in fractions.map { cells[Cell(row: row, fraction: $0)] } },
          limit: limit, chosen: frame)
      }
      return ChartFigure(
        caption + "one matrix cut at a time. Small changes are drawn stronger than they are.", maps)
    }
  }

  /// Whether a matrix was cut in several ways.
  private func hasGrid(_ cells: [Cell: Double]) -> Bool {
    Set(cells.keys.map(\.row)).count < cells.count
  }

  private func lines(of changes: [WeightKind: [Cell: Double]]) -> [LineChart] {
    WeightKind.allCases.compactMap { kind in
      changes[kind].map { cells in
        LineChart(
          title: kind.rawValue, x: .layers,
          y: ChartAxis("change of the \(vocabulary.score)", unit: "points"),
          series: [
            .init(
              "cut at its own rank",
              points: cells.sorted { $0.key.row < $1.key.row }.map { cell, change in
                .init(
                  x: Double(cell.row.layer), y: change,
                  note: (cell.row.expert.map { "expert \($0), " } ?? "")
                    + "\(cell.fraction) of the rank kept")
              })
          ], references: [.init("unedited", y: 0)])
      }
    }
  }

  private func cell(of edit: String) throws -> (kind: WeightKind, cell: Cell)? {
    guard edit != Trial.baseName else { return nil }
    let edits = try Intervention.list(parsing: edit)
    guard edits.count == 1, let edit = edits.first, case .one(let layer) = edit.layers,
      let fraction = edit.method.fraction(of: method)
    else { return nil }
    return (edit.kind, Cell(row: Row(layer: layer, expert: edit.expert), fraction: fraction))
  }
}

extension Intervention.Method {
  /// The fraction, if this is what `method` does.
  fileprivate func fraction(of method: SearchSpace.Method) -> Fraction? {
    switch (self, method) {
    case (.rank(let share), .rank), (.tail(let share), .tail), (.prune(let share), .prune): share
    default: nil
    }
  }
}
