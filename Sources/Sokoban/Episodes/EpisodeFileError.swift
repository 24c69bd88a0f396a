/// Why a file is not a file of episodes, or cannot go on; an index counts from 0, a line from 1.
package enum EpisodeFileError: Error, Equatable, Sendable {
  /// A level without a `Solution:` line before the next.
  case noSolution(file: String, index: Int, line: Int)
  /// A solution with a wrong letter, or one that does not solve.
  case badSolution(file: String, index: Int, SolutionError)
  /// A `Corrected:` line that does not stand below the level's `Played:` line, or a second one.
  case strayCorrection(file: String, index: Int, line: Int)
  /// A game that earned something else than its text says.
  case otherReturn(file: String, index: Int, written: String, earned: Double)
  /// An index past the end.
  case noSuchEpisode(index: Int, count: Int)
  /// An unfinished file was begun with other options.
  case partialOfSomethingElse(file: String, expected: String, found: String)
  /// An unfinished file has a level that is to be left out now.
  case partialWithExcluded(file: String, index: Int)
  /// Another writer has the unfinished file.
  case partialInUse(file: String)
}

extension EpisodeFileError: CustomStringConvertible {
  /// What is wrong, where, and what to do about it.
  package var description: String {
    switch self {
    case .noSolution(let file, let index, let line):
      "\(file), level \(index) (line \(line)) has no solution; expected a line 'Solution: ' or 'Played: ' with letters of udlrUDLR below it"
    case .badSolution(let file, let index, let error):
      "\(file), episode \(index): \(error)"
    case .strayCorrection(let file, let index, let line):
      "\(file), level \(index) (line \(line)) has a line 'Corrected: ' that corrects no game; expected one such line below 'Played: '"
    case .otherReturn(let file, let index, let written, let earned):
      "\(file), episode \(index): the return is written as '\(written)', expected \((10 * earned).rounded() / 10), which the steps earn"
    case .noSuchEpisode(let index, let count):
      "there is no episode \(index) among \(count); expected 0 to \(count - 1)"
    case .partialOfSomethingElse(let file, let expected, let found):
      "\(file) was begun as '\(found)', expected '\(expected)'; remove it or go on with its options"
    case .partialWithExcluded(let file, let index):
      "\(file), level \(index) is excluded now and was not when it was recorded; remove the file, or exclude what it was begun with"
    case .partialInUse(let file):
      "another recording is writing \(file); wait until it has ended, or write to another name"
    }
  }
}
