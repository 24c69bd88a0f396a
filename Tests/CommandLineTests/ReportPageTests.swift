import Numerics
import Reports
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban
import Testing

@testable import laser

/// Every kind of report in a real browser, on a phone and on a desk.
@Suite(
  .enabled(if: Chromium.path != nil, "there is no Chromium; apt-get install chromium brings one"))
struct ReportPageTests {
  @Test func `reports fit a phone and a desk, name their axes and units, and break nothing`() throws
  {
    try StudyCommandTests.inFolder { runner in
      let pages = try pages(runner)
      // Kept for a person to look at: LASER_PAGES names a folder.
      if let folder = ProcessInfo.processInfo.environment["LASER_PAGES"] {
        for page in pages {
          try Data(page.html.utf8).write(
            to: URL(filePath: folder).appending(path: "\(page.name).html"))
        }
      }
      let found = try Chromium.examine(pages, widths: [390, 1440], in: runner.folder)
      #expect(found.count == 2 * pages.count, "a page never loaded")
      for page in found {
        let place = "\(page.page) at \(page.width) pixels"
        #expect(page.errors == [], "\(place)")
        #expect(page.fetched == [], "\(place)")
        #expect(page.overflowing == [], "\(place)")
        #expect(page.showsValues, "\(place)")
        #expect(!page.figures.isEmpty, "\(place)")
        for figure in page.figures { check(figure, place) }
        for viewer in page.viewers {
          #expect(viewer.isVisible && viewer.isDrawn, "\(place)")
          #expect(viewer.moves && viewer.stripsAreHidden, "\(place)")
          #expect(viewer.controls == 1, "\(place)")
        }
      }
      #expect(found.filter { !$0.viewers.isEmpty }.map(\.page).contains("demo"))
      #expect(found.flatMap(\.viewers).contains { $0.stages == 2 })
      #expect(found.filter { $0.page == "two searches" }.allSatisfy { $0.viewers.count == 2 })
    }
  }

  private func check(_ figure: Chromium.Findings.Figure, _ place: String) {
    let place = "\(place), \(figure.caption)"
    #expect(!figure.caption.isEmpty && !figure.legend.isEmpty && !figure.plots.isEmpty, "\(place)")
    for plot in figure.plots {
      #expect(!plot.horizontal.isEmpty && !plot.vertical.isEmpty, "\(place)")
      // A map's unit is that of its colours, which the legend explains.
      let unit = plot.isMap ? figure.legend.joined() : plot.vertical
      #expect(unit.contains(plot.isMap ? /[0-9] \w+/ : /\(.+\)/), "no unit: \(unit), \(place)")
      #expect(plot.cut == [], "\(place)")
      #expect(plot.overlapping == [], "\(place)")
    }
  }

  private func pages(_ runner: CommandRunner) throws -> [(name: String, html: String)] {
    try PolicyCommandTests.train(runner, steps: 30)
    let searched = try runner.laser(
      "search", "--policy", "policy", "--levels", "episodes.txt", "--kinds", "Wv,Uin", "--rhos",
      "0.5,0.1", "--max-steps", "12", "-o", "found")
    try #require(searched.status == 0, "\(searched.errors)")
    func page(_ name: String) throws -> String {
      try String(contentsOf: runner.folder.appending(path: name), encoding: .utf8)
    }
    let finished = try page("found/report.html")
    try FileManager.default.copyItem(
      at: runner.folder.appending(path: "found"), to: runner.folder.appending(path: "again"))
    try #require(try runner.laser("report", "found", "again", "-o", "two.html").status == 0)
    let demo = try demo(runner).document.html
    let studies = try self.studies(runner)
    try FileManager.default.removeItem(at: runner.folder.appending(path: "found/result.json"))
    try #require(try runner.laser("report", "found").status == 0)
    try FileManager.default.removeItem(at: runner.folder.appending(path: "layers/result.json"))
    try #require(try runner.laser("report", "layers").status == 0)
    return [
      ("charts", Self.gallery.html), ("search", finished), ("two searches", try page("two.html")),
      ("demo", demo), ("studies", studies),
      ("unfinished search", try page("found/report.html")),
      ("unfinished study", try page("layers/report.html")),
    ]
  }

  /// Every study on one page.
  private func studies(_ runner: CommandRunner) throws -> String {
    let grid = ["--kinds", "Uin,Uout", "--rhos", "0.5,0.1,0.0025"]
    let model = StudyCommandTests.source
    let commands = [
      ["layers"] + model + grid, ["depth"] + model + ["--site", "Uout:3"],
      ["compose"] + model + ["--kinds", "Uin,Uout", "--rhos", "0.5,0.1"],
      ["frequency"] + model + ["--corpus", "corpus.txt", "--edges", "1", "--edit", "Uin:1:0.2"],
      ["tail"] + model + ["--site", "Uout:2", "--rhos", "0.5,0"],
      ["rank", "--policy", "policy"], ["tables", "found"],
    ]
    let player = ["--policy", "policy", "--levels", "episodes.txt", "--max-steps", "12"]
    let more = [
      "policy layers": ["layers"] + player + ["--method", "prune"] + grid,
      "policy depth": ["depth"] + player + ["--site", "Uin:0"],
      "policy compose": ["compose"] + player + grid,
    ]
    let all: [(folder: String, command: [String])] =
      commands.map { ($0[0], $0) } + more.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    for (folder, command) in all {
      let result = try runner.laser(["study"] + command + ["-o", folder])
      try #require(result.status == 0, "\(result.errors)")
    }
    let ranked = try runner.laser(
      ["search"] + model + [
        "--kinds", "Uin,Uout", "--rank-rule", "marchenko-pastur", "-o", "ranks", "--also",
        "jsonl=open.jsonl", "--also-text", "corpus.txt",
      ])
    try #require(ranked.status == 0, "\(ranked.errors)")
    let report = try runner.laser(
      ["report", "ranks"] + all.map(\.folder) + ["-o", "studies.html"])
    try #require(report.status == 0, "\(report.errors)")
    return try String(contentsOf: runner.folder.appending(path: "studies.html"), encoding: .utf8)
  }

