/// Lines over two axes, with a value on hover for every point.
///
/// ```swift
/// LineChart(
///   title: "Uin", x: ChartAxis("layer"), y: ChartAxis("loss", unit: "nats"),
///   series: amounts.map { .init("\($0) % removed", points: …) }, palette: .ordered,
///   references: [.init("unedited", y: 7.29)])
/// ```
package struct LineChart: Chart {
  /// A measured value.
  package struct Point: Equatable, Sendable {
    /// Its place on the horizontal axis.
    package let x: Double
    /// Its place on the vertical axis.
    package let y: Double
    /// What `y` may be with 95 % confidence.
    package let interval: ClosedRange<Double>?
    /// What hovering says instead of `x`; nil where that is what was measured.
    package let place: String?
    /// What hovering says after the values, such as the number of examples.
    package let note: String

    /// A value `y` at `x`.
    package init(
      x: Double, y: Double, interval: ClosedRange<Double>? = nil, place: String? = nil,
      note: String = ""
    ) {
      self.x = x
      self.y = y
      self.interval = interval
      self.place = place
      self.note = note
    }
  }

  /// How the intervals of a series are drawn.
  package enum Spread: Sendable {
    /// A bar at each point.
    case bars
    /// A shaded band.
    case band
  }

  /// One line.
  package struct Series: Sendable {
    /// Its name in the legend.
    package let name: String
    /// Its points, left to right; those that are not finite are gaps.
    package let points: [Point]
    /// How its intervals are drawn.
    package let spread: Spread

    /// A line through `points`.
    package init(_ name: String, points: [Point], spread: Spread = .bars) {
      self.name = name
      self.points = points
      self.spread = spread
    }
  }

  package let title: String
  /// The horizontal axis.
  package let x: ChartAxis
  package let y: ChartAxis
  /// The lines.
  package let series: [Series]
  /// How they are told apart.
  package let palette: ChartPalette
  /// Dashed horizontal lines.
  package let references: [ChartReference]

  /// A chart of any number of lines.
  package init(
    title: String = "", x: ChartAxis, y: ChartAxis, series: [Series],
    palette: ChartPalette = .distinct, references: [ChartReference] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.palette = palette
    self.references = references
  }

  package var legend: [ChartLegend.Entry] {
    ChartLegend.entries(series.map(\.name), palette, mark: .line, references)
  }

  package var yValues: [Double] {
    series.flatMap { line in
      line.points.flatMap {
        [$0.y, $0.interval?.lowerBound ?? $0.y, $0.interval?.upperBound ?? $0.y]
      }
    } + references.map(\.y)
  }

  /// Above so many points the dots would hide the lines; they then appear on hover.
  private static let dotLimit = 120

  package func plot(size: ChartSize, yValues: [Double]) -> Markup {
    let frame = ChartFrame(
      size: size, x: x, y: y, xValues: series.flatMap { $0.points.map(\.x) }, yValues: yValues)
    let pointCount = series.reduce(0) { $0 + $1.points.count }
    let lines = series.enumerated().map { index, line in
      Markup.element(
        "g",
        [
          "class": palette.classes(of: index, count: series.count)
            + (pointCount > Self.dotLimit ? " series dense" : " series"),
          "data-series": line.name,
        ], shapes(of: line, in: frame))
    }
    return frame.markup(
      named: title.isEmpty ? "\(y.quantity) by \(x.quantity)" : title, references: references,
      contents: lines)
  }

  private func shapes(of line: Series, in frame: ChartFrame) -> [Markup] {
    let placed = line.points.map { point -> (point: Point, x: Double, y: Double)? in
      guard let x = frame.x(point.x), let y = frame.y(point.y) else { return nil }
      return (point, x, y)
    }
    // A gap parts the line in two.
    let runs = placed.split(omittingEmptySubsequences: true) { $0 == nil }.map {
      $0.compactMap(\.self)
    }
    return runs.flatMap { run -> [Markup] in
      spread(of: run, as: line.spread, in: frame)
        + frame.visibleParts(of: run.map { ($0.x, $0.y) }).map { corners in
          let points = corners.map { "\(svg($0.x)),\(svg($0.y))" }.joined(separator: " ")
          return .element("polyline", ["points": points, "class": "line"])
        }
        + run.map { point, x, y in
          let title = Markup.element("title", [:], .text(hover(point, of: line)))
          guard frame.scales.y.covers(point.y) else {
            let isUpward = y < frame.top
            return .arrow(
              at: (x, isUpward ? frame.top : frame.bottom), isUpward: isUpward, contents: [title])
          }
          return .element("circle", ["cx": svg(x), "cy": svg(y), "r": "2.5"], title)
        }
    }
  }

  private func spread(
    of run: [(point: Point, x: Double, y: Double)], as spread: Spread, in frame: ChartFrame
  ) -> [Markup] {
    let ends = run.compactMap { point, x, _ -> (x: Double, low: Double, high: Double)? in
      guard let interval = point.interval, let low = frame.y(interval.lowerBound),
        let high = frame.y(interval.upperBound)
      else { return nil }
      return (x, frame.clipped(low), frame.clipped(high))
    }
    guard !ends.isEmpty else { return [] }
    switch spread {
    case .band:
      let corners = ends.map { ($0.x, $0.high) } + ends.reversed().map { ($0.x, $0.low) }
      let points = corners.map { "\(svg($0.0)),\(svg($0.1))" }.joined(separator: " ")
      return [.element("polygon", ["points": points, "class": "band"])]
    case .bars:
      return ends.map { .whisker(at: $0.x, from: $0.low, to: $0.high) }
    }
  }

  private func hover(_ point: Point, of line: Series) -> String {
    let interval = point.interval.map {
      " [95 %: \(svg($0.lowerBound)) to \(svg($0.upperBound))]"
    }
    return
      "\(line.name): \(y.text(of: point.y))\(interval ?? ""), \(point.place ?? "\(x.quantity) \(x.text(of: point.x))")"
      + (point.note.isEmpty ? "" : ", \(point.note)")
  }
}

