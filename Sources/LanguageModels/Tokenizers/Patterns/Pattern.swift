/// A regular expression that finds parts of a text, equal to Oniguruma, which Hugging Face's `tokenizers` use.
///
/// ```swift
/// let pattern = try Pattern(#"\p{L}+|\p{N}{1,3}"#)
/// ```
/// Swift's own `Regex` matches by grapheme clusters, knows other classes, and is far slower.
struct Pattern: Equatable, Sendable {
  /// As it is written.
  let source: String
  private let program: PatternProgram

  /// - Throws: ``PatternFault`` that names the syntax which is not understood.
  init(_ source: String) throws {
    self.source = source
    program = try PatternProgram(try PatternParser.parse(source))
  }

  /// A pattern that is not written as text; `source` names it.
  init(_ node: PatternNode, source: String) throws {
    self.source = source
    program = try PatternProgram(node)
  }

  /// A pattern that matches `text` as it is.
  init(literal text: String) throws {
    try self.init(
      .sequence(text.unicodeScalars.map { .set(.scalar($0.value)) }), source: "literal \(text)")
  }

  static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }

  /// The matches in `text` from left to right, as places of characters; empty ones only where no match has just ended.
  func matches(in text: ScalarText) -> [Range<Int>] {
    var matcher = PatternMatcher(program, text)
    var matches: [Range<Int>] = []
    var start = 0
    while start <= text.count {
      guard let end = matcher.end(from: start) else {
        start += 1
        continue
      }
      if end > start || matches.last?.upperBound != end { matches.append(start..<end) }
      start = max(end, start + (end > start ? 0 : 1))
    }
    return matches
  }
}
