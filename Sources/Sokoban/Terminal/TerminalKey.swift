/// A key of the terminal game.
package enum TerminalKey: Hashable, Sendable {
  /// An arrow, or w, a, s, d.
  case go(Direction)
  /// u or backspace: takes the last step back.
  case undo
  /// r: from the start; undo brings the game back.
  case restart
  /// h: plays the next step of a solution.
  case hint
  /// p: plays a whole solution from here.
  case solution
  /// q, Ctrl-C or Ctrl-D.
  case quit

  /// Reads the keys in `bytes` as a terminal in raw mode sends them; what is no key is dropped.
  ///
  /// - Returns: The keys, and the start of an escape sequence that is still incomplete.
  package static func keys(in bytes: [UInt8]) -> (keys: [TerminalKey], rest: [UInt8]) {
    var keys: [TerminalKey] = []
    var rest = bytes[...]
    while let byte = rest.first {
      guard byte == 0x1B else {
        if let key = TerminalKey(byte: byte) { keys.append(key) }
        rest = rest.dropFirst()
        continue
      }
      // An arrow is ESC [ A to ESC [ D, or ESC O A to ESC O D in the keypad's application mode; with Shift or Ctrl there
      // are parameters before the letter, as in ESC [ 1 ; 5 A, and other keys end in other letters or in a tilde.
      guard rest.count > 1 else { break }
      guard
        rest.dropFirst().first == UInt8(ascii: "[") || rest.dropFirst().first == UInt8(ascii: "O")
      else {
        rest = rest.dropFirst()
        continue
      }
      let end = rest.dropFirst(2).drop { (0x20...0x3F).contains($0) }
      guard let final = end.first else { break }
      if let direction = arrow(final) { keys.append(.go(direction)) }
      // A control character, such as the ESC of the next key, ends nothing and is read again.
      rest = (0x40...0x7E).contains(final) ? end.dropFirst() : end
    }
    return (keys, Array(rest))
  }

  private init?(byte: UInt8) {
    switch byte {
    case UInt8(ascii: "w"), UInt8(ascii: "W"): self = .go(.up)
    case UInt8(ascii: "s"), UInt8(ascii: "S"): self = .go(.down)
    case UInt8(ascii: "a"), UInt8(ascii: "A"): self = .go(.left)
    case UInt8(ascii: "d"), UInt8(ascii: "D"): self = .go(.right)
    case UInt8(ascii: "u"), UInt8(ascii: "U"), 0x08, 0x7F: self = .undo
    case UInt8(ascii: "r"), UInt8(ascii: "R"): self = .restart
    case UInt8(ascii: "h"), UInt8(ascii: "H"): self = .hint
    case UInt8(ascii: "p"), UInt8(ascii: "P"): self = .solution
    case UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x03, 0x04: self = .quit
    default: return nil
    }
  }

  private static func arrow(_ byte: UInt8) -> Direction? {
    switch byte {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    default: nil
    }
  }
}
