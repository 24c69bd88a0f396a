/// A plot with two axes that a ``ChartFigure`` shows, alone or beside others.
package protocol Chart: Sendable {
  /// What stands above the plot, where several are side by side: the kind, the task.
  var title: String { get }
  /// The vertical axis.
  var y: ChartAxis { get }
  /// The entries of the legend, in order.
  var legend: [ChartLegend.Entry] { get }
  /// All that the vertical axis must reach.
  var yValues: [Double] { get }

  /// The plot as SVG.
  ///
  /// - Parameters:
  ///   - size: The size in pixels at full width.
  ///   - yValues: What the vertical axis covers: the chart's own values, or those of all charts beside it.
  /// - Returns: The `svg` element.
  func plot(size: ChartSize, yValues: [Double]) -> Markup
}

/// A dashed horizontal line, such as the unedited model's score.
package struct ChartReference: Equatable, Sendable {
  /// Its name in the legend.
  package let name: String
  /// Its height.
  package let y: Double

  /// A line at `y`.
  package init(_ name: String, y: Double) {
    self.name = name
    self.y = y
  }
}

/// The size of a plot in pixels.
package struct ChartSize: Equatable, Sendable {
  let width: Double
  let height: Double

  /// A chart that stands alone.
  package static let wide = ChartSize(width: 620, height: 340)
  /// One of several side by side; as wide as a phone's screen.
  package static let panel = ChartSize(width: 350, height: 270)
}

/// The names of what a figure shows, each with its mark.
package struct ChartLegend: Sendable {
  /// One name.
  package struct Entry: Equatable, Sendable {
    /// What is drawn before the name.
    enum Mark: Equatable, Sendable { case line, area, dashes, arrow }
    let name: String
    let classes: String
    let mark: Mark

    /// What stands for values that an axis does not reach.
    static let beyond = Entry(
      name: "beyond the axis, its value on hover", classes: "base", mark: .arrow)
  }

  let entries: [Entry]

  /// The entries of a chart: its series in the palette's colours, then its reference lines.
  static func entries(
    _ series: [String], _ palette: ChartPalette, mark: Entry.Mark, _ references: [ChartReference]
  ) -> [Entry] {
    series.enumerated().map { index, name in
      Entry(name: name, classes: palette.classes(of: index, count: series.count), mark: mark)
    } + references.map { Entry(name: $0.name, classes: "base", mark: .dashes) }
  }

  /// The list; a name that several charts share, as a line here and as bars there, stands once.
  var markup: Markup {
    var different: [Entry] = []
    for entry in entries
    where !different.contains(where: { $0.name == entry.name && $0.classes == entry.classes }) {
      different.append(entry)
    }
    return .element(
      "ul", ["class": "legend"],
      different.map { entry in
        let shape: Markup =
          switch entry.mark {
          case .line: .line(from: (1, 6), to: (21, 6), class: "line")
          case .dashes: .line(from: (1, 6), to: (21, 6), class: "reference")
          case .arrow: .arrow(at: (11, 1), isUpward: true, contents: [])
          case .area:
            .element(
              "rect", ["x": "5", "y": "0", "width": "12", "height": "12", "class": "area"])
          }
        let sample = Markup.element(
          "svg", ["viewBox": "0 0 22 12", "width": "22", "height": "12", "aria-hidden": "true"],
          shape)
        return .element(
          "li", ["class": entry.classes, "data-series": entry.name], sample,
          .element("span", [:], .text(entry.name)))
      })
  }
}
