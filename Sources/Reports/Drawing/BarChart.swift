/// Bars in named groups, side by side or stacked, with a value on hover for every bar.
///
/// ```swift
/// BarChart(
///   x: ChartAxis("occurrences", scale: .names(["0", "1–49", "50–1000", "> 1000"])),
///   y: ChartAxis("accuracy", unit: "%"),
///   series: [.init("unedited", bars: […]), .init("Uin:27:0.01", bars: […])])
/// ```
package struct BarChart: Chart {
  /// The height of a bar.
  package struct Bar: Equatable, Sendable {
    /// The measured value.
    package let value: Double
    /// What it may be with 95 % confidence.
    package let interval: ClosedRange<Double>?
    /// What hovering says after the value, such as the number of examples.
    package let note: String

    /// A bar up to `value`.
    package init(_ value: Double, interval: ClosedRange<Double>? = nil, note: String = "") {
      self.value = value
      self.interval = interval
      self.note = note
    }
  }

  /// The bars of one colour.
  package struct Series: Sendable {
    /// Their name in the legend.
    package let name: String
    /// One for each name of the horizontal axis; nil where nothing was measured.
    package let bars: [Bar?]

    /// Bars of one colour.
    package init(_ name: String, bars: [Bar?]) {
      self.name = name
      self.bars = bars
    }
  }

  package let title: String
  /// The horizontal axis, whose scale is a list of names.
  package let x: ChartAxis
  package let y: ChartAxis
  /// The colours.
  package let series: [Series]
  /// How they are told apart.
  package let palette: ChartPalette
  /// Whether the bars of a group stand on each other, as the parts of a whole.
  package let isStacked: Bool
  /// Dashed horizontal lines.
  package let references: [ChartReference]

  /// A chart of any number of colours.
  ///
  /// - Precondition: `x` names as many groups as every series has bars.
  package init(
    title: String = "", x: ChartAxis, y: ChartAxis, series: [Series],
    palette: ChartPalette = .distinct, isStacked: Bool = false, references: [ChartReference] = []
  ) {
    guard case .names(let names) = x.scale else {
      preconditionFailure("bars stand at names, not along a \(x.scale) axis")
    }
    precondition(
      series.allSatisfy { $0.bars.count == names.count }, "a series with too few bars")
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.palette = palette
    self.isStacked = isStacked
    self.references = references
  }

  package var legend: [ChartLegend.Entry] {
    ChartLegend.entries(series.map(\.name), palette, mark: .area, references)
  }

  package var yValues: [Double] {
    let ends =
      isStacked
      ? (0..<groupCount).map { group in series.reduce(0) { $0 + ($1.bars[group]?.value ?? 0) } }
      : series.flatMap { $0.bars.compactMap(\.self) }.flatMap {
        [$0.value, $0.interval?.lowerBound ?? $0.value, $0.interval?.upperBound ?? $0.value]
      }
    return [0] + ends + references.map(\.y)
  }

  private var groupCount: Int { series.first?.bars.count ?? 0 }

  package func plot(size: ChartSize, yValues: [Double]) -> Markup {
    let frame = ChartFrame(size: size, x: x, y: y, xValues: [], yValues: yValues)
    let lanes = isStacked ? 1 : max(1, series.count)
    let room = (frame.right - frame.left) / Double(max(1, groupCount))
    let width = min(44, 0.8 * room / Double(lanes))
    var heights = [Double](repeating: 0, count: groupCount)
    let groups = series.enumerated().map { index, colour in
      let bars = colour.bars.enumerated().flatMap { group, bar -> [Markup] in
        guard let bar, let middle = frame.x(Double(group)) else { return [] }
        let lane = Double(isStacked ? 0 : index) - Double(lanes - 1) / 2
        let floor = isStacked ? heights[group] : 0
        if isStacked { heights[group] += bar.value }
        return shapes(
          of: bar, from: floor, at: middle + lane * width, width: width, in: frame,
          named: "\(colour.name): \(y.text(of: bar.value))", group: x.text(of: Double(group)))
      }
      return Markup.element(
        "g",
        [
          "class": palette.classes(of: index, count: series.count) + " series",
          "data-series": colour.name,
        ], bars)
    }
    return frame.markup(
      named: title.isEmpty ? "\(y.quantity) by \(x.quantity)" : title, references: references,
      contents: groups)
  }

  private func shapes(
    of bar: Bar, from floor: Double, at middle: Double, width: Double, in frame: ChartFrame,
    named name: String, group: String
  ) -> [Markup] {
    guard let foot = frame.y(floor), let head = frame.y(floor + bar.value) else { return [] }
    let interval = bar.interval.map {
      " [95 %: \(svg($0.lowerBound)) to \(svg($0.upperBound))]"
    }
    let text =
      "\(name)\(interval ?? ""), \(x.quantity) \(group)" + (bar.note.isEmpty ? "" : ", \(bar.note)")
    let box = Markup.element(
      "rect",
      [
        "x": svg(middle - width / 2 + 0.5), "y": svg(min(foot, head)), "width": svg(width - 1),
        // A bar of nothing is still to be seen, and to be hovered over; a part of nothing is none.
        "height": svg(max(isStacked ? 0 : 1, abs(foot - head))), "class": "area",
      ], .element("title", [:], .text(text)))
    guard let interval = bar.interval, let low = frame.y(interval.lowerBound),
      let high = frame.y(interval.upperBound)
    else { return [box] }
    return [box, .whisker(at: middle, from: low, to: high)]
  }
}
