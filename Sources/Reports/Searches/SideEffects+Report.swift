package import LaserOps

extension SideEffects.Text {
  /// The unedited model's perplexity for people.
  package var baseText: String { Self.text(base) }
  /// The edited model's perplexity for people.
  package var editedText: String { Self.text(edited) }

  /// The change in per cent for people; nothing where one of the two is beyond all numbers.
  var changeText: String {
    guard let base, let edited, base > 0 else { return "" }
    return "\(ReportNumber.signed(100 * (edited / base - 1), digits: 1)) %"
  }

  private static func text(_ perplexity: Double?) -> String {
    perplexity.map { ReportNumber.fixed($0, digits: 3) } ?? "beyond all numbers"
  }
}

extension SideEffects {
  /// A table for other tasks and one for texts, where there are any.
  package var report: [Markup] {
    var tables: [Markup] = []
    if let first = scores.first {
      let measure = first.base.measureAxis.label
      tables.append(
        ReportTable(
          headings: [
            "task", "edit", "examples", "unedited", "edited", "change in points [95 %]", "p",
            "\(measure), unedited", "\(measure), edited",
          ],
          rows: scores.map { score in
            [
              score.task, EditName.short(score.edit), "\(score.base.examples)",
              ReportNumber.percent(score.base.score), ReportNumber.percent(score.edited.score),
              ReportNumber.signedInterval(
                score.difference, score.interval, times: 100, digits: 1),
              ReportNumber.pValue(score.pValue),
              ReportNumber.fixed(score.base.measure.mean, digits: 2),
              ReportNumber.fixed(score.edited.measure.mean, digits: 2),
            ]
          }, wordColumns: ["edit"]
        ).markup)
    }
    if !perplexities.isEmpty {
      tables.append(
        ReportTable(
          headings: [
            "text", "edit", "tokens", "context", "perplexity, unedited", "perplexity, edited",
            "change",
          ],
          rows: perplexities.map { text in
            [
              text.text, EditName.short(text.edit), "\(text.tokens)",
              text.context.map(String.init) ?? "",
              text.baseText, text.editedText, text.changeText,
            ]
          }, wordColumns: ["edit"]
        ).markup)
    }
    return tables
  }
}
