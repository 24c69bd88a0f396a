import Reports
import Foundation
import LaserOps
import Testing

/// Folders and results as somebody may have left them.
@Suite struct ResultFileTests {
  private let model = ToyModel()

  private func sweep(_ name: StudyName = .layers) throws -> SweepResult {
    let study = SweepStudy(
      name, of: model, objective: ToyObjective(target: model),
      split: try DataSplit(exampleCount: 20), part: .all,
      space: try SearchSpace(fractions: [0.5, 0.25]))
    return try #require(try study.run(journal: Journal()))
  }

  /// The result with all its numbers called `key` set to `value`.
  private func changed(
    _ result: SweepResult, _ key: String, to value: String
  ) throws -> SweepResult {
    let text = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
    let numbers = try Regex("\"\(key)\":[-0-9.e+]+")
    return try JSONDecoder().decode(
      SweepResult.self, from: Data(text.replacing(numbers, with: "\"\(key)\":\(value)").utf8))
  }

  @Test(arguments: [
    ("score_se", "-1"), ("loss_se", "-1"), ("score", "7"), ("examples", "0"), ("score", "1e308"),
    ("loss", "-1e308"), ("layer", "9223372036854775807"),
  ])
  func `a result that was changed by hand is drawn as far as it can be`(
    key: String, value: String
  ) throws {
    for study in [StudyName.layers, .depth, .tail] {
      let result = try changed(sweep(study), key, to: value)
      #expect(!SweepReport(result, vocabulary: .questions).contents.isEmpty)
    }
  }

  @Test func `counts beyond all numbers are no trap`() throws {
    let text = #"{"a": 9223372036854775807, "b": 9223372036854775807}"#
    let counts = try JSONDecoder().decode(AnswerCounts.self, from: Data(text.utf8))
    #expect(counts.text(of: 10).contains("a "))
  }

  @Test func `a header of any length is read`() throws {
    try withTemporaryFolder { folder in
      let target = RunFolder(folder)
      let long = String(repeating: "a corpus file, ", count: 20_000)
      let journal: Journal<Trial> = try target.open(
        for: RunHeader(
          RunIdentity(kind: .study(.frequency)), from: RunProvenance(data: [long])))
      try journal.record(
        Trial(
          [], split: .all, outcomes: [Outcome(isSuccess: true, measure: 0)], measure: .loss,
          seconds: 0))
      #expect(try target.header?.identity.study == .frequency)
      #expect(try target.header?.provenance.data == [long])
    }
  }

  @Test func `the folder of a study is named as such where a search is wanted`() throws {
    try withTemporaryFolder { folder in
      let study = RunFolder(folder)
      let _: Journal<RankResult.Site> = try study.open(
        for: RunHeader(RunIdentity(kind: .study(.rank), model: "a")))
      try study.write(sweep(), command: "laser")
      let target = RunFolder(folder)
      #expect(
        throws: RunError.otherRun(
          folder: folder.path, expected: "laser search or laser study layers", found: .rank)
      ) { try target.trials(ofModel: "a") }
      #expect(
        throws: RunError.otherRun(folder: folder.path, expected: "laser search", found: .rank)
      ) { try TablesResult(of: [target], scoredBy: \.task) }
    }
  }

  @Test func `studies of layers stand beside each other on one scale`() throws {
    let reports = try ["easy", "hard"].map {
      (name: $0, report: SweepReport(try sweep(), vocabulary: .questions))
    }
    let figures = SweepReport.comparison(of: reports).map(\.source)
    // Which layers help, then a figure a kind with a panel a study.
    #expect(figures.count == 1 + 2)
    for figure in figures.dropFirst() {
      #expect(figure.contains(">easy</div>") && figure.contains(">hard</div>"))
      #expect(figure.contains("50 % removed: "))
    }
  }

  @Test func `a layer has one place in all panels, also in a study of some layers only`() throws {
    let some = try #require(
      try SweepStudy(
        .layers, of: model, objective: ToyObjective(target: model),
        split: try DataSplit(exampleCount: 20), part: .all,
        space: try SearchSpace(layers: [1], fractions: [0.5])
      ).run(journal: Journal()))
    let figures = SweepReport.comparison(of: [
      ("all", SweepReport(try sweep(), vocabulary: .questions)),
      ("some", SweepReport(some, vocabulary: .questions)),
    ]).map(\.source)
    for figure in figures.dropFirst() {
      let places = figure.matches(of: /<circle cx="([0-9.]+)"[^>]*><title>[^<]*layer 1,/).map(\.1)
      #expect(places.count == 3 && Set(places).count == 1, "\(places)")
    }
  }

  @Test func `side by side a study and an amount have one colour each, whatever a study lacks`()
    throws
  {
    func report(_ kinds: [WeightKind], _ fractions: [Double]) throws -> SweepReport {
      let study = SweepStudy(
        .layers, of: model, objective: ToyObjective(target: model),
        split: try DataSplit(exampleCount: 20), part: .all,
        space: try SearchSpace(kinds: kinds, fractions: fractions))
      return SweepReport(
        try #require(try study.run(journal: Journal())), vocabulary: .questions)
    }
    let figures = SweepReport.comparison(of: [
      ("one kind", try report([.mlpOutput], [0.25, 0.75])),
      ("both kinds", try report([.mlpInput, .mlpOutput], [0.5, 0.25])),
    ]).map(\.source)
    #expect(figures.count == 1 + 2)
    for figure in figures {
      let drawn = figure.matches(of: /<g class="([^"]*) series[^"]*" data-series="([^"]*)"/)
        .map { (colour: String($0.1), name: String($0.2)) }
      #expect(!drawn.isEmpty)
      for lines in Dictionary(grouping: drawn, by: \.name).values {
        #expect(Set(lines.map(\.colour)).count == 1, "\(lines)")
      }
      for lines in Dictionary(grouping: drawn, by: \.colour).values {
        #expect(Set(lines.map(\.name)).count == 1, "\(lines)")
      }
    }
  }

  @Test func `the range of a similarity stands at the axis and is no unit`() throws {
    let page = SweepReport(try sweep(.tail), vocabulary: .questions).contents.joined.source
    #expect(page.contains("cosine similarity (−1 to 1)</text>"))
    #expect(!page.contains(/[0-9] −1 to 1/))
  }

  @Test func `the paper's figures are printed as they were published`() {
    #expect(PaperResults.policy.solved == "50.67 % → 53 %")
  }

  @Test func `shares near the ends have intervals within them`() throws {
    let point = try #require(try sweep(.depth).points.first)
    #expect(point.score.examples == 20)
    let page = SweepReport(
      try changed(sweep(.depth), "score", to: "1"), vocabulary: .questions
    ).contents.map(\.source).joined()
    // Wilson's interval of 20 of 20.
    #expect(page.contains("100 % [95 %: 83.89 to 100]"))
  }
}
