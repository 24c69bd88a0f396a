import Numerics
import Testing

@testable import LaserOps

@Suite struct SeedStatisticsTests {
  private static func outcomes(_ rates: [Double], rooms: Int, seed: UInt64) -> [[Double]] {
    var generator = SplitMix64(seed: seed)
    return rates.map { rate in (0..<rooms).map { _ in generator.nextUniform() < rate ? 1 : 0 } }
  }

  @Test func `the values are those of the definitions`() {
    // Seeds' means: 0.25, 0.5, 0.75, 1 and 0.5, 0.5, 1, 1.
    let base: [[Double]] = [[0, 0, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1], [1, 1, 1, 1]]
    let other: [[Double]] = [[1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
    let paired = SeedStatistics(base: base, other: other, isPaired: true, seed: 1)
    #expect(paired.baseMean.value == 0.625 && paired.otherMean.value == 0.75)
    #expect(paired.baseMiddle.value == 0.625 && paired.otherMiddle.value == 0.75)
    #expect(paired.difference.value == 0.125 && paired.middleDifference.value == 0.125)
    // Better, equal, better, equal.
    #expect(paired.improvement.value == 0.75)
    let free = SeedStatistics(base: base, other: other, isPaired: false, seed: 1)
    // Of sixteen pairs 8 are won and 4 are equal.
    #expect(free.improvement.value == (8 + 4 * 0.5) / 16)
  }

  @Test
  func `the interquartile mean leaves a quarter out at either end, as scipy's trim_mean does`() {
    #expect(SeedStatistics.interquartileMean([9, 1, 2, 3, 100, -50, 4, 5]) == 3.5)
    #expect(SeedStatistics.interquartileMean([5, 1, 3]) == 3)
  }

  @Test(arguments: [3, 8])
  func `an interval covers the difference about as often as it says, of few seeds too`(seeds: Int) {
    // Seeds' rates vary more than rooms do: an interval over rooms alone would cover far less often, and a plain bootstrap
    // of three seeds about 85 times of 100.
    var covered = 0
    var generator = SplitMix64(seed: 5)
    let trials = 100
    for trial in 0..<trials {
      func rates(_ mean: Double) -> [Double] {
        (0..<seeds).map { _ in mean + 0.12 * generator.nextGaussian() }
      }
      let statistics = SeedStatistics(
        base: Self.outcomes(rates(0.45), rooms: 60, seed: UInt64(2 * trial)),
        other: Self.outcomes(rates(0.55), rooms: 60, seed: UInt64(2 * trial + 1)),
        isPaired: false, seed: UInt64(trial))
      let interval = statistics.difference
      covered += interval.low <= 0.1 && interval.high >= 0.1 ? 1 : 0
    }
    #expect(covered >= 91, "\(covered) of \(trials)")
  }

  @Test func `of few pairs, equal ones are equal in every resample`() {
    // Equal, equal, better.
    let statistics = SeedStatistics(
      base: [[1], [0], [0]], other: [[1], [0], [1]], isPaired: true, seed: 1)
    // Three draws of one and the same pair come up often: none of them is lost.
    #expect(statistics.improvement.low == 0.5)
  }

  @Test func `equal outcomes differ by nothing, and better is a toss-up`() {
    let same = Self.outcomes([0.4, 0.6], rooms: 30, seed: 3)
    let statistics = SeedStatistics(base: same, other: same, isPaired: true, seed: 1)
    #expect(statistics.difference == .init(value: 0, low: 0, high: 0))
    #expect(statistics.improvement == .init(value: 0.5, low: 0.5, high: 0.5))
  }
}
