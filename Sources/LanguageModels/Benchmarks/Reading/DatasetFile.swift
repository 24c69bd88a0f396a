internal import Numerics
internal import Foundation

/// The rows of a file: a JSON array, a BIG-bench task.json, JSON lines or CSV, told apart by what is in it.
struct DatasetFile: Sendable {
  let path: String
  private(set) var records: [DatasetRecord] = []

  /// Reads all rows of the file at `url`.
  ///
  /// - Throws: `BenchmarkError`, `StorageError` when it cannot be read.
  init(_ url: URL) throws {
    path = url.path
    let text = try Self.text(of: MappedFile(url))
    switch text.utf8.first(where: { !Self.isSpace($0) }) {
    case nil: break
    case UInt8(ascii: "["): records = list(try whole(text).elements ?? [])
    case UInt8(ascii: "{"): records = try objects(text)
    default: records = try table(text)
    }
    guard !records.isEmpty else { throw BenchmarkError.noRows(file: path) }
  }

  // MARK: - Text

  private static func text(of file: MappedFile) throws -> String {
    try file.withBytes { bytes in
      if let format = BinaryFormat.name(of: bytes) {
        throw BenchmarkError.notText(file: file.path, format: format)
      }
      let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
      let content = hasMark ? bytes.dropFirst(3) : bytes[...]
      if let text = String(validating: content, as: UTF8.self) { return text }
      let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
      throw BenchmarkError.notUTF8(file: file.path, line: (bad ?? 0) + 1)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  // MARK: - JSON

  private func whole(_ text: String) throws -> JSONValue {
    do {
      return try JSONValue(parsing: text, as: .python)
    } catch let fault as JSONFault {
      var line: Int?
      if case .unexpected(let offset, _) = fault {
        line = text.utf8.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
      }
      throw BenchmarkError.invalidJSON(file: path, line: line, fault: fault)
    }
  }

  /// Objects a line each, or one object that has the rows somewhere in it.
  private func objects(_ text: String) throws -> [DatasetRecord] {
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let filled = lines.enumerated().filter { !$0.element.allSatisfy(Self.isSpace) }
    if filled.count > 1, let first = filled.first,
      let object = try? JSONValue(parsing: String(Substring(first.element)), as: .python),
      object.members != nil
    {
      return try filled.map { index, line in
        do {
          let json = try JSONValue(parsing: String(Substring(line)), as: .python)
          return DatasetRecord(json: json, file: path, position: .line(index + 1))
        } catch let fault as JSONFault {
          throw BenchmarkError.invalidJSON(file: path, line: index + 1, fault: fault)
        }
      }
    }
    let object = try whole(text)
    if let examples = object["examples"]?.elements {
      return list(examples, head: .object((object.members ?? []).filter { $0.key != "examples" }))
    }
    return list(object["rows"]?.elements ?? [object])
  }

  /// The elements of an array; the rows of a Hugging Face viewer are a level deeper.
  private func list(_ elements: [JSONValue], head: JSONValue? = nil) -> [DatasetRecord] {
    elements.enumerated().map { index, element in
      let row = element["row"] ?? element
      return DatasetRecord(
        json: row.members == nil ? element : row, head: head, file: path, position: .row(index))
    }
  }

  // MARK: - CSV

  private func table(_ text: String) throws -> [DatasetRecord] {
    let table = try CSVTable(text, file: path)
    return table.rows.enumerated().map { index, row in
      let members = zip(table.header, row).map { (key: $0, value: JSONValue.string($1)) }
      return DatasetRecord(
        json: .object(members), file: path, position: .row(index),
        damage: row.count == table.header.count ? nil : .wrongFieldCount)
    }
  }
}
