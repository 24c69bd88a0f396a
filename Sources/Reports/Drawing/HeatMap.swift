internal import Foundation

/// A heat map of changes: blue above zero, orange below, the value on hover.
package struct HeatMap: Chart {
  /// A cell, by its place.
  package struct Cell: Equatable, Sendable {
    let row: Int
    let column: Int

    /// The cell at `row` and `column`, from 0.
    package init(row: Int, column: Int) {
      self.row = row
      self.column = column
    }
  }

  package let title: String
  /// The columns' names, left first.
  package let columns: [String]
  /// The rows' names, top first.
  package let rows: [String]
  /// What the columns' names mean.
  package let x: ChartAxis
  /// What the rows' names mean.
  package let y: ChartAxis
  /// What is coloured.
  package let change: ChartAxis
  /// The change in each cell; nil where nothing was measured.
  package let values: [[Double?]]
  /// The change of full colour.
  package let limit: Double
  /// The cell to be framed.
  package let chosen: Cell?

  /// A map of `values[row][column]`, in which a change of ±`limit` has full colour.
  ///
  /// - Precondition: `values` has as many rows and columns as there are names.
  package init(
    title: String = "", x: ChartAxis, columns: [String], y: ChartAxis, rows: [String],
    change: ChartAxis, values: [[Double?]], limit: Double, chosen: Cell? = nil
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "\(values.count) rows of values for \(rows.count) × \(columns.count) names")
    self.title = title
    self.columns = columns
    self.rows = rows
    self.x = x
    self.y = y
    self.change = change
    self.values = values
    self.limit = limit
    self.chosen = chosen
  }

  package var legend: [ChartLegend.Entry] {
    let frame =
      chosen == nil
      ? [] : [ChartLegend.Entry(name: "chosen", classes: "chosen", mark: .area)]
    guard limit > 0 else {
      return [.init(name: "no change (0 \(change.unit))", classes: "gain", mark: .area)] + frame
    }
    let full = "\(ReportNumber.fixed(limit, digits: digits)) \(change.unit)"
    return [
      .init(name: "better, full colour at +\(full)", classes: "gain", mark: .area),
      .init(name: "worse, full colour at −\(full)", classes: "loss", mark: .area),
    ] + frame
  }

  /// The digits behind the point that tell a change of full colour: one, or two significant ones where it is small.
  private var digits: Int {
    guard limit > 0, limit.isFinite else { return 1 }
    return Int(min(12, max(1, 1 - floor(log10(limit)))))
  }

  package var yValues: [Double] { [] }

  /// The map; its cells have one size, so that maps of one figure can be compared.
  package func plot(size: ChartSize, yValues: [Double]) -> Markup {
    let cell = (width: 38.0, height: rows.count > 16 ? 15.0 : 24.0)
    let origin = (x: 44.0, y: 24.0)
    let width = max(200, origin.x + Double(columns.count) * cell.width + 8)
    let height = origin.y + Double(rows.count) * cell.height + 40
    func place(_ row: Int, _ column: Int) -> (x: Double, y: Double) {
      (origin.x + Double(column) * cell.width, origin.y + Double(row) * cell.height)
    }
    var shapes: [Markup] = [
      .label(y.label, at: (2, 14), anchor: "start", class: "soft y-label"),
      .label(
        x.label, at: (origin.x, height - 6), anchor: "start", class: "soft x-label"),
    ]
    for (row, name) in rows.enumerated() {
      let middle = place(row, 0).y + cell.height / 2 + 4
      shapes.append(.label(name, at: (origin.x - 6, middle), anchor: "end"))
      for column in columns.indices {
        shapes.append(
          rectangle(
            values[row][column], at: place(row, column), size: cell,
            named: "\(y.quantity) \(name), \(x.quantity) \(columns[column])"))
      }
    }
    for (column, name) in columns.enumerated() {
      let corner = place(rows.count, column)
      shapes.append(.label(name, at: (corner.x + cell.width / 2, corner.y + 15), anchor: "middle"))
    }
    if let chosen {
      let corner = place(chosen.row, chosen.column)
      shapes.append(
        .element(
          "rect",
          [
            "x": svg(corner.x + 1), "y": svg(corner.y + 1), "width": svg(cell.width - 2),
            "height": svg(cell.height - 2), "class": "chosen area",
          ]))
    }
    return .element(
      "svg",
      [
        "viewBox": "0 0 \(svg(width)) \(svg(height))", "width": svg(width), "class": "plot",
        "role": "img",
        "aria-label": title.isEmpty
          ? "\(change.quantity) by \(y.quantity) and \(x.quantity)" : title,
      ], shapes)
  }

  private func rectangle(
    _ value: Double?, at corner: (x: Double, y: Double), size: (width: Double, height: Double),
    named name: String
  ) -> Markup {
    // A map has thousands of cells: their attributes are few.
    let box =
      "x=\"\(svg(corner.x + 1))\" y=\"\(svg(corner.y + 1))\" width=\"\(svg(size.width - 2))\" height=\"\(svg(size.height - 2))\""
    guard let value, value.isFinite else {
      return .trusted("<rect \(box) class=\"nothing\" fill-opacity=\".35\"/>")
    }
    // The root keeps small changes visible beside a matrix whose loss ruins everything.
    let strength = limit > 0 ? min(1, abs(value) / limit).squareRoot() : 0
    return .element(
      "g", ["class": value < 0 ? "loss" : "gain"],
      .element(
        "title", [:],
        .text("\(name): \(ReportNumber.signed(value, digits: digits + 1)) \(change.unit)")),
      .trusted("<rect \(box) class=\"nothing\"/>"),
      .trusted("<rect \(box) class=\"area\" fill-opacity=\"\(svg(strength))\"/>"))
  }
}
