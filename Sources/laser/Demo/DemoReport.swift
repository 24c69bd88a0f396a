import DecisionTransformer
import Foundation
import LaserOps

/// The page that `make run` ends with.
struct DemoReport {
  let settings: DemoSettings
  let curve: TrainingCurve
  let parameterCount: Int
  let search: SearchReport
  /// The language model's search, where there was a model.
  let language: DemoQuestions.Finished?
  let games: ComparedGames
  let trainingFile: String
  let heldOutFile: String
  let folder: URL
  let seconds: Double

  var document: ReportDocument {
    get throws {
      ReportDocument(
        title: "What happens when one matrix loses its rank",
        summary: """
          A Decision Transformer of \(parameterCount) parameters learned to play Sokoban from optimal episodes in \
          \(settings.rooms). Then each of its weight matrices in turn was replaced by its best approximation of \
          lower rank, without any further training, and the policy played held-out rooms again. \(languageSummary)
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
    let kinds = settings.questionKinds.map(\.rawValue).joined(separator: " and ")
    let count = language.result.base.validation.examples + language.result.base.test.examples
    return "The language model \(model) went through the very same search: \(kinds) of its "
      + "last \(settings.questionLayerCount) layers, and \(count) CounterFact questions in place of rooms."
  }

  /// Both worlds in one table.
  private var result: [Markup] {
    guard let language = language?.report else { return [search.headline, search.table] }
    return [
      .element("h3", [:], .text("The policy plays")), search.headline,
      .element("h3", [:], .text("The language model answers")), language.headline,
      SearchReport.table(of: [("policy", search), ("language model", language)]),
      language.answers ?? .empty,
    ]
  }

  private var matrices: [Markup] {
    get throws {
      guard let language = language?.report else { return [try search.heatMaps()] }
      return [
        .element("h3", [:], .text("The policy")), try search.heatMaps(),
        .element("h3", [:], .text("The language model")), try language.heatMaps(),
      ]
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
      ShellCommand([
        "laser", "search", "--policy", policy, "--levels", heldOutFile, "--limit",
        "\(settings.searchedLevels)", "--rhos",
        settings.fractions.map { "\($0)" }.joined(separator: ","), "--compose", "-o",
        folder.appendingPathComponent("again/search").relativePath,
      ]),
    ]
    if edit != Trial.baseName {
      commands.append(
        ShellCommand([
          "laser", "evaluate", "--policy", policy, "--levels", heldOutFile, "--edit", edit,
        ]))
    }
    if let language { commands.append(language.command) }
    return [.element("pre", [:], .text(commands.map(\.text).joined(separator: "\n")))]
  }

  private var facts: [Markup] {
    let names = [
      "policy/curve.jsonl", "search/result.json", "search/journal.jsonl", "search/games.json",
      "questions/result.json", "questions/journal.jsonl",
    ]
    let options = settings.training
    var about = [
      "program": "laser \(Version.current)", "command": ShellCommand.current.text,
      "policy":
        "\(parameterCount) parameters, \(options.steps) updates of \(options.batch) windows, seed \(options.seed)",
      "episodes": trainingFile, "levels": "\(heldOutFile), the first \(settings.searchedLevels)",
    ]
    about["path"] = language?.model
    return RunFacts(
      about: about, seconds: seconds, files: names.map(folder.appendingPathComponent),
      page: folder.appendingPathComponent("report.html")
    ).markup
  }
}
