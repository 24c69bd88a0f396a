package import LaserOps

/// The report of a search or a study that is still going, or that was stopped: what is there, and that it is not all.
package struct UnfinishedReport: Sendable {
  /// What is not finished.
  package enum Run: Equatable, Sendable {
    /// A search, which picks on validation and reports on test.
    case search
    /// A search that has stopped so many edited models, whose scores are unknown.
    case race(stopped: Int)
    /// A study, which scores all its edits on one part of the examples.
    case study

    /// How many edited models a race has stopped; nil for anything else.
    fileprivate var stopped: Int? {
      if case .race(let stopped) = self { stopped } else { nil }
    }
  }

  private let trials: [Trial]
  private let run: Run
  private let vocabulary: SearchReport.Vocabulary

  /// How many of the best edits are named.
  private static let namedEdits = 10

  /// The report of the trials so far.
  package init(trials: [Trial], of run: Run, vocabulary: SearchReport.Vocabulary) {
    // A study may have been started again on another part: scores of two parts cannot be compared.
    let part = run == .study ? trials.last?.split : .validation
    self.trials = trials.filter { $0.split == part }
    self.run = run
    self.vocabulary = vocabulary
  }

  /// What stands on top of every unfinished report.
  package static let notice = Markup.element(
    "p", ["class": "running"],
    .text(
      "This run is not finished. Started again with the same arguments, it goes on where it is."))

  /// What stands above a result whose folder is being written again.
  package static let goingOn = Markup.element(
    "p", ["class": "running"],
    .text(
      "A run with other arguments is going on in this folder; here is the result of the last one that came to its end."
    ))

  /// What stands above a result in whose folder another grid was begun.
  package static let earlierResult = Markup.element(
    "p", ["class": "running"],
    .text(
      "A search of another grid was begun in this folder and is not finished; here is the result of the one before, with the trials of both."
    ))

  /// What stands above a study's result in whose folder other edits, or other examples, were begun.
  package static let earlierStudy = Markup.element(
    "p", ["class": "running"],
    .text(
      "A study of other edits or of another part was begun in this folder and is not finished; here is the result of the one before."
    ))

  /// A notice, the best edits so far and the maps so far.
  ///
  /// - Throws: `InterventionError` if a trial's edit was changed by hand.
  package func contents() throws -> [Markup] {
    let edited = trials.filter { $0.edit != Trial.baseName }
    let caution =
      run != .study
      ? " These are figures of the validation part, which flatter the best edit; the test part follows."
      : ""
    let tried =
      run.stopped.map { "have been asked everything and \($0) were stopped" } ?? "have been tried"
    let count = Markup.paragraph("\(edited.count) edited models \(tried) so far.\(caution)")
    guard let base = trials.first(where: { $0.edit == Trial.baseName }) else {
      return [Self.notice, count]
    }
    let best = edited.sorted { ($0.score, $0.measure.merit) > ($1.score, $1.measure.merit) }
    func row(_ name: String, _ trial: Trial) -> [String] {
      let score = Estimate(of: trial.successFlags.map { $0 ? 1 : 0 })
      return [
        name,
        "\(ReportNumber.percent(score.mean)) ± \(ReportNumber.fixed(100 * score.standardError, digits: 1))",
        ReportNumber.fixed(trial.measure.mean, digits: 2),
      ]
    }
    let table = ReportTable(
      headings: [
        "model", "\(vocabulary.score)\(run == .study ? "" : ", validation")",
        base.measure.kind.heading,
      ],
      rows: [row("unedited", base)]
        + best.prefix(Self.namedEdits).map { row(EditName.short($0.edit), $0) })
    let method = try best.lazy.compactMap { try $0.interventions().first?.method.searchMethod }
      .first
    // A race's stopped models have no score to draw.
    let maps =
      try run.stopped != nil
      ? nil
      : method.map {
        try SearchHeatMaps(
          trials: trials, base: (base.score, base.examples), method: $0, chosen: nil,
          vocabulary: vocabulary
        ).markup
      }
    return [
      Self.notice, count, .element("h3", [:], .text("Best so far")), table.markup, maps ?? .empty,
    ]
  }
}

extension Intervention.Method {
  /// What a search does whose trials have this edit; nil for edits that no search tries.
  fileprivate var searchMethod: SearchSpace.Method? {
    switch self {
    case .rank: .rank
    case .tail: .tail
    case .prune: .prune
    case .keep: .select
    case .zero: nil
    }
  }
}

extension SecondaryMeasure {
  /// What a column of it is called.
  fileprivate var heading: String {
    switch self {
    case .loss: "loss (nats)"
    case .meanReturn: "return"
    case .similarity: "similarity"
    }
  }
}
