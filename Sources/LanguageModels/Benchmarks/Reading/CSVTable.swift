/// The rows of a CSV file, RFC 4180: quoted fields may hold commas, line ends and doubled quotation marks.
struct CSVTable {
  /// The names of the columns.
  private(set) var header: [String] = []
  /// The fields of every row below the header; empty lines are no rows.
  private(set) var rows: [[String]] = []

  /// Reads a whole file.
  ///
  /// - Throws: `BenchmarkError.unclosedQuote`.
  init(_ text: String, file: String) throws {
    let quote = UInt8(ascii: "\"")
    let lineFeed = UInt8(ascii: "\n")
    let carriageReturn = UInt8(ascii: "\r")
    let bytes = Array(text.utf8)
    var fields: [String] = []
    var field: [UInt8] = []
    var line = 1
    var openedAt: Int?
    var wasQuoted = false
    var lines: [[String]] = []

    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func endRow() {
      let isEmptyLine = fields.isEmpty && field.isEmpty && !wasQuoted
      endField()
      if !isEmptyLine { lines.append(fields) }
      fields = []
    }

    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      let next = offset + 1 < bytes.count ? bytes[offset + 1] : nil
      offset += 1
      if byte == lineFeed { line += 1 }
      if openedAt != nil {
        if byte != quote {
          field.append(byte)
        } else if next == quote {
          field.append(quote)
          offset += 1
        } else {
          openedAt = nil
        }
      } else if byte == quote, field.isEmpty, !wasQuoted {
        (openedAt, wasQuoted) = (line, true)
      } else if byte == UInt8(ascii: ",") {
        endField()
      } else if byte == lineFeed || byte == carriageReturn {
        if byte == carriageReturn, next == lineFeed {
          offset += 1
          line += 1
        }
        endRow()
      } else {
        field.append(byte)
      }
    }
    if let openedAt { throw BenchmarkError.unclosedQuote(file: file, line: openedAt) }
    endRow()
    header = lines.first.map { $0.map(\.stripped) } ?? []
    rows = Array(lines.dropFirst())
  }
}
