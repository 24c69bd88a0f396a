/// A heat map of changes as inline SVG: blue above zero, orange below, the value on hover.
public struct HeatMap: Sendable {
  /// What stands above the map.
  public let title: String
  /// The rows' names, top first.
  public let rows: [String]
  /// The columns' names, left first.
  public let columns: [String]
  /// The quantity down the side and the one along the bottom.
  public let axes: (rows: String, columns: String)
  /// The change in each cell; nil where nothing was measured.
  public let values: [[Double?]]
  /// The change of full colour.
  public let limit: Double
  /// The cell to be framed.
  public let chosen: (row: Int, column: Int)?
  /// How a change is written in full on hover.
  public let label: @Sendable (Double) -> String

  /// A map of `values[row][column]`, in which a change of ±`limit` has full colour.
  public init(
    title: String, rows: [String], columns: [String], axes: (rows: String, columns: String),
    values: [[Double?]], limit: Double, chosen: (row: Int, column: Int)? = nil,
    label: @escaping @Sendable (Double) -> String
  ) {
    self.title = title
    self.rows = rows
    self.columns = columns
    self.axes = axes
    self.values = values
    self.limit = limit
    self.chosen = chosen
    self.label = label
  }

  private static let gain = "#2563c4"
  private static let loss = "#d9641a"

  /// The map.
  public var markup: Markup {
    let cell = (width: 38.0, height: 24.0)
    let origin = (x: 44.0, y: 30.0)
    let width = origin.x + Double(columns.count) * cell.width + 8
    let height = origin.y + Double(rows.count) * cell.height + 40
    func place(_ row: Int, _ column: Int) -> (x: Double, y: Double) {
      (origin.x + Double(column) * cell.width, origin.y + Double(row) * cell.height)
    }
    var shapes: [Markup] = [
      .label(title, at: (origin.x, 18), anchor: "start"),
      .label(axes.rows, at: (2, 18), anchor: "start", class: "soft"),
      .label(axes.columns, at: (width / 2 + 16, height - 4), anchor: "middle", class: "soft"),
    ]
    for (row, name) in rows.enumerated() {
      shapes.append(.label(name, at: (origin.x - 6, place(row, 0).y + 16), anchor: "end"))
      for column in columns.indices {
        shapes.append(
          rectangle(
            values[row][column], at: place(row, column), size: cell,
            named: "\(axes.rows) \(name), \(axes.columns) \(columns[column])"))
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
            "height": svg(cell.height - 2), "class": "chosen",
          ]))
    }
    return .element(
      "figure", [:],
      .element(
        "svg",
        [
          "viewBox": "0 0 \(svg(width)) \(svg(height))", "width": svg(width), "role": "img",
          "aria-label": title,
        ], shapes)
    )
  }

  private func rectangle(
    _ value: Double?, at corner: (x: Double, y: Double), size: (width: Double, height: Double),
    named name: String
  ) -> Markup {
    let box = [
      ("x", svg(corner.x + 1)), ("y", svg(corner.y + 1)), ("width", svg(size.width - 2)),
      ("height", svg(size.height - 2)),
    ]
    // The root keeps small changes visible beside a matrix whose loss ruins everything.
    let strength = value.map { limit > 0 ? min(1, abs($0) / limit).squareRoot() : 0 } ?? 0
    let fill = (value ?? 0) < 0 ? Self.loss : Self.gain
    func rect(_ class: String?, fill: String?, opacity: Double?) -> String {
      let extras = [
        `class`.map { ("class", $0) }, fill.map { ("fill", $0) },
        opacity.map { ("fill-opacity", svg($0)) },
      ].compactMap(\.self)
      return "<rect " + (box + extras).map { "\($0)=\"\($1)\"" }.joined(separator: " ") + "/>"
    }
    guard let value else { return .trusted(rect("none", fill: nil, opacity: 0.35)) }
    return .element(
      "g", [:],
      .element("title", [:], .text("\(name): \(label(value))")),
      .trusted(rect("none", fill: nil, opacity: nil)),
      .trusted(rect(nil, fill: fill, opacity: strength)))
  }
}
