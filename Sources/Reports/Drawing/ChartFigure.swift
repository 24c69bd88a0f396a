/// Charts under one legend and one caption: one chart, or several side by side (small multiples).
package struct ChartFigure: Sendable {
  /// What is to be seen, in a sentence.
  package let caption: String
  /// The charts, in reading order.
  package let charts: [any Chart]
  /// Whether charts of one unit have one vertical scale, so that they can be compared by eye.
  package let sharesScale: Bool

  /// A figure of `charts`.
  package init(_ caption: String, _ charts: [any Chart], sharesScale: Bool = true) {
    self.caption = caption
    self.charts = charts
    self.sharesScale = sharesScale
  }

  /// The figure.
  package var markup: Markup {
    let size: ChartSize = charts.count > 1 ? .panel : .wide
    var isCut = false
    let plots = charts.map { chart in
      let values =
        sharesScale
        ? charts.filter { $0.y == chart.y }.flatMap(\.yValues) : chart.yValues
      let scale = AxisScale(chart.y, covering: values)
      isCut = isCut || chart.yValues.contains { !scale.covers($0) }
      let title = Markup.element("div", ["class": "title"], .text(chart.title))
      return Markup.element(
        "div", ["class": "panel"],
        (chart.title.isEmpty ? [] : [title]) + [chart.plot(size: size, yValues: values)])
    }
    return .element(
      "figure", ["class": "chart"], .element("figcaption", [:], .text(caption)),
      ChartLegend(entries: charts.flatMap(\.legend) + (isCut ? [.beyond] : [])).markup,
      .element("div", ["class": charts.count > 1 ? "panels" : "alone"], plots))
  }
}
