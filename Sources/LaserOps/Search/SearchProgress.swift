internal import Foundation

/// How far a search is.
public struct SearchProgress: Sendable {
  /// The sites that are done.
  public let done: Int
  /// The sites to be done.
  public let total: Int
  /// The site just finished; the name of the unedited model before the first.
  public let site: String
  /// The unedited model on validation.
  public let base: Trial
  /// The best so far on validation.
  public let best: Trial
  /// The time since the start, in seconds.
  public let elapsed: Double

  /// The time that the rest will take at the pace so far, in seconds.
  public var remaining: Double {
    done > 0 ? elapsed / Double(done) * Double(total - done) : .infinity
  }

  struct Tracker {
    let total: Int
    let report: (SearchProgress) -> Void
    private let start = Date()
    private var done = 0

    init(total: Int, report: @escaping (SearchProgress) -> Void) {
      self.total = total
      self.report = report
    }

    /// Says what the unedited model scores, before the first site.
    func begin(base: Trial) { say(site: Trial.baseName, base: base, best: base) }

    mutating func advance(past site: String, base: Trial, best: Trial) {
      done += 1
      say(site: site, base: base, best: best)
    }

    private func say(site: String, base: Trial, best: Trial) {
      report(
        SearchProgress(
          done: done, total: total, site: site, base: base, best: best,
          elapsed: Date().timeIntervalSince(start)))
    }
  }
}