  /// The demo's page with the tiny search for all of its models.
  private func demo(_ runner: CommandRunner) throws -> DemoReport {
    let folder = runner.folder
    let (result, _, trials) = try RunFolder(folder.appending(path: "found")).finishedSearch()
    let policy = try Policy(contentsOf: folder.appending(path: "policy"))
    let levels = try LevelFile(contentsOf: folder.appending(path: "episodes.txt").path).levels
    var options = RolloutOptions()
    options.maximumSteps = 12
    let games = try ComparedGames(
      policy: policy, edit: "Wv:0:0.1", levels: levels, numbers: Array(levels.indices),
      options: options, workers: .allCores)
    return DemoReport(
      settings: DemoSettings(), curve: try TrainingCurve(in: folder.appending(path: "policy")),
      parameterCount: policy.parameterCount,
      search: SearchReport(result: result, trials: trials, vocabulary: .policy),
      shipped: .init(
        report: SearchReport(result: result, trials: trials, vocabulary: .policy),
        command: ShellCommand(["laser", "search", "--policy", "a policy", "-o", "again"])),
      language: .init(
        model: "a-model", report: .init(result: result, trials: trials, vocabulary: .questions),
        guided: .init(result: result, trials: trials, vocabulary: .questions),
        commands: [ShellCommand(["laser", "search", "--model", "a model.gguf", "-o", "again"])]),
      games: games, searchCommand: { ShellCommand(["laser", "search", "--policy", $0]) },
      trainingFile: "episodes.txt", heldOutFile: "episodes.txt",
      folder: folder.appending(path: "found"), seconds: 300)
  }

  /// Every kind of chart as studies use them, in sizes that they have.
  private static var gallery: ReportDocument {
    let layer = ChartAxis("layer")
    let loss = ChartAxis("loss", unit: "nats")
    let amounts = [10, 25, 40, 50, 60, 75, 90, 92.5, 95, 97.5, 98, 98.5, 99, 99.5, 99.75]
    func sweep(_ title: String, seed: Double) -> LineChart {
      LineChart(
        title: title, x: layer, y: loss,
        series: amounts.map { amount in
          .init(
            "\(ReportNumber.fixed(amount, digits: 2)) %",
            points: (0..<30).map { layer in
              let fall = amount / 100 * (1.5 - Double(layer) / 10)
              return .init(x: Double(layer), y: 7.3 + fall + 0.1 * sin(Double(layer) * seed))
            })
        }, palette: .ordered, references: [.init("unedited", y: 7.29)])
    }
    let accuracy = ChartAxis("accuracy", unit: "%")
    let depth = LineChart(
      x: ChartAxis(
        "removed of Uin in layer 27", unit: "%", scale: .names(amounts.map { short($0) })),
      y: accuracy,
      series: ["validation", "test"].enumerated().map { index, name in
        .init(
          name,
          points: amounts.indices.map {
            let value = 13 + Double($0 * (index + 1)) / 2
            return .init(x: Double($0), y: value, interval: value - 2...value + 2, note: "n = 240")
          }, spread: index == 0 ? .bars : .band)
      }, references: [.init("unedited", y: 13.1)])
    let frequency = LineChart(
      title: "Cumulative", x: ChartAxis("occurrences of the fact", scale: .logarithmic),
      y: accuracy,
      series: [
        .init(
          "unedited", points: (0..<18).map { .init(x: pow(2, Double($0)), y: Double($0) + 10) }),
        .init(
          "edited", points: (0..<18).map { .init(x: pow(2, Double($0)), y: 0.8 * Double($0) + 20) }),
      ])
    let buckets = ChartAxis(
      "occurrences of the fact", scale: .names(["< 50", "50–1000", "> 1000"]))
    let boost = BarChart(
      title: "By bucket", x: buckets, y: accuracy,
      series: [
        .init("unedited", bars: [.init(12, interval: 10...14), .init(20, interval: 17...23), nil]),
        .init(
          "edited", bars: [.init(20, interval: 18...22), .init(26, interval: 23...29), .init(31)]),
      ])
    let shares = BarChart(
      x: ChartAxis(
        "share of the smallest components", unit: "%", scale: .names(["1", "10", "50"])),
      y: ChartAxis("share of answers", unit: "%"),
      series: [
        .init("right", bars: [.init(5), .init(10), .init(20)]),
        .init("of the right type", bars: [.init(15), .init(40), .init(50)]),
        .init("generic word", bars: [.init(80), .init(50), .init(30)]),
      ], isStacked: true)
    return ReportDocument(
      title: "Charts", summary: "Every kind of chart.",
      sections: [
        .init(
          "Lines",
          [
            ChartFigure(
              "Loss by layer",
              ["Wq", "Wk", "Wv", "Wo", "Uin", "Uup", "Uout"].enumerated().map {
                sweep($0.element, seed: Double($0.offset + 1))
              }
            ).markup, ChartFigure("One site", [depth]).markup,
            ChartFigure("One kind", [sweep("", seed: 2)]).markup,
          ]),
        .init(
          "Bars",
          [
            ChartFigure("Facts", [frequency, boost]).markup,
            ChartFigure("Answers", [shares]).markup,
          ]),
      ])
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
