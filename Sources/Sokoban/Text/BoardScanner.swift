/// Cuts a text into boards (consecutive rows of XSB) and the lines of text between them.
///
/// The rules, found by reading collections as they circulate:
/// 1. A board begins with a line of XSB characters that holds a `#`.
/// 2. It goes on with lines of XSB characters that hold more than floor, and ends before anything else.
/// 3. A line inside a board that begins and ends with `#` is a row with a wrong character, not text.
/// 4. One or two lines of walls and floor alone, as comments are framed with, are no board.
/// 5. A line of a board that begins as a row does, walls around something, is a row with a wrong character too.
/// 6. Lines end with LF, CRLF or CR; a byte-order mark at the start is skipped.
struct BoardScanner {
  /// What lies next in the text.
  enum Piece {
    /// A board, whose rows are now in `BoardScanner.rows`.
    case board
    /// A line of anything else that is not blank.
    case text(Range<Int>)
  }

  /// The whole text.
  let bytes: [UInt8]
  /// The rows of the board found last, as ranges of ``bytes`` without trailing blanks.
  private(set) var rows: [Range<Int>] = []
  /// The line, from 1, on which the piece found last begins.
  private(set) var line = 0

  private var position: Int
  private var linesRead = 0

  /// Starts at byte `position` of `bytes`.
  init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = position
    if position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.position = 3 }
  }

  /// The next board or line of text, nil at the end.
  ///
  /// - Throws: ``BinaryByte`` at a control character, which no text of levels holds.
  mutating func next() throws(BinaryByte) -> Piece? {
    rows.removeAll(keepingCapacity: true)
    var hasPiece = false
    while position < bytes.count {
      let (range, after, contents) = try readLine()
      let isRow =
        rows.isEmpty
        ? contents.isSubset(of: .row) && contents.contains(.wall)
        : contents.isSubset(of: .row) && !contents.isSubset(of: .floor)
          || beginsAsRow(range)
      if isRow {
        if rows.isEmpty { line = linesRead + 1 }
        rows.append(range)
        hasPiece = hasPiece || contents.contains(.piece)
      } else if rows.count > 2 || hasPiece {
        return .board  // The line that ended the board is read again.
      } else {
        rows.removeAll(keepingCapacity: true)
      }
      position = after
      if range.upperBound >= bytes.count || bytes[after - 1] != PlainText.rowBreak {
        linesRead += 1
      }
      if !isRow, !range.isEmpty {
        line = linesRead
        return .text(range)
      }
    }
    if rows.count > 2 || hasPiece { return .board }
    rows.removeAll()
    return nil
  }

  /// Whether a line with a wrong character is a row all the same: it begins and ends with a wall, or it begins with
  /// walls around something.
  private func beginsAsRow(_ range: Range<Int>) -> Bool {
    let line = bytes[range].drop { $0 == UInt8(ascii: " ") }
    guard line.first == UInt8(ascii: "#") else { return false }
    if line.last == UInt8(ascii: "#") { return true }
    let row = line.prefix { "#-_.$@*+ ".utf8.contains($0) }
    guard let last = row.lastIndex(of: UInt8(ascii: "#")) else { return false }
    return row[..<last].contains { ".$@*+".utf8.contains($0) }
  }

  /// A control character, on `line` counted from 1, in `column` counted from 0.
  struct BinaryByte: Error {
    let value: UInt8
    let line: Int
    let column: Int
  }

  /// The line at ``position`` without trailing blanks, where the next one starts, and what it holds.
  private func readLine() throws(BinaryByte) -> (Range<Int>, after: Int, ByteClass) {
    var contents: ByteClass = []
    var end = position
    var index = position
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x0A || byte == PlainText.rowBreak {
        return (position..<end, index + 1, contents)
      }
      if byte == 0x0D {
        let isPair = index + 1 < bytes.count && bytes[index + 1] == 0x0A
        return (position..<end, index + (isPair ? 2 : 1), contents)
      }
      index += 1
      if byte == 0x20 || byte == 0x09 { continue }
      end = index
      switch byte {
      case UInt8(ascii: "#"): contents.insert(.wall)
      case UInt8(ascii: "-"), UInt8(ascii: "_"): contents.insert(.floor)
      case UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: "*"),
        UInt8(ascii: "+"):
        contents.insert(.piece)
      // Form feed and Ctrl-Z end the files of old systems.
      case 0x00..<0x09, 0x0E..<0x1A, 0x1B..<0x20, 0x7F:
        throw BinaryByte(value: byte, line: linesRead + 1, column: index - 1 - position)
      default: contents.insert(.other)
      }
    }
    return (position..<end, index, contents)
  }

  /// The sorts of characters on a line, blanks aside.
  private struct ByteClass: OptionSet {
    let rawValue: UInt8
    static let wall = ByteClass(rawValue: 1)
    static let floor = ByteClass(rawValue: 2)
    static let piece = ByteClass(rawValue: 4)
    static let other = ByteClass(rawValue: 8)
    static let row: ByteClass = [.wall, .floor, .piece]
  }
}
