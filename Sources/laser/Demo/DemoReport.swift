import Reports
import DecisionTransformer
import Foundation
import LaserOps

/// The page that `make run` ends with.
struct DemoReport {
  let settings: DemoSettings
  let curve: TrainingCurve
  let parameterCount: Int
  let search: SearchReport
  /// The search of the policy that ships with the project.
  let shipped: Shipped
  /// The language model's search, where there was a model.
  let language: DemoQuestions.Finished?
  let games: ComparedGames
  /// The command that repeats the search of a policy trained like this one.
  let searchCommand: (String) -> ShellCommand
  let trainingFile: String
  let heldOutFile: String
  let folder: URL
  let seconds: Double

  /// A finished search, and the command that repeats it in another folder.
  struct Shipped {
    let report: SearchReport
    let command: ShellCommand
  }

  var document: ReportDocument {
    get throws {
      ReportDocument(
        title: "What happens when one matrix loses its rank",
        summary: """
          A Decision Transformer of \(parameterCount) parameters learned to play Sokoban from optimal episodes in \
          \(settings.rooms). Then each of its weight matrices in turn was replaced by its best approximation of \
          lower rank, without any further training, and the policy played held-out rooms again. The policy that ships with \
          the project, trained for much longer on rooms with four boxes, went through the same search of its MLPs. \
          \(languageSummary)
          """,
        sections: [
          .init("Result", result),
          .init(
            "Training",
            [training.markup]),
          .init("Every matrix, every rank", try matrices),
          .init("Games", try gamesIntroduction + GameViewer(games: games).markup()),
          .init("Again, step by step", commands),
          .init("What was run", facts),
        ])
    }
  }

  private var languageSummary: String {
    guard let (model, language) = language.map({ ($0.model, $0.report) }) else { return "" }
    let kinds = settings.mlpKinds.map(\.rawValue).joined(separator: " and ")
    let count = language.result.base.validation.examples + language.result.base.test.examples
    return "The language model \(model) went through the very same search: \(kinds) of its "
      + "last \(settings.questionLayerCount) layers, and \(count) CounterFact questions in place of rooms. "
      + "One gradient then named \(Guide.defaultTrials) edits of all its matrices."
  }

  /// All models in one table.
  private var result: [Markup] {
    func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }
    var contents = [
      heading("The policy plays"), search.headline, heading("The shipped policy plays"),
      shipped.report.headline,
    ]
    var reports: [(name: String?, report: SearchReport)] = [
      ("policy", search), ("shipped policy", shipped.report),
    ]
    if let language {
      contents += [
        heading("The language model answers"), language.report.headline,
        heading("The language model, cut where a gradient points"), language.guided.headline,
      ]
      reports += [
        ("language model", language.report), ("language model, guided", language.guided),
      ]
    }
    return contents + [SearchReport.table(of: reports), language?.guided.answers ?? .empty]
  }

  private var matrices: [Markup] {
    get throws {
      var maps: [Markup] = [
        .element("h3", [:], .text("The policy")), try search.heatMaps(),
        .element("h3", [:], .text("The shipped policy")), try shipped.report.heatMaps(),
      ]
      if let language {
        maps +=
          [
            .element("h3", [:], .text("The language model")), try language.report.heatMaps(),
            .element("h3", [:], .text("The language model, predicted and measured")),
          ] + (language.guided.guide ?? [])
      }
      return maps
    }
  }

  private var training: ChartFigure {
    ChartFigure(
      "The policy learns the actions of optimal episodes; held-out rooms show whether it only remembers.",
      [
        chart(
          "Loss of the actions", ChartAxis("cross-entropy", unit: "nats"), \.loss, \.heldOutLoss),
        chart(
          "Actions that are the optimal episode's", ChartAxis("share", unit: "%"), \.accuracy,
          \.heldOutAccuracy, scale: 100),
      ])
  }

  private func chart(
    _ title: String, _ axis: ChartAxis, _ training: KeyPath<TrainingCurve.Point, Double>,
    _ heldOut: KeyPath<TrainingCurve.Point, Double?>, scale: Double = 1
  ) -> LineChart {
    LineChart(
      title: title, x: ChartAxis("updates"), y: axis,
      series: [
        .init(
          "training",
          points: curve.points.map { .init(x: Double($0.step), y: scale * $0[keyPath: training]) }),
        .init(
          "held out",
          points: curve.points.compactMap { point in
            point[keyPath: heldOut].map { .init(x: Double(point.step), y: scale * $0) }
          }),
      ])
  }

  private var gamesIntroduction: [Markup] {
    [
      .paragraph(
        games.players.count == 1
          ? "Held-out rooms as the policy plays them."
          : "Held-out rooms as the policy plays them before and after the edit \(games.players[1])."
      )
    ]
  }

  private var commands: [Markup] {
    let model = settings.configuration
    let options = settings.training
    // Other folders than the demo's own, which are finished.
    let policy = folder.appendingPathComponent("again/policy").relativePath
    let edit = search.result.best.edit
    var commands = [
      ShellCommand([
        "laser", "train", "--episodes", trainingFile, "--held-out", heldOutFile, "-o", policy,
        "--layers", "\(model.layers)", "--width", "\(model.width)", "--heads", "\(model.heads)",
        "--context", "\(model.contextSteps)", "--batch", "\(options.batch)", "--steps",
        "\(options.steps)", "--learning-rate", "\(options.learningRate)", "--seed",
        "\(options.seed)",
      ]),
      searchCommand(policy),
    ]
    if edit != Trial.baseName {
      commands.append(
        ShellCommand([
          "laser", "evaluate", "--policy", policy, "--levels", heldOutFile, "--edit", edit,
        ]))
    }
    commands.append(shipped.command)
    commands += language?.commands ?? []
    return [.element("pre", [:], .text(commands.map(\.text).joined(separator: "\n")))]
  }

  private var facts: [Markup] {
    let names = [
      "policy/curve.jsonl", "search/result.json", "search/journal.jsonl", "search/games.json",
      "shipped/result.json", "shipped/journal.jsonl", "shipped/games.json", "questions/result.json",
      "questions/journal.jsonl", "guided/result.json", "guided/guide.jsonl",
    ]
    let options = settings.training
    return RunFacts(
      facts: [
        ("model", language?.model ?? ""),
        (
          "policy",
          "\(parameterCount) parameters, \(options.steps) updates of \(options.batch) windows, seed \(options.seed)"
        ), ("levels", "\(heldOutFile), the first \(settings.searchedLevels)"),
        ("program", "laser \(Version.text)"), ("episodes", trainingFile),
      ], command: ShellCommand.current.text, seconds: seconds,
      files: names.map(folder.appendingPathComponent),
      page: folder.appendingPathComponent("report.html")
    ).markup
  }
}
