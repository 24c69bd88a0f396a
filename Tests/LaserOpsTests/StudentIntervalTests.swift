import Testing

@testable import LaserOps

@Suite struct StudentIntervalTests {
  /// scipy.stats.t.ppf(0.975, degrees).
  @Test(arguments: [
    (1, 12.706204736432095), (2, 4.302652729911275), (3, 3.182446305284263),
    (4, 2.7764451051977987), (9, 2.2621571627409915), (30, 2.0422724563012373),
    (101, 1.9837309635375178),
  ])
  func `quantiles are scipy's`(degrees: Int, expected: Double) {
    let found = StudentInterval.quantile(within: 0.95, degrees: degrees)
    #expect(abs(found - expected) <= 1e-9 * expected)
  }

  @Test func `the interval of few values is wide, of equal ones nothing, of one there is none`() {
    // Mean 2, s = 1, √3: 2 ± 4.3027 / 1.7321.
    let interval = StudentInterval(of: [1, 2, 3]).interval
    #expect(abs((interval?.upperBound ?? 0) - 4.484137713) < 1e-8)
    #expect(StudentInterval(of: [5, 5]).interval == 5...5)
    #expect(StudentInterval(of: [5]).interval == nil && StudentInterval(of: [5]).mean == 5)
  }
}
