/// Why a recording ends before its last level; an index counts from 0.
package enum RecordingError: Error, Equatable, Sendable {
  /// The unfinished file goes on with a level that there is not.
  case moreRecordsThanLevels(records: Int, levels: Int)
  /// A game that was played, where solutions are wanted.
  case game(file: String, index: Int)
  /// Anything else, where games that were played are wanted.
  case noGame(file: String, index: Int)
  /// The solver's steps do not solve the level.
  case wrongSolution(index: Int, Episode, SolutionError)
}

extension RecordingError: CustomStringConvertible {
  /// What is wrong, and what to do about it.
  package var description: String {
    switch self {
    case .moreRecordsThanLevels(let records, let levels):
      "the unfinished file has \(records) records already, expected at most one for each of the \(levels) levels; give the levels it was begun with, or remove it"
    case .game(let file, let index):
      "\(file), episode \(index) is a game as it was played, expected a solution; record beside files of solutions"
    case .noGame(let file, let index):
      "\(file), episode \(index) is no game as it was played, expected one; record games with --policy or --noise first"
    case .wrongSolution(let index, let episode, let error):
      "the solver is wrong about level \(index): \(error); please report this level with '\(episode.lurd)':\n\(episode.level)"
    }
  }
}
