public import LaserOps

/// The parts of a report that every search has, whatever its model: headline, table and heat maps.
public struct SearchReport: Sendable {
  /// The words of the world that was searched.
  public struct Vocabulary: Sendable {
    /// What a success is counted as: solve rate, accuracy.
    public let score: String
    /// What an example is: level, question.
    public let example: String

    /// Words for the score and for an example.
    public init(score: String, example: String) {
      self.score = score
      self.example = example
    }

    /// A policy's words.
    public static let policy = Vocabulary(score: "solve rate", example: "levels")
    /// A language model's words.
    public static let questions = Vocabulary(score: "accuracy", example: "questions")
  }

  /// What the search found.
  public let result: SearchResult
  /// Its trials on validation.
  public let trials: [Trial]
  /// How its quantities are called.
  public let vocabulary: Vocabulary

  /// The report of the finished search in a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - vocabulary: How its quantities are called.
  /// - Throws: `RunError` where there is no search, or one that is not finished.
  public init(of folder: RunFolder, vocabulary: Vocabulary) throws {
    let (result, _, trials) = try folder.finishedSearch()
    self.init(result: result, trials: trials, vocabulary: vocabulary)
  }

  /// The report of a finished search.
  public init(result: SearchResult, trials: [Trial], vocabulary: Vocabulary) {
    self.result = result
    self.trials = trials.filter { $0.split == .validation }
    self.vocabulary = vocabulary
  }

  /// The headline figures as cards.
  public var headline: Markup {
    let best = result.best
    let base = result.base.test
    func card(_ name: String, _ value: String, _ detail: String) -> Markup {
      .element(
        "div", ["class": "card"],
        .element("div", ["class": "name"], .text(name)),
        .element("div", ["class": "value"], .text(value)),
        .element("div", ["class": "detail"], .text(detail)))
    }
    let changed = best.edit != Trial.baseName
    return .element(
      "div", ["class": "cards"],
      card(
        "\(vocabulary.score), unedited", ReportNumber.percent(base.score),
        "± \(ReportNumber.percent(base.scoreStandardError)) · \(base.counted("test \(vocabulary.example)"))"
      ),
      card(
        changed
          ? "\(vocabulary.score) with \(EditName.short(best.edit))"
          : "no edit beat the unedited model",
        ReportNumber.percent(best.test.score),
        "± \(ReportNumber.percent(best.test.scoreStandardError)) · same \(vocabulary.example)"),
      card(
        "change", "\(ReportNumber.signed(100 * best.difference, digits: 1)) points",
        "95 % interval \(points(best.interval)) · \(ReportNumber.significance(best.pValue))"))
  }

  /// Base, best edit and composition with intervals.
  public var table: Markup { Self.table(of: [(nil, self)]) }

  /// One table of several searches, whose scores may be of different kinds.
  ///
  /// - Parameter reports: The searches, each with the name of what was searched.
  /// - Returns: A row for each model, the name before it.
  public static func table(of reports: [(name: String?, report: SearchReport)]) -> Markup {
    func words(_ word: (SearchReport) -> String) -> String {
      var different: [String] = []
      for word in reports.map({ word($0.report) }) where !different.contains(word) {
        different.append(word)
      }
      return different.joined(separator: " or ")
    }
    let score = words(\.vocabulary.score)
    let measure = words { $0.result.base.test.measure.kind == .loss ? "loss" : "return" }
    let headings = [
      "model", "\(score), validation", "\(score), test", "change in points [95 %]", "p",
      "\(measure), test", "change [95 %]",
    ]
    let rows = reports.flatMap { name, report in
      report.rows.map { row in [(name.map { "\($0), " } ?? "") + row[0]] + row.dropFirst() }
    }
    return ReportTable(headings: headings, rows: rows).markup
  }

  /// What the edit of the lowest loss is called.
  private var lowest: String {
    result.base.test.measure.kind == .loss ? "lowest loss" : "highest return"
  }

