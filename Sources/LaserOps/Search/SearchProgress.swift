internal import Foundation

/// How far a search is.
public struct SearchProgress: Sendable {
  /// What is counted.
  public enum Unit: String, Sendable {
    /// Edited models that are scored.
    case edits
    /// Answers of edited models, where these are not asked everything at once; those that are not asked for any more count
    /// as done.
    case answers
  }

  /// What ``done`` and ``total`` count.
  public let unit: Unit
  /// How many are done, those of earlier runs among them.
  public let done: Int
  /// How many there are to do.
  public let total: Int
  /// The site just worked on; the name of the unedited model before the first.
  public let site: String
  /// The unedited model on validation; nil in a share that leaves it to another process.
  public let base: Trial?
  /// The best so far on validation; nil before the first.
  public let best: Trial?
  /// The time that the rest will take at the pace of this process, in seconds; nil before its first trial.
  public let remaining: Double?

  /// Counts edited models, and tells those that are scored now from those that the journal had.
  struct Tracker {
    private let total: Int
    private let unit: Unit
    private let report: (SearchProgress) -> Void
    private let now: () -> Date
    private let start: Date
    private var done = 0
    private var made = 0
    /// Those that the journal had.
    private var known: Int

    /// Counts from now on.
    ///
    /// - Parameters:
    ///   - total: How many there are to do.
    ///   - known: How many of them are in the journal, as far as that can be said before.
    ///   - unit: What is counted.
    ///   - now: The clock.
    ///   - report: Called after every advance.
    init(
      total: Int, known: Int = 0, unit: Unit = .edits, now: @escaping () -> Date = Date.init,
      report: @escaping (SearchProgress) -> Void
    ) {
      self.total = total
      self.known = known
      self.unit = unit
      self.report = report
      self.now = now
      start = now()
    }

    /// Says what the unedited model scores, and the best so far where there is one, before the first site.
    func begin(base: Trial?, best: Trial? = nil) {
      say(site: Trial.baseName, base: base, best: best ?? base)
    }

    /// Says that `count` more are done, `made` of them in this process.
    mutating func advance(past count: Int, made: Int, of site: String, base: Trial?, best: Trial?) {
      done += count
      self.made += made
      known = max(known, done - self.made)
      say(site: site, base: base, best: best)
    }

    private func say(site: String, base: Trial?, best: Trial?) {
      let pace = made > 0 ? now().timeIntervalSince(start) / Double(made) : nil
      report(
        SearchProgress(
          unit: unit, done: done, total: total, site: site, base: base, best: best,
          remaining: pace.map { $0 * Double(max(0, total - known - made)) }))
    }
  }
}
