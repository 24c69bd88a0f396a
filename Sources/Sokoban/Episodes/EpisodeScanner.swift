/// Walks over the levels of a text and the solutions below them.
///
/// A solution begins on a line `Solution:`, or below a line that begins with `Solution`, and may go on over lines of
/// nothing but its letters. Where a level has several, the first counts. A game that was played stands behind `Played:`, a
/// solution from where its steps lead behind `Corrected:` below it.
struct EpisodeScanner {
  /// A level's text and its solution's.
  struct Item {
    /// Where the level's first row begins.
    var start: Int
    /// The line of that row, from 1.
    var line: Int
    /// The rows of the level.
    var rows: [Range<Int>]
    /// The pieces of the solution, nil if there is none.
    var letters: [Range<Int>]?
    /// Whether they are a game as it was played.
    var isPlayed = false
    /// The pieces of the solution that goes on from there, nil if there is none.
    var correction: [Range<Int>]?
    /// Whether the text has a correction where none can stand.
    var hasStrayCorrection = false
    /// What the text says that it earned.
    var earned: Range<Int>?
  }

  private var boards: BoardScanner
  private var pending: Item?

  /// Starts at byte `position` of `bytes`.
  init(_ bytes: [UInt8], from position: Int = 0) {
    boards = BoardScanner(bytes, from: position)
  }

  /// The next level with its solution, nil at the end.
  mutating func next() throws(BoardScanner.BinaryByte) -> Item? {
    var isInSolution = false
    while let piece = try boards.next() {
      switch piece {
      case .board:
        let finished = pending
        let rows = boards.rows
        pending = Item(start: rows[0].lowerBound, line: boards.line, rows: rows)
        if let finished { return finished }
      case .text(let range):
        guard pending != nil else { continue }
        if pending?.letters == nil, let rest = rest(of: range, behind: "solution:") {
          pending?.letters = rest.isEmpty ? [] : [rest]
          isInSolution = true
        } else if pending?.letters == nil, let rest = rest(of: range, behind: "played:") {
          pending?.letters = rest.isEmpty ? [] : [rest]
          pending?.isPlayed = true
          isInSolution = true
        } else if pending?.letters == nil, isHeading(range) {
          isInSolution = true
        } else if pending?.isPlayed == true, pending?.correction == nil,
          let rest = rest(of: range, behind: "corrected:")
        {
          pending?.correction = rest.isEmpty ? [] : [rest]
          isInSolution = true
        } else if let rest = rest(of: range, behind: "corrected:"), !rest.isEmpty, isLetters(rest) {
          pending?.hasStrayCorrection = true
          isInSolution = false
        } else if pending?.isPlayed == true, let earned = rest(of: range, behind: "return:") {
          pending?.earned = earned
          isInSolution = false
        } else if isInSolution, isLetters(range) {
          if let correction = pending?.correction {
            pending?.correction = correction + [range]
          } else {
            let letters = pending?.letters ?? []
            pending?.letters = letters + [range]
          }
        } else {
          isInSolution = false
        }
      }
    }
    defer { pending = nil }
    return pending
  }

  /// What follows a key such as `Solution:` on a line that begins so, in whatever case.
  private func rest(of range: Range<Int>, behind key: StaticString) -> Range<Int>? {
    var index = range.lowerBound
    for expected in UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount) {
      guard index < range.upperBound, boards.bytes[index] | 0x20 == expected | 0x20 else {
        return nil
      }
      index += 1
    }
    while index < range.upperBound, boards.bytes[index] == UInt8(ascii: " ") { index += 1 }
    return index..<range.upperBound
  }

  /// Whether the line begins with `Solution` and has no colon.
  private func isHeading(_ range: Range<Int>) -> Bool {
    let line = boards.bytes[range]
    return line.count >= 8 && !line.contains(UInt8(ascii: ":"))
      && zip(line, "solution".utf8).allSatisfy { $0 | 0x20 == $1 }
  }

  private func isLetters(_ range: Range<Int>) -> Bool {
    range.allSatisfy { Action(letter: boards.bytes[$0]) != nil }
  }
}
