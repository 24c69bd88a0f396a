import Foundation
import Testing

@testable import LaserOps
@testable import Reports

@Suite struct ChartTests {
  @Test func `a heat map shows every value on hover and frames the chosen cell`() {
    let map = HeatMap(
      title: "Uin", x: ChartAxis("rho"), columns: ["0.5", "0.1"], y: ChartAxis("layer"),
      rows: ["0", "1"], change: ChartAxis("change", unit: "points"),
      values: [[2, nil], [-10, 0]], limit: 10, chosen: .init(row: 0, column: 0))
    let source = ChartFigure("Changes", [map]).markup.source
    #expect(source.contains("layer 0, rho 0.5: +2.00 points"))
    #expect(source.contains("layer 1, rho 0.5: −10.00 points"))
    #expect(count(of: "<title>", in: source) == 3)
    #expect(count(of: "class=\"chosen area\"", in: source) == 1)
    #expect(source.contains("full colour at +10.0 points"))
  }

  @Test func `small changes have as many digits as tell them apart`() {
    let map = HeatMap(
      x: ChartAxis("rho"), columns: ["0.5"], y: ChartAxis("layer"), rows: ["0"],
      change: ChartAxis("fall of the loss", unit: "nats"), values: [[0.0036]], limit: 0.01)
    let source = ChartFigure("", [map]).markup.source
    #expect(source.contains("full colour at +0.010 nats") && !source.contains("+0.0 "))
    #expect(source.contains("layer 0, rho 0.5: +0.0036 nats"))
  }

  @Test func `a line chart names its axes, its series and each point's value`() {
    let chart = LineChart(
      x: ChartAxis("updates"), y: ChartAxis("cross-entropy", unit: "nats"),
      series: [
        .init("training", points: [.init(x: 0, y: 2), .init(x: 50, y: 1.5, note: "n = 20")]),
        .init("held out", points: []),
      ])
    let source = ChartFigure("Loss", [chart]).markup.source
    for text in [
      ">updates<", ">cross-entropy (nats)<", ">training<", ">held out<", ">Loss<",
      "training: 1.5 nats, updates 50, n = 20",
    ] {
      #expect(source.contains(text), "\(text) is missing")
    }
  }

  @Test func `fifteen ordered lines have fifteen colours and one legend`() {
    let amounts = LineChart(
      x: ChartAxis("layer"), y: ChartAxis("loss", unit: "nats"),
      series: (0..<15).map { .init("\($0) %", points: [.init(x: 0, y: Double($0))]) },
      palette: .ordered, references: [.init("unedited", y: 3)])
    #expect(Set(amounts.legend.map(\.classes)).count == 16)
    let source = ChartFigure("By kind", [amounts, amounts, amounts]).markup.source
    #expect(count(of: "<li ", in: source) == 16)
    #expect(count(of: "class=\"plot\"", in: source) == 3)
    #expect(source.contains("unedited: 3 nats"))
  }

  @Test func `distinct lines beyond the colours repeat them dashed`() {
    let classes = (0..<12).map { ChartPalette.distinct.classes(of: $0, count: 12) }
    #expect(Set(classes).count == 12)
    #expect(classes[8] == "distinct-0 again")
    #expect(ChartPalette.distinctAfter(2).classes(of: 0, count: 1) == classes[2])
  }

  @Test func `a value without a place is a gap and not a point at the edge`() {
    let chart = LineChart(
      x: ChartAxis("layer"), y: ChartAxis("loss", unit: "nats"),
      series: [
        .init("one", points: [1, .nan, 3, 4].enumerated().map { .init(x: Double($0), y: $1) })
      ])
    let source = ChartFigure("", [chart]).markup.source
    #expect(count(of: "<circle", in: source) == 3)
    #expect(count(of: "<polyline", in: source) == 2)
    #expect(!source.contains("nan"))
  }

  @Test func `intervals are drawn and said`() {
    let point = LineChart.Point(x: 1, y: 2, interval: 1.5...2.5)
    func source(_ spread: LineChart.Spread) -> String {
      ChartFigure(
        "",
        [
          LineChart(
            x: ChartAxis("steps"), y: ChartAxis("accuracy", unit: "%"),
            series: [.init("test", points: [point, point], spread: spread)])
        ]
      ).markup.source
    }
    #expect(source(.bars).contains("2 % [95 %: 1.5 to 2.5]"))
    #expect(count(of: "class=\"whisker\"", in: source(.bars)) == 2)
    #expect(count(of: "class=\"band\"", in: source(.band)) == 1)
  }

  @Test(arguments: [([0, 1], [0, 1]), ([3], [3, 4]), ([0, 5], [0, 1, 2, 3, 4, 5])])
  func `layers are marked at whole numbers, however few they are`(
    layers: [Double], ticks: [Double]
  ) {
    let axis = ChartAxis("layer", scale: .whole)
    #expect(AxisScale(axis, covering: layers, wanted: 6).ticks.map(\.value) == ticks)
  }

  @Test(arguments: [
    [-1e308, 1e308], [.nan, .infinity], [1, 1 + 1e-15], [0, .leastNonzeroMagnitude],
    [1e300, 2e300], [],
  ])
  func `an axis of any values has ticks`(values: [Double]) {
    for scale in [ChartAxis.Scale.linear, .whole, .logarithmic] {
      #expect(AxisScale(ChartAxis("", scale: scale), covering: values).ticks.count > 1)
    }
  }

