import Numerics
import Testing

@Suite struct JSONValueTests {
  @Test func `values of every kind are read`() throws {
    let json = try JSONValue(
      parsing: #" {"a": [1, -2.5e1, true, false, null], "b": {"c": "x\n\u0041\ud83d\ude00\/"}} "#)
    let list = try #require(json["a"]?.elements)
    #expect(list[0].integer == 1)
    #expect(list[1].number == -25)
    #expect(list[2].bool == true && list[3].bool == false && list[4].isNull)
    #expect(json["b"]?["c"]?.string == "x\nA😀/")
  }

  @Test func `keys keep their order and their bytes`() throws {
    // The ohm sign and the letter omega are canonically equivalent, and two tokens all the same.
    let json = try JSONValue(parsing: #"{"\u2126": 1, "\u03a9": 2, "a": 3}"#)
    let members = try #require(json.members)
    #expect(members.map { Array($0.key.unicodeScalars) } == [["\u{2126}"], ["\u{3A9}"], ["a"]])
  }

  @Test func `a number beyond the integers is a number`() throws {
    let json = try JSONValue(parsing: "[9223372036854775807, 9223372036854775808, 1e999]")
    let list = try #require(json.elements)
    #expect(list[0].integer == .max)
    #expect(list[1].integer == nil && list[1].number == 9_223_372_036_854_775_808)
    #expect(list[2].number == .infinity)
  }

  @Test(arguments: [
    ("{\"a\":1,\"a\":2}", JSONFault.duplicateKey("a")),
    (
      "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"b\":2}",
      .duplicateKey("b")
    ),
    (String(repeating: "[", count: 100_000), .tooDeep(limit: 100)),
    (String(repeating: "{\"a\":", count: 100_000), .tooDeep(limit: 100)),
    ("", .endsEarly), ("[1, 2", .endsEarly), ("\"abc", .endsEarly), ("{\"a\"", .endsEarly),
    ("\"\\", .endsEarly), ("\"\\u12", .endsEarly),
    ("[1] 2", .unexpected(offset: 4, expected: "the end of the text")),
    ("[01]", .unexpected(offset: 1, expected: "a value")),
    ("[1,]", .unexpected(offset: 3, expected: "a value")),
    ("[-]", .unexpected(offset: 1, expected: "a value")),
    ("[1.]", .unexpected(offset: 3, expected: "a digit")),
    ("[1e]", .unexpected(offset: 3, expected: "a digit")),
    ("nul", .unexpected(offset: 0, expected: "'null'")),
    ("{1:2}", .unexpected(offset: 1, expected: "a string")),
    (#""\ud800""#, .unexpected(offset: 1, expected: "a pair of surrogates")),
    (#""\ud800\u0041""#, .unexpected(offset: 1, expected: "a pair of surrogates")),
    (#""\x""#, .unexpected(offset: 1, expected: "a known escape")),
    ("\"\u{1}\"", .unexpected(offset: 1, expected: "no control character inside a string")),
  ]) func `what is not JSON is refused`(text: String, fault: JSONFault) {
    #expect(throws: fault) { try JSONValue(parsing: text) }
  }

  @Test func `a string that is not UTF-8 is refused`() {
    let bytes: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
    #expect(throws: JSONFault.unexpected(offset: 1, expected: "valid UTF-8")) {
      try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }
    }
  }

  @Test func `a quoted text reads back`() throws {
    let text = "a \"b\" \\ \n \u{1} é 😀"
    #expect(try JSONValue(parsing: JSONValue.quoted(text)).string == text)
  }

  @Test(arguments: ["NaN", "Infinity", "-Infinity"])
  func `what Python writes beside the standard is read on request alone`(text: String) throws {
    #expect(throws: JSONFault.self) { try JSONValue(parsing: "[\(text)]") }
    let value = try JSONValue(parsing: "[\(text), -1]", as: .python)
    let number = try #require(value.elements?.first?.number)
    #expect(number.isNaN == (text == "NaN") && number.isInfinite == (text != "NaN"))
    #expect(value.elements?.last?.integer == -1)
  }

  @Test(arguments: [("1", 1), ("1.0", 1), ("1e2", 100), ("1.5", nil), ("\"1\"", nil)])
  func `a number without a fraction is whole, however it is written`(text: String, whole: Int?)
    throws
  {
    #expect(try JSONValue(parsing: text).wholeNumber == whole)
  }
}
