import Foundation
import Testing

@testable import LaserOps

@Suite struct SearchProgressTests {
  private let base = Trial(
    [], split: .all, outcomes: [Outcome(isSuccess: true, measure: 0)], measure: .loss, seconds: 0)

  /// The seconds that are said to be left after advances of so many edits, one second for each that is made.
  private func remaining(
    total: Int, known: Int, advances: [(count: Int, made: Int)]
  ) -> [Double?] {
    var said: [Double?] = []
    var clock = Date(timeIntervalSince1970: 0)
    var tracker = SearchProgress.Tracker(total: total, known: known, now: { clock }) {
      said.append($0.remaining)
    }
    for advance in advances {
      clock += Double(advance.made)
      tracker.advance(past: advance.count, made: advance.made, of: "", base: base, best: base)
    }
    return said
  }

  @Test func `the time left counts only what this process does`() {
    // Of twelve edits six are in the journal: three at the start and three at the end.
    #expect(
      remaining(total: 12, known: 6, advances: [(3, 0), (3, 3), (3, 3), (3, 0)]) == [nil, 3, 0, 0])
  }

  @Test func `what the journal has shows up on the way where it could not be known before`() {
    #expect(remaining(total: 9, known: 0, advances: [(3, 0), (3, 1), (3, 3)]) == [nil, 3, 0])
  }
}
