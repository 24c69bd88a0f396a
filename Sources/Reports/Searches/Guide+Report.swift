public import LaserOps

extension Guide.Summary {
  /// A sentence for reports.
  public var text: String {
    "guided: one gradient on \(examples) validation examples named \(tried.count) of \(predicted) "
      + "edits; \(ReportNumber.percent(untried)) of them were never tried"
  }

  /// What was predicted beside what was measured, the most promising first.
  ///
  /// - Parameters:
  ///   - trials: The search's trials on validation, the unedited model's among them.
  ///   - vocabulary: How the quantities are called.
  /// - Returns: A sentence and a table.
  public func report(
    trials: [Trial], vocabulary: SearchReport.Vocabulary
  ) -> [Markup] {
    let measured = Dictionary(trials.map { ($0.edit, $0) }) { first, _ in first }
    let base = measured[Trial.baseName]
    let rows = tried.enumerated().map { place, edit in
      let trial = measured[edit.edit]
      let change = trial.flatMap { trial in
        trial.measure.kind == .loss ? base.map { trial.measure.mean - $0.measure.mean } : nil
      }
      return [
        EditName.short(edit.edit), "\(place + 1)", ReportNumber.signed(edit.loss, digits: 2),
        change.map { ReportNumber.signed($0, digits: 2) } ?? "",
        edit.successes.map { ReportNumber.percent($0) } ?? "",
        trial.map { ReportNumber.percent($0.score) } ?? "",
      ]
    }
    return [
      .paragraph(
        "\(text.prefix(1).uppercased())\(text.dropFirst()). A prediction is of first order: of edits that "
          + "change a model much, such as those of matrices that write the first token's large values, "
          + "it can be far off."
          + (tried.allSatisfy { measured[$0.edit] != nil }
            ? "" : " Edits without a measured value were stopped by the race.")),
      ReportTable(
        headings: [
          "edit", "place", "loss, predicted", "loss, measured", "\(vocabulary.score), predicted",
          "\(vocabulary.score), measured",
        ], rows: rows
      ).markup,
    ]
  }
}
