import Reports
import LaserOps

extension SearchProgress {
  /// The best so far in a line.
  var summary: String {
    guard let best else { return "nothing tried yet" }
    let gain = base.map {
      ", \(ReportNumber.signed(100 * (best.score - $0.score), digits: 1)) points"
    }
    let part = best.split == .validation ? " on validation" : ""
    return
      "best \(EditName.short(best.edit)): \(ReportNumber.percent(best.score))\(gain ?? "")\(part)"
  }
}

extension Measure {
  /// Name and mean for a person.
  var text: String {
    switch kind {
    case .loss: "loss \(ReportNumber.fixed(mean, digits: 4))"
    case .meanReturn: "mean return \(ReportNumber.fixed(mean, digits: 3))"
    case .similarity: "similarity \(ReportNumber.fixed(mean, digits: 3))"
    }
  }
}

extension SearchResult {
  /// The result for a person.
  var text: String {
    func line(_ name: String, _ summary: Summary) -> String {
      let secondary = summary.measure.text
      return "\(name): \(ReportNumber.percent(summary.score)) ± "
        + "\(ReportNumber.percent(summary.scoreStandardError)), \(secondary) "
        + "on \(summary.count("test "))"
    }
    func said(_ summary: Summary) -> [String] {
      summary.predicted.map { ["  it said \($0.text(of: summary.examples))"] } ?? []
    }
    func change(_ winner: Winner) -> String {
      let interval = winner.interval.map { ReportNumber.signed(100 * $0, digits: 1) }
      return "  \(ReportNumber.signed(100 * winner.difference, digits: 1)) points, 95 % interval "
        + "\(interval.joined(separator: " to ")), \(ReportNumber.significance(winner.pValue))"
    }
    var lines = [line("unedited", base.test)] + said(base.test)
    lines +=
      [line("best, \(EditName.short(best.edit))", best.test), change(best)] + said(best.test)
    if best.edit == Trial.baseName {
      lines.append("  no edit beats the unedited model on validation")
    } else if best.validation.score <= base.validation.score {
      let measure = base.test.measure.kind == .loss ? "has a lower loss" : "earns more"
      lines.append(
        "  no edit scores higher on validation; of those that score the same this one \(measure)")
    }
    if let lowestLoss {
      lines += [
        line(
          "\(base.test.measure.kind == .loss ? "lowest loss" : "highest return"), \(EditName.short(lowestLoss.edit))",
          lowestLoss.test),
        change(lowestLoss),
      ]
      lines += said(lowestLoss.test)
    }
    if let composition {
      lines += [
        line("composed, \(EditName.short(composition.edit))", composition.test),
        change(composition),
      ]
      lines += said(composition.test)
    }
    if let majority = base.test.majorityAccuracy {
      lines.append("always the commonest answer: \(ReportNumber.percent(majority))")
    }
    if let race { lines.append(race.text) }
    if let guide { lines.append(guide.text) }
    for other in sideEffects?.scores ?? [] {
      let interval = other.interval.map { ReportNumber.signed(100 * $0, digits: 1) }
      lines.append(
        "also \(other.task) with \(EditName.short(other.edit)): \(ReportNumber.percent(other.base.score)) before, "
          + "\(ReportNumber.percent(other.edited.score)) after, 95 % interval "
          + "\(interval.joined(separator: " to ")) points, \(ReportNumber.significance(other.pValue))"
      )
    }
    for text in sideEffects?.perplexities ?? [] {
      lines.append(
        "perplexity of \(text.text) with \(EditName.short(text.edit)): \(text.baseText) before, "
          + "\(text.editedText) after")
    }
    return lines.joined(separator: "\n")
  }
}
