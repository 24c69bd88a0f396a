import Testing

@testable import LanguageModels

/// Expected texts are those of tokenizers 0.23.3.
@Suite struct NormalizerTests {
  @Test func `BERT's text loses controls, accents and capitals, and Chinese stands alone`() throws {
    let steps = TokenizerJSONReader.bertNormalizers(
      cleans: true, spacesChinese: true, stripsAccents: nil, lowercases: true)
    let text = try steps.reduce("\u{0}É\u{200D}\u{85}t\tÅ漢b\u{A0}İ\u{FFFD}") {
      try $1.apply(to: $0)
    }
    #expect(text == "et a 漢 b i")
  }

  @Test func `accents go with capitals unless said otherwise`() throws {
    func normalized(_ strips: Bool?, _ lowers: Bool) throws -> String {
      try TokenizerJSONReader.bertNormalizers(
        cleans: false, spacesChinese: false, stripsAccents: strips, lowercases: lowers
      ).reduce("É") { try $1.apply(to: $0) }
    }
    #expect(try normalized(nil, false) == "É")
    #expect(try normalized(nil, true) == "e")
    #expect(try normalized(false, true) == "é")
    #expect(try normalized(true, false) == "E")
  }

  @Test func `small letters do not depend on their place in a word`() throws {
    #expect(try Normalizer.lowercase.apply(to: "ΑΣ") == "ασ")
  }

  @Test func `spaces are stripped and collapsed`() throws {
    #expect(try Normalizer.strip(left: true, right: false).apply(to: " \u{3000}a ") == "a ")
    #expect(try Normalizer.collapseSpaces.apply(to: "  a   b ") == "a b")
  }

  @Test func `matches are replaced as they are written`() throws {
    let step = Normalizer.replaceMatches(try Pattern(" {2,}"), content: "$0")
    #expect(try step.apply(to: "a   b c") == "a$0b c")
  }

  @Test func `sentencepiece's controls go and its spaces become one`() throws {
    #expect(try Normalizer.machineTranslation.apply(to: "a\u{1}\u{200B}b\u{FEFF}") == "a b ")
  }
}