extension ChartFrame {
  /// A height inside the plot: that of an edge for what lies beyond it.
  func clipped(_ y: Double) -> Double { min(max(y, top), bottom) }

  /// The parts of a line that lie between the upper and the lower edge, each ending where the line crosses one.
  func visibleParts(of corners: [(x: Double, y: Double)]) -> [[(x: Double, y: Double)]] {
    var parts: [[(x: Double, y: Double)]] = []
    var isOpen = false
    if corners.count == 1, let only = corners.first, clipped(only.y) == only.y { return [[only]] }
    for (from, to) in zip(corners, corners.dropFirst()) {
      // The piece of the segment that is inside, as shares of its way.
      let edges = [top, bottom].map { (($0 - from.y) / (to.y - from.y)) }.sorted()
      let (enters, leaves) =
        to.y == from.y
        ? (clipped(from.y) == from.y ? (0, 1) : (1, 0)) : (max(0, edges[0]), min(1, edges[1]))
      guard enters < leaves || (enters == leaves && to.y == from.y) else {
        isOpen = false
        continue
      }
      func place(_ share: Double) -> (x: Double, y: Double) {
        share == 0
          ? from
          : share == 1
            ? to : (from.x + share * (to.x - from.x), from.y + share * (to.y - from.y))
      }
      if !isOpen || enters > 0 { parts.append([place(enters)]) }
      parts[parts.count - 1].append(place(leaves))
      isOpen = leaves == 1
    }
    return parts
  }
}

extension Markup {
  /// A mark at the edge of a plot for a value beyond it, the tip at `place`.
  static func arrow(
    at place: (x: Double, y: Double), isUpward: Bool, contents: [Markup]
  ) -> Markup {
    let height = isUpward ? 8.0 : -8.0
    return .element(
      "path",
      [
        "d": "M\(svg(place.x)) \(svg(place.y))l5 \(svg(height))h-10z", "class": "beyond",
      ], contents)
  }

  /// An error bar with its two ends.
  static func whisker(at x: Double, from low: Double, to high: Double) -> Markup {
    .element(
      "path",
      [
        "d":
          "M\(svg(x)) \(svg(low))V\(svg(high))M\(svg(x - 3)) \(svg(low))h6M\(svg(x - 3)) \(svg(high))h6",
        "class": "whisker",
      ])
  }
}
