import Reports
import LaserOps

extension SearchResult.Summary {
  /// Score and secondary measure in a line.
  var line: String {
    "\(ReportNumber.percent(score)) ± \(ReportNumber.percent(scoreStandardError)), \(measure.text)"
  }

  /// The number of examples: `100 test examples`, or `97 test examples with one-token answers (left out: 3)`.
  func count(_ part: String = "") -> String {
    counted(part + (leftOut == nil ? "examples" : "examples with one-token answers"))
  }
}

extension SweepResult {
  /// The result for a person: the unedited model and the best edits, or all where they are few.
  var text: String {
    let count = study == .depth ? points.count : 5
    let shown = study == .depth ? points : Array(sorted.prefix(count))
    let title =
      study == .depth
      ? [] : ["the best of \(points.count) on these \(base.count()), which picked them:"]
    return
      (["unedited: \(base.line) on \(base.count())"] + title
      + shown.map { "\($0.edit): \($0.score.line)" }).joined(separator: "\n")
  }

  /// The result of a study of the smallest components for a person.
  var tailText: String {
    ([("everything", base)] + points.map { ($0.edit, $0.score) }).map { name, score in
      "\(name): \(score.predicted?.text(of: score.examples) ?? ""); similarity "
        + ReportNumber.fixed(score.measure.mean, digits: 3)
        + (score.words.map { "; \($0.text(of: score.examples, limit: 5))" } ?? "")
    }.joined(separator: "\n")
  }
}

extension FrequencyResult {
  /// The result for a person: a line a bucket.
  var text: String {
    func share(_ value: Double?) -> String { value.map { ReportNumber.percent($0) } ?? "–" }
    let lines = buckets.map { bucket in
      let boost = bucket.boost.map {
        ", with \(EditName.short(edit ?? "")): \(share(bucket.edited)) "
          + "(\(ReportNumber.signed(100 * $0, digits: 1)) points)"
      }
      return "\(bucket.name) occurrences, \(bucket.examples) examples: \(share(bucket.base))"
        + (boost ?? "")
    }
    return
      (lines + [
        "the subject of \(absentSubjects) of \(base.count()) never occurs in "
          + "\(corpus.words) words"
      ]).joined(separator: "\n")
  }
}

extension CompositionResult {
  /// The result for a person: a line an edit.
  var text: String {
    let lines = steps.map { step in
      "\(step.added.map { "+ \($0)" } ?? "unedited"): validation \(step.validation.line); "
        + "test \(step.test.line)"
    }
    let interval = composition.interval.map { ReportNumber.signed(100 * $0, digits: 1) }
    return
      (lines + [
        "\(ReportNumber.signed(100 * composition.difference, digits: 1)) points on "
          + "\(composition.test.count("test ")), 95 % interval "
          + "\(interval.joined(separator: " to ")), \(ReportNumber.significance(composition.pValue))"
      ]).joined(separator: "\n")
  }
}

extension RankResult {
  /// The result for a person: a line a matrix.
  var text: String {
    sites.map { site in
      "\(site.key)  \(site.rows) × \(site.columns)  effective rank "
        + "\(ReportNumber.fixed(site.effectiveRank, digits: 1)), \(site.rankAboveNoise) above the noise"
        + kept.filter { $0.kind == site.kind && $0.layer == site.layer }.map { kept in
          ", best in \(kept.run) at rank \(kept.rank) "
            + "(\(ReportNumber.signed(100 * kept.change, digits: 1)) points)"
        }.joined()
    }.joined(separator: "\n")
  }
}

extension GradientResult {
  /// The result for a person: the most promising edits, and components where they were asked for.
  var text: String {
    let measured = Dictionary(self.measured.map { ($0.edit, $0) }) { first, _ in first }
    let edits = byPromise.prefix(24).map { edit in
      "\(EditName.short(edit.edit)): loss \(ReportNumber.signed(edit.loss, digits: 3)) predicted"
        + (edit.successes.map { ", \(ReportNumber.percent($0)) right" } ?? "")
        + (measured[edit.edit].map {
          "; loss \(ReportNumber.signed($0.loss, digits: 3)) measured, "
            + "\(ReportNumber.signed(100 * $0.score, digits: 1)) points"
        } ?? "")
    }
    let correlation =
      rankCorrelation.map {
        [
          "rank correlation with \(self.measured.count) measured: \(ReportNumber.fixed($0, digits: 2))"
        ]
      } ?? []
    let list = components.map { components in
      components.list.prefix(24).map { component in
        "component \(component.number) of \(components.site): loss "
          + "\(ReportNumber.signed(component.loss, digits: 4)) without it"
          + (component.tValue.map { ", t \(ReportNumber.signed($0, digits: 1))" } ?? "")
      }
    }
    return (edits + correlation + (list ?? [])).joined(separator: "\n")
  }
}

extension TablesResult {
  /// The result for a person: a line a search, the paper's figures below it.
  var text: String {
    func arrow(_ before: Double, _ after: Double) -> String {
      "\(ReportNumber.percent(before)) → \(ReportNumber.percent(after))"
    }
    func change(_ winner: SearchResult.Winner) -> String {
      "\(ReportNumber.signed(100 * winner.difference, digits: 1)) points, "
        + "\(ReportNumber.significance(winner.pValue))"
    }
    let models = rows.flatMap { row in
      [
        "\(row.task), \(row.model): \(arrow(row.base.score, row.best.test.score)) with "
          + "\(EditName.short(row.best.edit)) on \(row.base.count("test ")) (\(change(row.best)))"
          + (row.scoring.isEmpty ? "" : "; \(row.scoring)")
      ]
        + row.paper.map {
          "  the paper's \($0.model): \(arrow($0.base, $0.edited)) with \($0.edit)"
        }
    }
    let players = policies.flatMap { row in
      [
        "sokoban, \(row.policy): \(arrow(row.base.score, row.best.test.score)) with "
          + "\(EditName.short(row.best.edit)) on \(row.base.count("test ")) (\(change(row.best))), mean return "
          + "\(ReportNumber.fixed(row.base.measure.mean, digits: 2)) → "
          + ReportNumber.fixed(row.best.test.measure.mean, digits: 2),
        "  the paper's: \(row.paper.solved), mean return \(row.paper.baseReturn) → "
          + "\(row.paper.editedReturn)",
      ]
    }
    return (models + players).joined(separator: "\n")
  }
}
