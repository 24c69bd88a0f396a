import Testing

@testable import LaserOps

@Suite struct ShareIntervalTests {
  /// Of 6 of 6 the lower end is 6 / (6 + 1.96²).
  @Test(arguments: [(6, 6, 0.609_657, 1.0), (10, 12, 0.551_962, 0.953_037)])
  func `the interval of a share is that of the tables, within 0 and 1`(
    count: Int, total: Int, low: Double, high: Double
  ) throws {
    let share = Double(count) / Double(total)
    let interval = try #require(ShareInterval(of: share, examples: total).interval)
    #expect(abs(interval.lowerBound - low) < 1e-4 && abs(interval.upperBound - high) < 1e-4)
    #expect(interval.lowerBound < share && share <= interval.upperBound + 1e-12)
    #expect(interval.upperBound <= 1)
  }

  @Test func `of none the lower end is none, and the upper one is not`() throws {
    let interval = try #require(ShareInterval(of: 0, examples: 6).interval)
    #expect(interval.lowerBound < 1e-12 && interval.upperBound > 0.3)
  }

  @Test(arguments: [(0.5, 0), (7.0, 20), (Double.nan, 20), (1e308, 20), (1.01, 20), (0.5, -3)])
  func `what is no share has no interval beyond 0 and 1`(share: Double, examples: Int) {
    let interval = ShareInterval(of: share, examples: examples).interval
    #expect(interval.map { $0.lowerBound >= 0 && $0.upperBound <= 1 } ?? true)
  }
}
