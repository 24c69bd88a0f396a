import Testing

@testable import LanguageModels

/// Expected pieces are those of Oniguruma (tokenizers 0.23.3, `Split` with `Isolated`).
@Suite struct PatternTests {
  private func pieces(_ pattern: String, _ text: String) throws -> [String] {
    let step = PreTokenizer.split(try Pattern(pattern), .isolated, isInverted: false)
    return try step.split(Array(text.utf8)[...], isFirst: true).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(arguments: [
    (#"\p{L}+|\p{N}{1,3}"#, "ab1234 c", ["ab", "123", "4", " ", "c"]),
    (#"(?i:'s|'ll)|\w+"#, "it'S we'Ll", ["it", "'S", " ", "we", "'Ll"]),
    (#"(?i:s)"#, "aſS", ["a", "ſ", "S"]),
    (#"\s+(?!\S)|\s+"#, "a   b ", ["a", "  ", " ", "b", " "]),
    (#"a{2}?"#, "aaa", ["aa", "a"]), (#"a{1,3}+b"#, "aaaaab", ["aaaaab"]),
    (#"a{,2}"#, "aaa", ["aa", "a"]), (#"x++x|x"#, "xx", ["x", "x"]), (#"x+?"#, "xx", ["x", "x"]),
    (#"(?<=a)b|(?<!a)c"#, "abcac", ["a", "b", "c", "ac"]),
    (#"\d+$"#, "1\n2 3", ["1", "\n2 ", "3"]),
    (#"[\p{L}&&[^\p{Lu}]]+"#, "aBcd", ["a", "B", "cd"]), (#"[^\W\d]+"#, "a1b", ["a", "1", "b"]),
    (#"[[:punct:]]+"#, "a$.b", ["a", "$.", "b"]), (#"\p{Punct}+"#, "a$.b", ["a$", ".", "b"]),
    (#"\b\w+\b"#, "½ a", ["½", " ", "a"]), (#"\p{Han}+|\p{^L}"#, "a漢字1", ["a", "漢字", "1"]),
    (#"(a|ab)(c|bcd)"#, "abcd", ["abcd"]), (#"(?:a*)*b"#, "aab", ["aab"]),
    (#"(?=(\d{3})+(?!\d))"#, "12345", ["12", "345"]), (#"(?>a+)ab|a"#, "aab", ["a", "a", "b"]),
    (#"\R|\h+"#, "\r\nfg", ["\r\n", "f", "g"]), (#"[]a]"#, "]b", ["]", "b"]),
    (#"x{|\x{41}|\u0042"#, "x{AB", ["x{", "A", "B"]),
  ]) func `text is split as Oniguruma splits it`(
    pattern: String, text: String, expected: [String]
  ) throws {
    #expect(try pieces(pattern, text) == expected)
  }

  @Test(arguments: [
    (#"(a)\1"#, #"\1"#), (#"\X"#, #"\X"#), (#"\p{Klingon}"#, #"\p{Klingon}"#), ("(?s:.)", "(?s"),
    ("(?P<n>a)", "(?P"), ("a)", "')' alone"), ("(a", "'(' without ')'"), ("[a", "'[' without ']'"),
    ("*a", "'*' after nothing"), ("[z-a]", "the range z-a"),
    ("(?<=a+)b", "(?<= or (?<! before something of no fixed length"),
    (#"\xA0"#, #"\xA0"#), ("(?i)ß", "'ß' in any case"), (#"\pL"#, #"\p without '{'"#),
    ("[[:vowel:]]", "[:vowel:]"),
  ]) func `what is not understood is named`(pattern: String, syntax: String) {
    #expect(throws: PatternFault(syntax: syntax)) { try Pattern(pattern) }
  }

  @Test func `groups and repetitions beyond reason are refused, not run`() {
    let groups = String(repeating: "(", count: 100_000)
    let loops = String(repeating: "(?:", count: 4) + "ab" + String(repeating: "){1000}", count: 4)
    let sets = String(repeating: "[", count: 200_000)
    let quantifiers = "a" + String(repeating: "*", count: 200_000)
    let nothing = String(repeating: "(", count: 5) + String(repeating: "){1000}", count: 5)
    for pattern in [groups, loops, sets, quantifiers, nothing] {
      #expect(throws: PatternFault.self) { try Pattern(pattern) }
    }
  }

  @Test(arguments: [
    (SplitBehavior.removed, false, ["a", "b"]), (.isolated, false, ["a", "-", "-", "b"]),
    (.mergedWithPrevious, false, ["a-", "-", "b"]), (.mergedWithNext, false, ["a", "-", "-b"]),
    (.contiguous, false, ["a", "--", "b"]), (.removed, true, ["-", "-"]),
    (.mergedWithNext, true, ["a-", "-", "b"]),
  ]) func `parts are joined as asked`(
    behavior: SplitBehavior, isInverted: Bool, expected: [String]
  ) throws {
    let step = PreTokenizer.split(try Pattern("-"), behavior, isInverted: isInverted)
    let pieces = try step.split(Array("a--b".utf8)[...], isFirst: true)
    #expect(pieces.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: [
    (#"(a+)+$"#, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
    (#"(?:a|aa)+\d"#, String(repeating: "a", count: 60)),
    (#"(?:\w*\s*)*-"#, "it takes all ways through a text"),
    (#"(?=(a*)*b)"#, String(repeating: "a", count: 50)),
  ]) func `a pattern that tries all ways through a text ends with an error`(
    pattern: String, text: String
  ) {
    #expect(throws: TokenizerError.patternTooSlow(pattern: pattern, length: text.count)) {
      try pieces(pattern, text)
    }
  }

  @Test func `long runs of one character take the patterns of real tokenizers no time`() throws {
    for name in GGUFPreTokenizer.names {
      for pattern in try #require(GGUFPreTokenizer.named(name)).patterns {
        for character in [" ", "a", "A", "1", "\n", "!"] {
          // Grouping digits from the right takes the square of their number.
          let text = String(repeating: character, count: character == "1" ? 5_000 : 20_000)
          #expect(throws: Never.self, "\(name) \(character)") { try pieces(pattern, text) }
        }
      }
    }
  }

  @Test func `every name of a pre-tokenizer has patterns that are understood`() throws {
    #expect(GGUFPreTokenizer.names.count > 70)
    for name in GGUFPreTokenizer.names {
      let named = try #require(GGUFPreTokenizer.named(name))
      for pattern in named.patterns { #expect(throws: Never.self) { try Pattern(pattern) } }
    }
  }
}
