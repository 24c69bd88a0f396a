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

  /// - Throws: `PatternFault` that names the syntax which is not understood.
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
  ///
  /// - Throws: `TokenizerError.patternTooSlow`.
  func matches(in text: ScalarText) throws -> [Range<Int>] {
    var matcher = PatternMatcher(program, text, budget: Self.budget(of: text))
    var matches: [Range<Int>] = []
    var start = 0
    while start <= text.count, !matcher.isExhausted {
      guard let end = matcher.end(from: start) else {
        start += 1
        continue
      }
      if end > start || matches.last?.upperBound != end { matches.append(start..<end) }
      start = max(end, start + (end > start ? 0 : 1))
    }
    guard !matcher.isExhausted else {
      throw TokenizerError.patternTooSlow(pattern: source, length: text.count)
    }
    return matches
  }

  /// How many steps may be taken. The patterns of real tokenizers need some ten a character, but two that group digits from
  /// the right look ahead to the end of a run of digits, in each of its places: ten thousand digits take them a hundred
  /// million. A pattern that tries all ways through a text would never end; this one ends in seconds. Oniguruma gives up,
  /// too.
  private static func budget(of text: ScalarText) -> Int {
    let run = min(text.count, 10_000)
    return 10_000_000 + 500 * text.count + 4 * run * run
  }
}
