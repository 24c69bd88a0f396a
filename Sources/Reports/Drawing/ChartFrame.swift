internal import Foundation

/// The axes of a plot: where values lie, with grid, ticks, names and reference lines.
struct ChartFrame {
  let size: ChartSize
  let axes: (x: ChartAxis, y: ChartAxis)
  let scales: (x: AxisScale, y: AxisScale)

  init(size: ChartSize, x: ChartAxis, y: ChartAxis, xValues: [Double], yValues: [Double]) {
    self.size = size
    axes = (x, y)
    // A horizontal axis is longer: it has room for more ticks.
    scales = (
      AxisScale(x, covering: xValues, wanted: 6), AxisScale(y, covering: yValues, wanted: 5)
    )
  }

  /// The edges of the plotted area; names of the vertical axis that are longer than usual have room.
  var left: Double { max(56, 8 * Double(scales.y.ticks.map(\.label.count).max() ?? 0) + 8) }
  var right: Double { size.width - 20 }
  var top: Double { 38 }
  var bottom: Double { size.height - 48 }

  /// The place of a value from the left; nil where the axis has none.
  func x(_ value: Double) -> Double? {
    scales.x.position(value).map { left + $0 * (right - left) }
  }

  /// The place of a value from the top; nil where the axis has none.
  func y(_ value: Double) -> Double? {
    scales.y.position(value).map { bottom - $0 * (bottom - top) }
  }

  /// The plot: the axes below `contents`, the reference lines above.
  func markup(named name: String, references: [ChartReference], contents: [Markup]) -> Markup {
    var shapes: [Markup] = []
    for tick in scales.y.ticks {
      guard let y = y(tick.value) else { continue }
      shapes.append(.line(from: (left, y), to: (right, y), class: "grid"))
      shapes.append(.label(tick.label, at: (left - 7, y + 4), anchor: "end"))
    }
    for tick in readableTicks {
      guard let x = x(tick.value) else { continue }
      shapes.append(.line(from: (x, bottom), to: (x, bottom + 5), class: "grid"))
      shapes.append(.label(tick.label, at: (x, bottom + 18), anchor: "middle"))
    }
    shapes.append(.label(axes.y.label, at: (2, 18), anchor: "start", class: "soft y-label"))
    shapes.append(
      .label(
        axes.x.label, at: ((left + right) / 2, size.height - 8), anchor: "middle",
        class: "soft x-label"))
    shapes += contents
    shapes += references.compactMap { reference in
      y(reference.y).map { y in
        .element(
          "line",
          [
            "x1": svg(left), "y1": svg(y), "x2": svg(right), "y2": svg(y), "class": "reference",
          ], .element("title", [:], .text("\(reference.name): \(axes.y.text(of: reference.y))")))
      }
    }
    return .element(
      "svg",
      [
        "viewBox": "0 0 \(svg(size.width)) \(svg(size.height))", "width": svg(size.width),
        "class": "plot", "role": "img", "aria-label": name,
      ], shapes)
  }

  /// The ticks of the horizontal axis, as many as can stand side by side.
  private var readableTicks: [AxisScale.Tick] {
    let ticks = scales.x.ticks
    // A digit of 12 pixels' height is about 7 wide.
    let widest = Double(ticks.map(\.label.count).max() ?? 0) * 7 + 8
    let room = (right - left) / Double(max(1, ticks.count))
    let step = max(1, Int((widest / room).rounded(.up)))
    return ticks.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }
}

/// A number in SVG: four significant digits are finer than a pixel and fine enough to hover over.
func svg(_ value: Double) -> String {
  let text = String(format: abs(value) < 10 ? "%.4f" : "%.2f", value)
  guard text.contains(".") else { return text }
  let trimmed = String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  return trimmed == "-0" ? "0" : trimmed
}

extension Markup {
  /// A straight line in an SVG.
  static func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), class name: String
  ) -> Markup {
    .element(
      "line",
      [
        "x1": svg(start.x), "y1": svg(start.y), "x2": svg(end.x), "y2": svg(end.y), "class": name,
      ])
  }

  /// A text in an SVG.
  static func label(
    _ text: String, at place: (x: Double, y: Double), anchor: String, class name: String = ""
  ) -> Markup {
    .element(
      "text",
      ["x": svg(place.x), "y": svg(place.y), "text-anchor": anchor, "class": name], .text(text))
  }
}
