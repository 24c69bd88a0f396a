/// Run-length encoding as the Sokoban community writes it: `3#` is `###`, `2(Rl)` is `RlRl`.
enum RunLength {
  /// Longer than any level's row or any solution that a person or solver has written.
  private static let limit = 1 << 20

  /// The bytes that `text` stands for.
  ///
  /// - Parameters:
  ///   - text: Letters, counts before a letter or a group, and parentheses around groups.
  ///   - isLetter: The bytes that may be repeated.
  /// - Returns: Nil when `text` is not such an encoding, or stands for more than a million bytes.
  static func expanded(_ text: ArraySlice<UInt8>, isLetter: (UInt8) -> Bool) -> [UInt8]? {
    // The groups that are open, each with the count before it.
    var groups: [(count: Int, content: [UInt8])] = [(1, [])]
    var count: Int?
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let next = (count ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        guard next <= limit else { return nil }
        count = next
      case UInt8(ascii: "("):
        groups.append((count ?? 1, []))
        count = nil
      case UInt8(ascii: ")"):
        guard count == nil, groups.count > 1, let group = groups.popLast() else { return nil }
        guard append(group.content, group.count, to: &groups) else { return nil }
      default:
        guard isLetter(byte), append([byte], count ?? 1, to: &groups) else { return nil }
        count = nil
      }
    }
    return count == nil && groups.count == 1 ? groups[0].content : nil
  }

  private static func append(
    _ bytes: [UInt8], _ count: Int, to groups: inout [(count: Int, content: [UInt8])]
  ) -> Bool {
    let last = groups.count - 1
    guard groups[last].content.count + bytes.count * count <= limit else { return false }
    for _ in 0..<count { groups[last].content += bytes }
    return true
  }
}