  private var rows: [[String]] {
    func bracketed(_ interval: [Double], digits: Int, scale: Double = 1) -> String {
      "["
        + interval.map { ReportNumber.signed(scale * $0, digits: digits) }
        .joined(separator: ", ") + "]"
    }
    func secondary(_ summary: SearchResult.Summary) -> String {
      "\(ReportNumber.fixed(summary.measure.mean, digits: 2)) ± "
        + ReportNumber.fixed(summary.measure.standardError, digits: 2)
    }
    func score(_ summary: SearchResult.Summary) -> String {
      "\(ReportNumber.percent(summary.score)) ± \(ReportNumber.fixed(100 * summary.scoreStandardError, digits: 1))"
    }
    func row(_ name: String, _ winner: SearchResult.Winner) -> [String] {
      [
        name, score(winner.validation), score(winner.test),
        "\(ReportNumber.signed(100 * winner.difference, digits: 1)) "
          + bracketed(winner.interval, digits: 1, scale: 100),
        ReportNumber.pValue(winner.pValue), secondary(winner.test),
        "\(ReportNumber.signed(winner.secondaryDifference, digits: 2)) "
          + bracketed(winner.secondaryInterval, digits: 2),
      ]
    }
    return [
      [
        "unedited", score(result.base.validation), score(result.base.test), "", "",
        secondary(result.base.test), "",
      ],
      row("best: \(EditName.short(result.best.edit))", result.best),
    ] + (result.lowestLoss.map { [row("\(lowest): \(EditName.short($0.edit))", $0)] } ?? [])
      + (result.composition.map { [row("composed: \(EditName.short($0.edit))", $0)] } ?? [])
  }

  /// What the models said, beside what always giving one answer would score; nil for tasks without answers.
  ///
  /// An edit that only makes the model constant shows here.
  public var answers: Markup? {
    guard let majority = result.base.test.majorityAccuracy else { return nil }
    func row(_ name: String, _ summary: SearchResult.Summary) -> [String] {
      [
        name, ReportNumber.percent(summary.score),
        summary.predicted?.text(of: summary.examples) ?? "",
      ]
    }
    let rows =
      [
        row("unedited", result.base.test),
        row("best: \(EditName.short(result.best.edit))", result.best.test),
      ]
      + (result.lowestLoss.map { [row("\(lowest): \(EditName.short($0.edit))", $0.test)] } ?? [])
      + (result.composition.map { [row("composed: \(EditName.short($0.edit))", $0.test)] } ?? [])
      + [["always the commonest answer", ReportNumber.percent(majority), ""]]
    return ReportTable(
      headings: ["model", "\(vocabulary.score), test", "what it said"], rows: rows, isProse: true
    ).markup
  }

  /// What a gradient predicted beside what was measured; nil unless it picked what was tried.
  public var guide: [Markup]? {
    result.guide.map { $0.report(trials: trials, vocabulary: vocabulary) }
  }

  /// The heat maps. Of a race a sentence: what it spared, and what is stated of the models that it stopped, which have no
  /// score to draw.
  ///
  /// - Throws: `InterventionError` if a trial's edit was changed by hand.
  public func everyTrial() throws -> Markup {
    guard let race = result.race, result.method != .select else { return try heatMaps() }
    return .paragraph(
      "This search \(race.text). No map is drawn, for stopped models have no score.")
  }

  /// A heat map a kind: the change of the validation score by layer and fraction. Of sets of components, which are no
  /// grid, a sentence.
  ///
  /// - Throws: `InterventionError` if a trial's edit was changed by hand.
  public func heatMaps() throws -> Markup {
    let base = result.base.validation
    return try SearchHeatMaps(
      trials: trials, base: (base.score, base.examples), method: result.method,
      chosen: result.best.edit, vocabulary: vocabulary
    ).markup
  }

  private func points(_ interval: [Double]) -> String {
    interval.map { ReportNumber.signed(100 * $0, digits: 1) }.joined(separator: " to ")
  }
}
