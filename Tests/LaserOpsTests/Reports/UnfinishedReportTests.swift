import Testing

@testable import LaserOps
@testable import Reports

/// What is shown of runs that have not come to their end.
@Suite struct UnfinishedReportTests {
  private func trial(
    _ edit: String, _ split: DataSplit.Part, right: Int, of count: Int
  ) throws -> Trial {
    Trial(
      edit == Trial.baseName ? [] : try Intervention.list(parsing: edit), split: split,
      outcomes: (0..<count).map { Outcome(isSuccess: $0 < right, measure: 1) }, measure: .loss,
      seconds: 0)
  }

  @Test func `a study of two parts shows the last one beside its own unedited model`() throws {
    let trials = [
      try trial("base", .validation, right: 1, of: 4),
      try trial("Uin:0:0.5", .validation, right: 3, of: 4),
      try trial("base", .test, right: 8, of: 10),
      try trial("Uin:0:0.5", .test, right: 10, of: 10),
      try trial("Uin:0:0.25", .test, right: 5, of: 10),
    ]
    let report = UnfinishedReport(trials: trials, of: .study, vocabulary: .questions)
    let source = try report.contents().joined.source
    #expect(source.contains("2 edited models have been tried so far"))
    #expect(source.contains("80.0 %") && !source.contains("25.0 %"))
    let changes = source.matches(of: /: ([+−][0-9.]+) points</).map { String($0.1) }
    #expect(Set(changes) == ["+20.00", "−30.00"])
  }

  @Test func `sets of components have short names and a sentence instead of an empty figure`()
    throws
  {
    let trials = [
      try trial("base", .validation, right: 1, of: 4),
      try trial("keep:Uin:1:4-b-0123456789abcdef", .validation, right: 3, of: 4),
    ]
    let report = UnfinishedReport(trials: trials, of: .search, vocabulary: .questions)
    let source = try report.contents().joined.source
    #expect(source.contains("keep:Uin:1:3 of 4") && !source.contains(/[-][0-9a-f]{16}/))
    #expect(source.contains("Sets of components are no grid"))
    #expect(!source.contains("<ul class=\"legend\"></ul>"))
  }
}
