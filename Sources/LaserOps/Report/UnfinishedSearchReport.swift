/// The report of a search that is still going, or that was stopped: what is there, and that it is not all.
public struct UnfinishedSearchReport: Sendable {
  private let trials: [Trial]
  private let vocabulary: SearchReport.Vocabulary

  /// How many of the best edits are named.
  private static let namedEdits = 10

  /// The report of the trials so far.
  public init(trials: [Trial], vocabulary: SearchReport.Vocabulary) {
    self.trials = trials.filter { $0.split == .validation }
    self.vocabulary = vocabulary
  }

  /// A notice, the best edits so far and the maps so far.
  ///
  /// - Throws: ``InterventionError`` if a trial's edit was changed by hand.
  public func contents() throws -> [Markup] {
    let edited = trials.filter { $0.edit != Trial.baseName }
    let notice = Markup.element(
      "p", ["class": "running"],
      .text(
        "This run is not finished: \(edited.count) edited models have been tried so far, and nothing "
          + "was measured on the test part yet. Figures on validation alone flatter the best edit. "
          + "Started again with the same arguments, the run goes on where it is."))
    guard let base = trials.first(where: { $0.edit == Trial.baseName }), !edited.isEmpty else {
      return [notice]
    }
    let best = edited.sorted { ($0.score, $0.merit) > ($1.score, $1.merit) }
    func row(_ name: String, _ trial: Trial) -> [String] {
      let score = Estimate(of: trial.successFlags.map { $0 ? 1 : 0 })
      return [
        name,
        "\(ReportNumber.percent(score.mean)) ± \(ReportNumber.fixed(100 * score.standardError, digits: 1))",
        ReportNumber.fixed(trial.meanReturn ?? trial.loss ?? 0, digits: 2),
      ]
    }
    let table = ReportTable(
      headings: [
        "model", "\(vocabulary.score), validation",
        base.meanReturn == nil ? "loss (nats)" : "return",
      ],
      rows: [row("unedited", base)] + best.prefix(Self.namedEdits).map { row($0.edit, $0) })
    let method = try best.lazy.compactMap { try $0.interventions().first?.method.searchMethod }
      .first
    let maps = try method.map {
      try SearchHeatMaps(
        trials: trials, base: (base.score, base.examples), method: $0, chosen: nil,
        vocabulary: vocabulary
      ).figure.markup
    }
    return [notice, .element("h3", [:], .text("Best so far")), table.markup, maps ?? .empty]
  }
}

extension Intervention.Method {
  /// What a search does whose trials have this edit; nil for edits that no search tries.
  fileprivate var searchMethod: SearchSpace.Method? {
    switch self {
    case .rank: .rank
    case .tail: .tail
    case .prune: .prune
    case .zero: nil
    }
  }
}
