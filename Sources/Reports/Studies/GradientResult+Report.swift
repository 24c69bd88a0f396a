package import LaserOps

extension GradientResult {
  /// How many edits and components a table has.
  private static let tableLength = 40

  /// The maps of what is predicted, what was measured beside it, and the components of one matrix.
  ///
  /// - Throws: ``InterventionError`` if an edit was changed by hand.
  package func report(_ vocabulary: SearchReport.Vocabulary) throws -> [Markup] {
    let measured = Dictionary(self.measured.map { ($0.edit, $0) }) { first, _ in first }
    let promising = byPromise
    let listed =
      measured.isEmpty ? promising : promising.filter { measured[$0.edit] != nil }
    let rows = listed.prefix(Self.tableLength).map { edit in
      [
        edit.edit, ReportNumber.signed(edit.loss, digits: 3),
        ReportNumber.signed(edit.cautiousLoss, digits: 3),
        edit.successes.map { ReportNumber.percent($0) } ?? "",
        measured[edit.edit].map { ReportNumber.signed($0.loss, digits: 3) } ?? "",
        measured[edit.edit].map { ReportNumber.signed(100 * $0.score, digits: 1) } ?? "",
      ]
    }
    let correlation =
      rankCorrelation.map {
        " Predicted and measured changes of the loss of \(self.measured.count) edits have the rank "
          + "correlation \(ReportNumber.fixed($0, digits: 2))."
      } ?? ""
    return [
      try maps.markup,
      .paragraph(
        "The most promising edits: by the loss, by the successes and by the successes without steps "
          + "in turns.\(correlation)"),
      ReportTable(
        headings: [
          "edit", "loss, predicted", "cautiously", "\(vocabulary.score), predicted",
          "loss, measured", "\(vocabulary.score), change in points",
        ], rows: rows
      ).markup,
    ] + (components.map { [$0.markup] } ?? [])
  }

  /// A map a kind: by how much the loss is predicted to fall, by layer and fraction.
  private var maps: ChartFigure {
    get throws {
      struct Cell: Hashable {
        let layer: Int
        let fraction: Fraction
      }
      var gains: [WeightKind: [Cell: Double]] = [:]
      for site in sites {
        for edit in site.edits {
          let parsed = try Intervention(parsing: edit.edit)
          guard case .rank(let fraction) = parsed.method else { continue }
          let cell = Cell(layer: site.site.layer, fraction: fraction)
          // Of several experts the one that promises most.
          let known = gains[site.site.kind]?[cell] ?? -.infinity
          gains[site.site.kind, default: [:]][cell] = max(known, -edit.cautiousLoss)
        }
      }
      let fractions = Set(gains.values.flatMap { $0.keys.map(\.fraction) }).sorted(by: >)
      let layers = Set(gains.values.flatMap { $0.keys.map(\.layer) }).sorted()
      let most = gains.values.flatMap(\.values).max() ?? 0
      let limit = most > 0 ? most : 1
      return ChartFigure(
        "By how much the loss is predicted to fall, cautiously, with one matrix cut at a time. "
          + "Harm beyond the colour's end has the same colour.",
        WeightKind.allCases.compactMap { kind in
          gains[kind].map { cells in
            HeatMap(
              title: kind.rawValue, x: ChartAxis("share of the rank kept"),
              columns: fractions.map(\.description), y: ChartAxis("layer"),
              rows: layers.map(String.init),
              change: ChartAxis("fall of the loss", unit: "nats"),
              values: layers.map { layer in
                fractions.map { cells[Cell(layer: layer, fraction: $0)] }
              }, limit: limit)
          }
        })
    }
  }
}

extension GradientResult.Components {
  /// The components whose removal promises most.
  fileprivate var markup: Markup {
    .element(
      "div", [:],
      .paragraph(
        "\(site), component by component, on \(examples) examples: \(list.count { $0.loss < 0 }) of "
          + "\(list.count) lower the loss when they are removed, "
          + "\(list.count { $0.tValue ?? 0 < -2 }) with t below −2. "
          + "The \(min(40, list.count)) that promise most:"),
      ReportTable(
        headings: ["component", "singular value", "loss without it", "t", "margin without it"],
        rows: list.prefix(40).map { component in
          [
            "\(component.number)", ReportNumber.fixed(component.singularValue, digits: 3),
            ReportNumber.signed(component.loss, digits: 4),
            component.tValue.map { ReportNumber.signed($0, digits: 1) } ?? "",
            component.margin.map { ReportNumber.signed($0, digits: 4) } ?? "",
          ]
        }
      ).markup)
  }
}
