import Foundation
import Testing

@testable import LaserOps
@testable import Reports

@Suite struct ReportTests {
  @Test func `text and attributes are escaped`() {
    let markup = Markup.element("p", ["title": "a \"b\" & <c>"], .text("<script>&"))
    #expect(
      markup.source == "<p title=\"a &quot;b&quot; &amp; &lt;c&gt;\">&lt;script&gt;&amp;</p>")
  }

  @Test func `a sign with an accent behind it is escaped as the sign`() {
    #expect(Markup.text("\"\u{301} <\u{301}").source == "&quot;\u{301} &lt;\u{301}")
  }

  @Test(arguments: [
    ([0.0, 10], [0.0, 2, 4, 6, 8, 10]), ([0.13, 0.47], [0.1, 0.2, 0.3, 0.4, 0.5]),
    ([-3.0, 3], [-4.0, -2, 0, 2, 4]),
  ])
  func `an axis covers its values with round ticks`(values: [Double], ticks: [Double]) {
    let scale = AxisScale(covering: values)
    #expect(scale.ticks.count == ticks.count)
    for (found, expected) in zip(scale.ticks, ticks) { #expect(abs(found.value - expected) < 1e-9) }
  }

  @Test(arguments: [[], [5.0], [0.0, 0], [.nan, .infinity]])
  func `an axis of next to nothing still has two ticks`(values: [Double]) {
    let scale = AxisScale(covering: values)
    #expect(scale.ticks.count >= 2)
    #expect(scale.ticks.allSatisfy { $0.value.isFinite })
  }

  @Test func `what rounds to zero has no minus sign`() {
    #expect(ReportNumber.signed(-0.001, digits: 1) == "+0.0")
    #expect(ReportNumber.signed(-0.06, digits: 1) == "−0.1")
    #expect(ReportNumber.percent(0.5067, digits: 2) == "50.67 %")
  }

  @Test func `a p-value in a sentence is an equation, or a bound where it is very small`() {
    #expect(ReportNumber.significance(0.031) == "p = 0.031")
    #expect(ReportNumber.significance(1e-6) == "p < 0.0001")
  }

  @Test func `the report of a search has its figures and draws trials of its own method only`()
    throws
  {
    let search = InterventionSearch(
      model: ToyModel(), objective: IndifferentObjective(),
      split: try DataSplit(exampleCount: 20), space: try SearchSpace(fractions: [0.5]))
    let journal = Journal<Trial>()
    let result = try #require(try search.run(journal: journal))
    let trials = ["Uin:0:0.5", "prune:Uin:0:0.25"].compactMap { text in
      (try? Intervention.list(parsing: text)).map {
        Trial(
          $0, split: .validation, outcomes: [Outcome(isSuccess: false, measure: 0)],
          measure: .meanReturn, seconds: 1)
      }
    }
    let report = SearchReport(result: result, trials: trials, vocabulary: .policy)
    #expect(report.headline.source.contains("100.0 %"))
    #expect(report.table.source.contains("unedited"))
    let maps = try report.heatMaps().source
    #expect(maps.contains("rank kept 0.5: −100.00 points"))
    #expect(!maps.contains("0.25"))
  }

  @Test func `the edit of the lowest loss or the highest return is among what was said`() throws {
    let search = InterventionSearch(
      model: ToyModel(), objective: IndifferentObjective(),
      split: try DataSplit(exampleCount: 20), space: try SearchSpace(fractions: [0.5]))
    let found = try JSONEncoder().encode(try #require(try search.run()))
    // As a gradient's search of a task with answers would have it.
    var object = try #require(try JSONSerialization.jsonObject(with: found) as? [String: Any])
    var base = try #require(object["base"] as? [String: Any])
    var test = try #require(base["test"] as? [String: Any])
    test["majority_accuracy"] = 0.5
    base["test"] = test
    object["base"] = base
    object["lowest_loss"] = object["best"]
    let result = try JSONDecoder().decode(
      SearchResult.self, from: JSONSerialization.data(withJSONObject: object))
    let report = SearchReport(result: result, trials: [], vocabulary: .questions)
    #expect(try #require(report.answers).source.contains("highest return: "))
  }

  @Test func `words among numbers stand in columns of their own kind`() {
    let table = ReportTable(
      headings: ["task", "scored by"], rows: [["a", "how it was done"]], wordColumns: ["scored by"])
    #expect(table.markup.source.contains("<th class=\"words\">scored by"))
    #expect(table.markup.source.contains("<td>a</td><td class=\"words\">how it was done"))
  }

  @Test func `ranks of a rule, one a matrix, are lines and no map of empty cells`() throws {
    let search = InterventionSearch(
      model: ToyModel(), objective: IndifferentObjective(),
      split: try DataSplit(exampleCount: 20), space: try SearchSpace(fractions: [0.5]))
    let result = try #require(try search.run(journal: Journal<Trial>()))
    let trials = try ["Uin:0:0.5", "Uin:1:0.25", "Uout:0:0.75"].map { text in
      Trial(
        try Intervention.list(parsing: text), split: .validation,
        outcomes: [Outcome(isSuccess: false, measure: 0)], measure: .meanReturn, seconds: 1)
    }
    let figure = try SearchReport(result: result, trials: trials, vocabulary: .policy).heatMaps()
      .source
    #expect(
      figure.contains("polyline") && figure.contains("-100 points, layer 1, 0.25 of the rank"))
    #expect(figure.contains("<div class=\"title\">Uout</div>"))
  }
}
