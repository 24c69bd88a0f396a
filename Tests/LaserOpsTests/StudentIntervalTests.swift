import Testing

@testable import LaserOps

@Suite struct StudentIntervalTests {
  /// By Simpson's rule on the density, and, up to 30 degrees, in every table.
  @Test(arguments: [
    (1, 12.706204736), (2, 4.302652730), (3, 3.182446305), (4, 2.776445105), (9, 2.262157163),
    (30, 2.042272456), (100, 1.983971519), (101, 1.983731003),
  ])
  func `quantiles are those of the tables`(degrees: Int, expected: Double) {
    let found = StudentInterval.quantile(within: 0.95, degrees: degrees)
    #expect(abs(found - expected) <= 1e-9 * max(1, expected))
  }

  @Test func `shares below t are those of the tables`() {
    #expect(StudentInterval.share(below: 0, degrees: 5) == 0.5)
    #expect(abs(StudentInterval.share(below: 12.706204736, degrees: 1) - 0.975) < 1e-9)
    #expect(abs(StudentInterval.share(below: -2.262157163, degrees: 9) - 0.025) < 1e-9)
  }

  @Test func `the interval of few values is wide, of equal ones nothing, of one there is none`() {
    // Mean 2, s = 1, √3: 2 ± 4.3027 / 1.7321.
    let interval = StudentInterval(of: [1, 2, 3]).interval
    #expect(abs((interval?.upperBound ?? 0) - 4.484137713) < 1e-8)
    #expect(StudentInterval(of: [5, 5]).interval == 5...5)
    #expect(StudentInterval(of: [5]).interval == nil && StudentInterval(of: [5]).mean == 5)
  }
}
