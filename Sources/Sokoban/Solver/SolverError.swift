/// Why a level has no solution to show.
package enum SolverError: Error, Equatable, Sendable {
  /// Every state within reach was looked at; none is solved.
  case unsolvable(expanded: Int)
  /// The search was given up.
  case limitReached(limit: Int)
  /// The search was given up because of the memory it would need, in bytes.
  case memoryReached(bytes: Int)
}

extension SolverError: CustomStringConvertible {
  /// What was found, and what to do about it.
  package var description: String {
    switch self {
    case .unsolvable(let expanded):
      "the level cannot be solved: all \(expanded) positions that matter were searched"
    case .limitReached(let limit):
      "no solution within the limit of \(limit) positions; the level may still have one: allow more"
    case .memoryReached(let bytes):
      "no solution within \(bytes >> 20) MB of memory; the level is too wide or has too many boxes for this search"
    }
  }
}
