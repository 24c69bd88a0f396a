/// Rewrites the encodings in which levels and solutions circulate as the plain text that ``BoardScanner`` reads.
///
/// 1. Rows with counts (`5#`), and levels on one line with `|` between their rows.
/// 2. Solutions with counts, on a line `Solution: …` or on the lines below it.
/// 3. SLC, levels in XML: a row is the text of an element `L`.
/// 4. A remark behind a row, from a semicolon that follows a blank.
///
/// A row made from a line of several ends with a vertical tab, and of SLC the line breaks are kept, so that lines keep
/// their numbers. All else stays as it is, and a text without any of this is returned without being copied.
enum PlainText {
  /// Ends a row inside a line.
  static let rowBreak: UInt8 = 0x0B

  /// The plain form of `bytes`.
  static func plain(_ bytes: [UInt8]) -> [UInt8] {
    if isSLC(bytes) { return rowsOfSLC(bytes) }
    var result: [UInt8]?
    var isInSolution = false
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      let next = min(end + 1, bytes.count)
      if let line = plainLine(bytes[start..<end], &isInSolution) {
        if result == nil { result = Array(bytes[..<start]) }
        result?.append(contentsOf: line)
        result?.append(contentsOf: bytes[end..<next])
      } else {
        result?.append(contentsOf: bytes[start..<next])
      }
      start = next
    }
    return result ?? bytes
  }

  // MARK: - Lines

  /// What `line` becomes, nil when it stays.
  private static func plainLine(_ line: ArraySlice<UInt8>, _ isInSolution: inout Bool) -> [UInt8]? {
    let content = trimmed(line)
    guard let first = content.first else { return nil }
    if first | 0x20 == UInt8(ascii: "s"), let letters = solutionLetters(in: content) {
      isInSolution = true
      guard let plain = expandedSolution(letters), !plain.isEmpty else { return nil }
      return Array("Solution: ".utf8) + plain
    }
    if isInSolution {
      if let plain = expandedSolution(content) { return plain }
      isInSolution = content.allSatisfy(isStep)
      if isInSolution { return nil }
    }
    if let row = withoutRemark(line) { return row }
    return rows(of: content)
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    guard let last = line.lastIndex(where: { !isBlank($0) }) else { return line.prefix(0) }
    return line[...last].drop(while: isBlank)
  }

  /// What follows the colon of a line that begins with `Solution`; empty when nothing does or there is no colon.
  private static func solutionLetters(in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let word = Array("solution".utf8)
    guard line.count >= word.count, zip(line, word).allSatisfy({ $0 | 0x20 == $1 }) else {
      return nil
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return line.suffix(0) }
    return trimmed(line[(colon + 1)...])
  }

  /// The letters that `text` stands for; nil when it has no counts, or is no solution.
  private static func expandedSolution(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.contains(where: isCount), text.contains(where: isStep) else {
      return nil
    }
    return RunLength.expanded(text.filter { $0 != 0x20 }[...], isLetter: isStep)
  }

  /// Whether a byte is one of the letters of a solution.
  private static func isStep(_ byte: UInt8) -> Bool { "udlrUDLR".utf8.contains(byte) }

  // MARK: - Rows

  /// The rows that `line` stands for; nil when it has neither counts nor several rows, or is no level.
  private static func rows(of line: ArraySlice<UInt8>) -> [UInt8]? {
    guard line.contains(UInt8(ascii: "#")),
      line.contains(where: { isCount($0) || $0 == UInt8(ascii: "|") }),
      line.allSatisfy({ isRow($0) || isCount($0) || $0 == UInt8(ascii: "|") })
    else { return nil }
    // A title such as "# 3" has a blank between, which an encoded row writes as - or _.
    guard !line.contains(where: isCount) || !line.contains(0x20) else { return nil }
    let rows = line.split(separator: UInt8(ascii: "|")).map {
      RunLength.expanded($0, isLetter: isRow)
    }
    let plain = rows.compactMap(\.self)
    guard plain.count == rows.count else { return nil }
    return Array(plain.joined(separator: [rowBreak]))
  }

  /// A row whose remark has been left out; nil when there is none.
  private static func withoutRemark(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    guard let mark = line.firstIndex(of: UInt8(ascii: ";")), mark > line.startIndex else {
      return nil
    }
    let before = line[..<mark]
    guard let last = before.last, last == 0x20 || last == 0x09, before.allSatisfy(isRow),
      trimmed(before).count > 1, trimmed(before).last == UInt8(ascii: "#")
    else { return nil }
    return Array(before)
  }

  private static func isCount(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "(")
      || byte == UInt8(ascii: ")")
  }

  private static func isRow(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "#"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: "*"), UInt8(ascii: "+"), 0x20, 0x09:
      true
    default: false
    }
  }

  // MARK: - SLC

  private static func isSLC(_ bytes: [UInt8]) -> Bool {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    return trimmed(start.prefix(256)).first == UInt8(ascii: "<")
      && String(decoding: start.prefix(4096), as: UTF8.self).contains("<SokobanLevels")
  }

  /// The rows of all levels, a blank row after each level, so that a level's first row stands on the line of its text.
  private static func rowsOfSLC(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    // The line breaks that were read and not written yet: between two rows more than one would end the level.
    var lineBreaks = 0
    var isInLevel = false
    var index = 0
    while let open = bytes[index...].firstIndex(of: UInt8(ascii: "<")),
      let close = bytes[open...].firstIndex(of: UInt8(ascii: ">"))
    {
      // CR and LF are one; the last byte is no line break.
      lineBreaks += zip(bytes[index..<close], bytes[(index + 1)...close])
        .count { $0 == 0x0A || $0 == 0x0D && $1 != 0x0A }
      index = close + 1
      switch bytes[(open + 1)..<close] {
      case [UInt8(ascii: "L")]:
        if !isInLevel {
          result += repeatElement(0x0A, count: lineBreaks)
          lineBreaks = 0
        } else if lineBreaks > 0 {
          result.append(0x0A)
          lineBreaks -= 1
        } else {
          result.append(rowBreak)
        }
        isInLevel = true
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        result += bytes[index..<end].filter { $0 != 0x0A && $0 != 0x0D }
      case ArraySlice("/Level".utf8):
        result += [rowBreak, rowBreak]
        isInLevel = false
      default: break
      }
    }
    return result
  }
}
