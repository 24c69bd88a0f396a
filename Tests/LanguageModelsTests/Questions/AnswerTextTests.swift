import Testing

@testable import LanguageModels

@Suite struct AnswerTextTests {
  @Test(arguments: [
    (" Paris", " in PARIS, the capital", true), ("Paris ", "paris", true),
    ("Paris", "Par is", false),
    ("ß", "STRASSE", false), ("É", " é", true), ("a", "", false),
    // A letter and its accent are other bytes than the letter that has one.
    ("e\u{301}", "é", false),
  ])
  func `an answer is found in lower case and without white space at its ends`(
    answer: String, text: String, isFound: Bool
  ) {
    #expect(AnswerText.isFound(answer, in: text) == isFound)
  }

  @Test func `a text that contains an answer still does when it grows`() {
    // Greek writes a sigma at the end of a word differently; scalar by scalar it stays the same.
    #expect(AnswerText.isFound("ΟΔΟΣ", in: "ΟΔΟΣ"))
    #expect(AnswerText.isFound("ΟΔΟΣ", in: "ΟΔΟΣΑ"))
  }

  @Test func `F1 is the harmonic mean of precision and recall of the words`() {
    // Three words of four are wanted, three of three are found: 2 · 3/4 · 1 / (7/4).
    #expect(AnswerText.f1(of: "The red, RED cat sat.", against: "red cat sat") == 6.0 / 7)
    #expect(AnswerText.f1(of: "dog", against: "cat") == 0)
    #expect(AnswerText.f1(of: "", against: "cat") == 0)
  }

  @Test func `the authors' F1 is too small where precision and recall sum up to less than one`() {
    let (text, answer) = ("a b c d e", "a v w x y")
    let right = AnswerText.f1(of: text, against: answer)
    #expect(abs(right - 0.2) < 1e-15)
    let authors = AnswerText.f1(of: text, against: answer, isAuthors: true)
    #expect(abs(authors - 0.08) < 1e-15)
    #expect(AnswerText.f1(of: "a", against: "a", isAuthors: true) == 1)
  }
}
