import Reports
import LaserOps
import Testing

@Suite struct FrequencyResultTests {
  private func trial(_ edit: String, _ right: String) throws -> Trial {
    Trial(
      edit.isEmpty ? [] : try Intervention.list(parsing: edit), split: .all,
      outcomes: right.map { Outcome(isSuccess: $0 == "1", measure: 1) }, measure: .loss, seconds: 0)
  }

  private func result(edges: [Int] = [1, 10], files: [String] = ["a"]) throws -> FrequencyResult {
    FrequencyResult(
      together: [0, 0, 3, 3, 9, 10, 500, 0], subjects: [0, 4, 3, 3, 9, 10, 500, 0],
      base: try trial("", "00100110"), edited: try trial("Uin:0:0.5", "10110111"), edges: edges,
      facts: .init(), corpus: .init(files: files, document: "line", documents: 9, words: 90),
      seed: 0
    )
  }

  private func expectEqual(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-12) }
  }

  @Test func `examples fall into the buckets of their counts`() throws {
    let result = try result()
    #expect(result.buckets.map(\.name) == ["0", "1–9", "10 or more"])
    #expect(result.buckets.map(\.examples) == [3, 3, 2])
    let third = 1.0 / 3
    expectEqual(result.buckets.compactMap(\.base), [0, third, 1])
    expectEqual(result.buckets.compactMap(\.edited), [2 * third, 2 * third, 1])
    #expect(result.absentSubjects == 2)
    expectEqual(result.buckets.compactMap(\.boost), [2 * third, third, 0])
    for bucket in result.buckets {
      let interval = try #require(bucket.boostInterval)
      let boost = try #require(bucket.boost)
      #expect(interval[0] <= boost && boost <= interval[1])
    }
  }

  @Test func `the cumulative accuracy ends with that of all examples`() throws {
    let result = try result()
    #expect(result.cumulative.map(\.occurrences) == [0, 3, 9, 10, 500])
    #expect(result.cumulative.map(\.examples) == [3, 5, 6, 7, 8])
    expectEqual(result.cumulative.map(\.base), [0, 0.2, 1.0 / 6, 2.0 / 7, 0.375])
    #expect(result.cumulative.last?.base == result.base.score)
    #expect(result.cumulative.last?.edited == result.edited?.score)
  }

  @Test func `the page says the counts of the result, and names a few of many files`() throws {
    var files = (1...5).map { "text \($0)" }
    let page = try result(files: files).report(.questions).map(\.source).joined()
    for point in try result(files: files).cumulative {
      #expect(page.contains("at most \(point.occurrences) documents, \(point.examples) examples"))
    }
    #expect(page.contains("text 1, text 2, text 3 and 2 more files") && !page.contains("text 4"))
    files.removeLast(2)
    #expect(
      try result(files: files).report(.questions).map(\.source).joined()
        .contains("text 1, text 2, text 3 (90 words"))
  }

  @Test func `a bucket without examples has no share`() throws {
    let result = try result(edges: [50, 1_001])
    #expect(result.buckets.map(\.name) == ["0–49", "50–1000", "1001 or more"])
    #expect(result.buckets[2].base == nil && result.buckets[2].boost == nil)
    let source = result.report(.questions).map(\.source).joined()
    #expect(source.contains("50–1000") && source.contains("90 words"))
  }
}
