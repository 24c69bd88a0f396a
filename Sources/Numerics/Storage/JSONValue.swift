/// A JSON value as it stands in the text: keys in their order, strings byte for byte.
///
/// Foundation's readers keep objects in dictionaries of `String`, whose keys are equal when they are canonically
/// equivalent: two tokens of one vocabulary such as U+2126 and U+03A9 become one. They also drop repeated
/// keys without a word. A vocabulary and a header of weights can afford neither.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits.
  case integer(Int)
  /// Any other number.
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// The members in the order of the text; no two keys have the same bytes.
  case object([(key: String, value: JSONValue)])

  /// The value of `key`, or nil when this is no object or has no such key.
  ///
  /// - Complexity: Linear in the number of members.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The members when this is an object.
  package var members: [(key: String, value: JSONValue)]? {
    if case .object(let members) = self { members } else { nil }
  }
  /// The elements when this is an array.
  package var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
  /// The text when this is a string.
  package var string: String? {
    if case .string(let string) = self { string } else { nil }
  }
  /// The value when this is an integer.
  package var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }
  /// The value when this is a number without a fraction, however it is written: pandas writes 1 as 1.0 in a column
  /// where a value is missing.
  package var wholeNumber: Int? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }
  /// The value when this is a number of either kind.
  package var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
  /// The value when this is a truth value.
  package var bool: Bool? {
    if case .bool(let bool) = self { bool } else { nil }
  }
  /// Whether this is `null`.
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// What counts as JSON.
  package enum Dialect: Sendable {
    /// RFC 8259.
    case standard
    /// Also `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes and reads.
    case python
  }

  /// Reads one value that fills all of `bytes`.
  ///
  /// - Throws: ``JSONFault``.
  package init(
    parsing bytes: UnsafeRawBufferPointer, as dialect: Dialect = .standard
  ) throws(JSONFault) {
    var parser = JSONParser(bytes, dialect)
    self = try parser.document()
  }

  /// Reads one value that fills all of `text`.
  ///
  /// - Throws: ``JSONFault``.
  package init(parsing text: String, as dialect: Dialect = .standard) throws {
    var text = text
    self = try text.withUTF8 { try JSONValue(parsing: UnsafeRawBufferPointer($0), as: dialect) }
  }
}
