package import LaserOps

/// Finished searches beside the paper's tables.
package struct TablesResult: Codable, Equatable, Sendable {
  /// A search of a language model, and what the paper says of its task.
  package struct Row: Codable, Equatable, Sendable {
    /// The task.
    package let task: String
    /// The model.
    package let model: String
    /// How answers were scored; nil where the search does not say.
    package let options: String?
    /// Whose prompts: `paper` or `authors`; nil where the search does not say.
    package let variant: String?
    /// The unedited model on test.
    package let base: SearchResult.Summary
    /// The best edit, against the unedited model.
    package let best: SearchResult.Winner
    /// The paper's models; none for a task that it does not have.
    package let paper: [PaperResults.Row]
  }

  /// A search of a policy, and what the paper says of its own.
  package struct PolicyRow: Codable, Equatable, Sendable {
    /// The policy.
    package let policy: String
    /// How the games were played; nil where the search does not say.
    package let options: String?
    /// The unedited policy on test.
    package let base: SearchResult.Summary
    /// The best edit, against the unedited policy.
    package let best: SearchResult.Winner
    /// The paper's policy.
    package let paper: PaperResults.Policy
  }

  /// Which study it is.
  package let study: StudyName
  /// Language models (Tables 1 and 3).
  package let rows: [Row]
  /// Policies (Table 2).
  package let policies: [PolicyRow]

  /// The tables of finished searches.
  ///
  /// - Parameters:
  ///   - folders: Their folders.
  ///   - text: How answers or games were scored, in words.
  /// - Throws: `RunError` for a folder without a finished search.
  package init(
    of folders: [RunFolder], scoredBy text: (RunIdentity.Scoring) -> String
  ) throws {
    study = .tables
    var rows: [Row] = []
    var policies: [PolicyRow] = []
    for folder in folders {
      let (result, header, _) = try folder.finishedSearch()
      let scoring = header.identity.scoring
      let options = scoring.map(text)
      if result.base.test.measure.kind == .meanReturn {
        policies.append(
          PolicyRow(
            policy: header.provenance.model ?? "", options: options, base: result.base.test,
            best: result.best, paper: PaperResults.policy))
      } else {
        let task = scoring?.task ?? ""
        rows.append(
          Row(
            task: task, model: Self.name(header.provenance.model ?? ""), options: options,
            variant: scoring?.rules["variant"]?.text, base: result.base.test, best: result.best,
            paper: PaperResults.rows(of: task)))
      }
    }
    self.rows = rows
    self.policies = policies
  }

  /// The last part of a model's path, a file's ending left out.
  private static func name(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    return last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last
  }

  /// The tables.
  package var report: [Markup] {
    var contents: [Markup] = []
    if !rows.isEmpty {
      contents += [
        StudyFigures.heading("Language models: accuracy, unedited → best edit (Table 1)"),
        table(["accuracy, test", "change [95 %]", "p", "test examples", "scored by"]) { row in
          [
            arrow(row.base.score, row.best.test.score), change(row.best),
            ReportNumber.pValue(row.best.pValue), row.base.counted(), row.scoring,
          ]
        } paper: {
          arrow($0.base, $0.edited)
        },
        StudyFigures.heading("Loss in nats, unedited → best edit (Table 1)"),
        table(["loss, test"]) { row in
          [losses(row.base.measure.mean, row.best.test.measure.mean)]
        } paper: {
          losses($0.baseLoss, $0.editedLoss)
        },
        StudyFigures.heading("The best edits (Table 3)"),
        table(["best edit"]) {
          [EditName.short($0.best.edit)]
        } paper: {
          $0.edit
        },
      ]
    }
    if !policies.isEmpty {
      contents += [
        StudyFigures.heading("Policies on Sokoban, unedited → best edit (Table 2)"),
        ReportTable(
          headings: [
            "policy", "best edit", "solved, test", "change [95 %]", "p", "mean return",
            "test levels",
            "played with", "the paper: solved", "the paper: return",
          ],
          rows: policies.map { row in
            [
              row.policy, EditName.short(row.best.edit), arrow(row.base.score, row.best.test.score),
              change(row.best), ReportNumber.pValue(row.best.pValue),
              "\(ReportNumber.fixed(row.base.measure.mean, digits: 2)) → "
                + ReportNumber.fixed(row.best.test.measure.mean, digits: 2),
              row.base.counted(), row.options ?? "", row.paper.solved,
              "\(row.paper.baseReturn) → \(row.paper.editedReturn)",
            ]
          }, wordColumns: ["played with"]
        ).markup,
        StudyFigures.note("The paper's policy was trained on a million episodes."),
      ]
    }
    return contents
  }

  /// A table with the paper's three models in its last columns.
  private func table(
    _ headings: [String], ours: (Row) -> [String], paper: (PaperResults.Row) -> String
  ) -> Markup {
    ReportTable(
      headings: ["task", "model"] + headings + PaperResults.models.map { "paper: \($0)" },
      rows: rows.map { row in
        [row.task, row.model] + ours(row)
          + PaperResults.models.map { model in
            row.paper.first { $0.model == model }.map(paper) ?? ""
          }
      }, wordColumns: ["model", "scored by"]
    ).markup
  }

  private func losses(_ before: Double, _ after: Double) -> String {
    "\(ReportNumber.fixed(before, digits: 2)) → \(ReportNumber.fixed(after, digits: 2))"
  }

  private func arrow(_ before: Double, _ after: Double) -> String {
    "\(ReportNumber.percent(before)) → \(ReportNumber.percent(after))"
  }

  private func change(_ winner: SearchResult.Winner) -> String {
    ReportNumber.signedInterval(winner.difference, winner.interval, times: 100, digits: 1)
  }
}

extension TablesResult.Row {
  /// How answers were scored, and whose prompts where they are not the paper's.
  package var scoring: String {
    [options, variant.flatMap { $0 == "paper" ? nil : "prompts of the \($0)" }]
      .compactMap(\.self).joined(separator: "; ")
  }
}