  @Test func `hovering says what was measured where a point is drawn beside it`() {
    let chart = LineChart(
      x: ChartAxis("documents, plus one", scale: .logarithmic), y: ChartAxis("score", unit: "%"),
      series: [.init("a", points: [.init(x: 4, y: 7, place: "3 documents", note: "n")])])
    #expect(ChartFigure("", [chart]).markup.source.contains("a: 7 %, 3 documents, n"))
  }

  @Test func `a logarithmic axis marks powers of ten and has no place for zero`() throws {
    let scale = AxisScale(ChartAxis("occurrences", scale: .logarithmic), covering: [0, 3, 40_000])
    #expect(scale.ticks.map(\.value) == [1, 10, 100, 1_000, 10_000, 100_000])
    #expect(scale.position(0) == nil)
    #expect(abs(try #require(scale.position(100)) - 0.4) < 1e-12)
  }

  @Test func `bars stand side by side on zero, or on each other`() throws {
    let axis = ChartAxis("bucket", scale: .names(["rare", "common"]))
    func chart(isStacked: Bool) -> BarChart {
      BarChart(
        x: axis, y: ChartAxis("share", unit: "%"),
        series: [
          .init("right", bars: [.init(20), .init(30)]), .init("wrong", bars: [.init(40), nil]),
        ], isStacked: isStacked)
    }
    #expect(Set(chart(isStacked: false).yValues) == [0, 20, 30, 40])
    #expect(Set(chart(isStacked: true).yValues) == [0, 60, 30])
    let source = ChartFigure("", [chart(isStacked: true)]).markup.source
    #expect(count(of: "class=\"area\"", in: source) == 3 + 2)
    #expect(source.contains("wrong: 40 %, bucket rare"))
  }

  @Test func `charts of one unit share their scale, those of another do not`() {
    func chart(_ values: [Double], unit: String) -> LineChart {
      LineChart(
        x: ChartAxis("layer"), y: ChartAxis("score", unit: unit),
        series: [.init("a", points: values.map { .init(x: 0, y: $0) })])
    }
    let charts = [
      chart([0, 1], unit: "nats"), chart([0, 10], unit: "nats"), chart([0, 1], unit: "%"),
    ]
    func labels(_ figure: ChartFigure) -> Int { count(of: ">10<", in: figure.markup.source) }
    #expect(labels(ChartFigure("", charts)) == 2)
    #expect(labels(ChartFigure("", charts, sharesScale: false)) == 1)
  }

  private func count(of text: String, in source: String) -> Int {
    source.components(separatedBy: text).count - 1
  }
}

/// Axes that end where the bulk of the values does.
@Suite struct CutAxisTests {
  private let axis = ChartAxis("loss", unit: "nats", followsBulk: true)

  /// Twelve layers around 7 nats, of which one is ruined.
  private func values(ruined: Double) -> [Double] {
    var values = [7, 7.1, 7.2, 7.3, 7, 7.1, 7.2, 7.3, 7, 7.1, 7.2, 7.3]
    values[5] = ruined
    return values
  }

  @Test func `an axis follows the bulk where a few values would press it flat`() {
    #expect(axis.covered(values(ruined: 60)).max() == 7.3)
    #expect(axis.covered(values(ruined: 7.5)).count == 12, "nothing is gained by a cut")
    #expect(
      axis.covered(Array(repeating: 7, count: 20) + [60]).count == 21, "no spread to measure by")
    #expect(axis.covered([1, 2, 60]).count == 3, "too few to have a bulk")
    #expect(ChartAxis("loss").covered(values(ruined: 60)).count == 12)
  }

  @Test func `what is beyond is marked at the edge, with its value, and said in the legend`() {
    func source(_ ruined: Double) -> String {
      let points = values(ruined: ruined).enumerated().map {
        LineChart.Point(x: Double($0.offset), y: $0.element)
      }
      let chart = LineChart(x: .layers, y: axis, series: [.init("a", points: points)])
      return ChartFigure("", [chart]).markup.source
    }
    let cut = source(60)
    #expect(cut.contains("a: 60 nats, layer 5"))
    #expect(cut.contains("class=\"beyond\"") && cut.contains("beyond the axis"))
    // The line leaves the plot and comes back.
    #expect(cut.components(separatedBy: "<polyline").count == 3)
    #expect(!source(7.5).contains("beyond"))
  }

  @Test func `a line is cut where it crosses the edge`() throws {
    let frame = ChartFrame(
      size: .wide, x: .layers, y: ChartAxis("y"), xValues: [0, 2], yValues: [0, 1])
    let (top, bottom) = (frame.top, frame.bottom)
    let parts = frame.visibleParts(of: [(0, bottom), (10, top - (bottom - top)), (20, bottom)])
    #expect(parts.count == 2)
    let (first, second) = (try #require(parts.first), try #require(parts.last))
    #expect(first.map(\.x) == [0, 5] && second.map(\.x) == [15, 20])
    #expect(first[1].y == top && second[0].y == top)
    #expect(frame.visibleParts(of: [(0, top), (5, top), (9, bottom)]).count == 1)
    #expect(frame.visibleParts(of: [(0, top - 5), (5, top - 5)]).isEmpty)
    #expect(frame.visibleParts(of: [(0, top)]).count == 1)
  }
}
