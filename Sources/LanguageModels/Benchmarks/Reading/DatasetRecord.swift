internal import Numerics

/// One row of a data set.
struct DatasetRecord: Sendable {
  /// The row's members; all are strings in CSV.
  let json: JSONValue
  /// What a file has beside its rows: the members of a BIG-bench task.json.
  var head: JSONValue?
  /// The file that it stands in.
  let file: String
  /// Where in the file.
  let position: Position
  /// What keeps the row from being read at all.
  var damage: RowFault?

  /// Lines count from 1, as editors do; rows from 0.
  enum Position: Sendable {
    case line(Int)
    case row(Int)
  }

  /// Where the row stands, for messages.
  var place: String {
    switch position {
    case .line(let line): "\(file) line \(line)"
    case .row(let row): "\(file) row \(row)"
    }
  }

  /// What there is in the row, for messages.
  var fieldNames: [String] {
    let name = head?["name"]?.string.map { ["of the BIG-bench task \($0)"] }
    return (json.members?.map(\.key) ?? []) + (name ?? [])
  }

  /// Whether there is something other than null at `path`, levels separated by points.
  func has(_ path: String) -> Bool { (try? value(path)) != nil }

  /// What stands at `path`.
  ///
  /// - Throws: `RowFault.missingField`, or the row's damage.
  func value(_ path: String) throws -> JSONValue {
    if let damage { throw damage }
    var value = json
    for key in path.split(separator: ".") {
      guard let member = value[String(key)], !member.isNull else {
        throw RowFault.missingField(path)
      }
      value = member
    }
    return value
  }

  /// The text at `path`, as it stands there.
  ///
  /// - Throws: `RowFault`: missing, not a text, or nothing but white space.
  func text(_ path: String) throws -> String {
    guard let text = try value(path).string else {
      throw RowFault.wrongKind(field: path, expected: "a text")
    }
    guard !text.stripped.isEmpty else { throw RowFault.emptyField(path) }
    return text
  }

  /// The label at `path` as lower-case text, whether it is written as text or as a whole number: 1 may be 1.0.
  ///
  /// - Throws: `RowFault`: missing, neither, or empty.
  func label(_ path: String) throws -> String {
    if let number = try value(path).wholeNumber { return "\(number)" }
    let label = try text(path).stripped.lowercased()
    let digits = label.prefix { $0.isASCII && $0.isNumber }
    let rest = label.dropFirst(digits.count)
    let isWhole = rest.first == "." && rest.dropFirst().allSatisfy { $0 == "0" }
    return !digits.isEmpty && isWhole ? String(digits) : label
  }
}
