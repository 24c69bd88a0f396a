/// XSB, the text form of Sokoban levels: `#` wall, space, `-` or `_` floor, `.` target, `$` box,
/// `*` box on target, `@` player, `+` player on target.
extension Level: CustomStringConvertible {
  /// Reads the first level of a text, by the rules that ``LevelFile`` reads all of them by: text may
  /// stand around it, and rows may differ in length.
  ///
  /// Blanks that are connected to the rectangle's edge lie outside of the room and become walls. If
  /// the player, a box or a target lies there too, the wall around the room has a gap.
  ///
  /// - Throws: `LevelError`; its rows count from the first of the level, or of the text where a
  ///   control character stands.
  public init(xsb text: String) throws {
    var scanner = BoardScanner(PlainText.plain(Array(text.utf8)))
    do {
      while let piece = try scanner.next() {
        if case .board = piece { break }
      }
    } catch {
      throw LevelError.unknownCharacter(error.value, row: error.line - 1, column: error.column)
    }
    // At the end of a text without a level there are no rows.
    try self.init(rowsOfXSB: scanner.rows, in: scanner.bytes)
  }

  /// Reads the level whose rows are `lines` of `bytes`, without their line breaks.
  ///
  /// - Throws: `LevelError`.
  init(rowsOfXSB lines: some RandomAccessCollection<Range<Int>>, in bytes: [UInt8]) throws {
    let rows = lines.count
    let columns = lines.lazy.map(\.count).max() ?? 0
    guard rows > 0, columns > 0 else { throw LevelError.empty }
    guard rows <= Level.maximumSide, columns <= Level.maximumSide else {
      throw LevelError.tooLarge(rows: rows, columns: columns)
    }
    var fixed = Array(repeating: FixedTile.floor, count: rows * columns)
    var boxes: [Int] = []
    var player = -1
    var players = 0
    var start = 0
    for (row, line) in lines.enumerated() {
      for (column, index) in line.enumerated() {
        let cell = start + column
        switch bytes[index] {
        case UInt8(ascii: "#"): fixed[cell] = .wall
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "_"): break
        case UInt8(ascii: "."): fixed[cell] = .target
        case UInt8(ascii: "$"): boxes.append(cell)
        case UInt8(ascii: "*"):
          fixed[cell] = .target
          boxes.append(cell)
        case UInt8(ascii: "@"):
          player = cell
          players += 1
        case UInt8(ascii: "+"):
          fixed[cell] = .target
          player = cell
          players += 1
        case let byte: throw LevelError.unknownCharacter(byte, row: row, column: column)
        }
      }
      start += columns
    }
    guard players > 0 else { throw LevelError.noPlayer }
    guard players == 1 else { throw LevelError.severalPlayers(count: players) }
    guard !boxes.isEmpty else { throw LevelError.noBoxes }
    try Level.wallUpOutside(
      rows: rows, columns: columns, fixed: &fixed, boxes: boxes, player: player)
    try self.init(rows: rows, columns: columns, fixed: fixed, boxes: boxes, player: player)
  }

  /// The level in XSB, one line a row, each ended by a line break.
  public var description: String {
    let boxes = Set(boxes)
    var text = ""
    text.reserveCapacity(rows * (columns + 1))
    for cell in fixed.indices {
      let isTarget = fixed[cell] == .target
      if fixed[cell] == .wall {
        text += "#"
      } else if cell == player {
        text += isTarget ? "+" : "@"
      } else if boxes.contains(cell) {
        text += isTarget ? "*" : "$"
      } else {
        text += isTarget ? "." : " "
      }
      if cell % columns == columns - 1 { text += "\n" }
    }
    return text
  }

  /// Turns the blanks connected to the edge into walls.
  private static func wallUpOutside(
    rows: Int, columns: Int, fixed: inout [FixedTile], boxes: [Int], player: Int
  ) throws {
    while let edge = firstOpenEdgeCell(rows: rows, columns: columns, fixed: fixed) {
      var pending = [edge]
      fixed[edge] = try outsideTile(fixed[edge])
      while let cell = pending.popLast() {
        if cell == player || boxes.contains(cell) {
          throw LevelError.openAtEdge(row: edge / columns, column: edge % columns)
        }
        for direction in Direction.allCases {
          let row = cell / columns + direction.rowStep
          let column = cell % columns + direction.columnStep
          guard (0..<rows).contains(row), (0..<columns).contains(column) else { continue }
          let next = row * columns + column
          guard fixed[next] != .wall else { continue }
          fixed[next] = try outsideTile(fixed[next])
          pending.append(next)
        }
      }
      func outsideTile(_ tile: FixedTile) throws -> FixedTile {
        guard tile == .floor else {
          throw LevelError.openAtEdge(row: edge / columns, column: edge % columns)
        }
        return .wall
      }
    }
  }
}
