extension TerminalGame {
  /// The room, two characters a cell so that cells look square, the counts, the keys and the message.
  ///
  /// Lines end with CR and LF, as a terminal in raw mode needs them.
  ///
  /// - Parameter colored: Whether to use ANSI colours; without, the room is plain XSB.
  /// - Returns: The text to print at the top of a cleared screen.
  package func text(colored: Bool) -> String {
    var lines: [String] = []
    let tiles = tiles
    for row in 0..<level.rows {
      let cells = tiles[row * level.columns..<(row + 1) * level.columns]
      lines.append(
        colored
          ? cells.map(TerminalGame.coloredCell).joined() + "\u{1B}[0m"
          : String(cells.map(TerminalGame.symbol)))
    }
    lines.append("moves \(moves)  pushes \(pushes)")
    lines.append("arrows or wasd go · u undo · r restart · h hint · p solution · q quit")
    lines.append(message)
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  /// What comes before ``text(colored:)`` to draw over the picture before: cursor home, all cleared.
  package static let clearScreen = "\u{1B}[H\u{1B}[2J"

  private static func symbol(_ tile: UInt8) -> Character {
    switch Tile(rawValue: tile) {
    case .wall: "#"
    case .target: "."
    case .boxOnTarget: "*"
    case .box: "$"
    case .player: "@"
    case .playerOnTarget: "+"
    case .floor, nil: " "
    }
  }

  /// Two characters on a background of the 256-colour palette.
  private static func coloredCell(_ tile: UInt8) -> String {
    let (background, foreground, glyphs) =
      switch Tile(rawValue: tile) {
      case .wall: (60, 60, "  ")
      case .target: (230, 167, "◇ ")
      case .boxOnTarget: (71, 231, "▣ ")
      case .box: (173, 94, "▣ ")
      case .player: (230, 25, "☺ ")
      case .playerOnTarget: (224, 25, "☺ ")
      case .floor, nil: (230, 230, "  ")
      }
    return "\u{1B}[48;5;\(background);38;5;\(foreground)m\(glyphs)"
  }
}
