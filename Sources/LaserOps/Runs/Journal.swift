internal import Foundation

/// A finished piece of work as a line of a journal.
package protocol JournalLine: Codable, Sendable {
  /// What tells one piece of work from the others.
  associatedtype Key: Hashable
  /// Which piece of work this is.
  var key: Key { get }
  /// What a line is, for messages: `trial`.
  static var noun: String { get }
}

/// Finished work, so that what was killed goes on where it was: the trials of a search, one JSON line each on disk.
///
/// A piece of work that occurs twice counts once, the first time.
package final class Journal<Line: JournalLine> {
  /// The different lines in their order.
  package private(set) var lines: [Line] = []
  private var places: [Line.Key: Int] = [:]
  let path: String
  private let attempt: AttemptFile?
  private let lock: RunLock?
  /// What other processes have written since it was asked last.
  private let news: () throws -> [Line]

  /// A journal that is only kept in memory.
  package init() {
    path = "(memory)"
    attempt = nil
    lock = nil
    news = { [] }
  }

  /// The lines that are there already, and where new ones go.
  init(
    _ lines: [Line], path: String, appendingTo attempt: AttemptFile, lock: RunLock?,
    news: @escaping () throws -> [Line]
  ) {
    self.news = news
    self.path = path
    self.attempt = attempt
    self.lock = lock
    for line in lines { keep(line) }
  }

  /// The number of different lines.
  package var count: Int { lines.count }

  /// The finished piece of work called `key`, if there is one.
  package subscript(key: Line.Key) -> Line? { places[key].map { lines[$0] } }

  /// Appends a finished piece of work and flushes it to disk.
  ///
  /// - Throws: ``RunError/cannotWrite(path:code:)``; what is already written stays.
  package func record(_ line: Line) throws {
    try attempt?.append(line)
    keep(line)
  }

  /// Takes in what other processes have written since.
  ///
  /// - Throws: `RunError.damagedJournal`.
  func refresh() throws {
    for line in try news() { keep(line) }
  }

  private func keep(_ line: Line) {
    guard places[line.key] == nil else { return }
    places[line.key] = lines.count
    lines.append(line)
  }
}

/// How lines are written.
enum JournalCoding {
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}

extension Journal<Trial> {
  /// The finished trial of `interventions` on `split`, if there is one.
  package func trial(of interventions: [Intervention], on split: DataSplit.Part) -> Trial? {
    self[Trial.Key(edit: Trial.name(of: interventions), split: split)]
  }

  /// The finished trial of `interventions`, checked to have as many outcomes as there are examples.
  ///
  /// - Throws: `RunError.foreignTrial`.
  func trial(of interventions: [Intervention], on split: DataSplit.Part, examples: Int) throws
    -> Trial?
  {
    guard let trial = trial(of: interventions, on: split) else { return nil }
    guard trial.examples == examples else {
      throw RunError.foreignTrial(
        path: path, edit: trial.edit, expected: examples, found: trial.examples)
    }
    return trial
  }
}
