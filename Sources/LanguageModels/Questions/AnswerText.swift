/// How texts of answers are compared, and what they have in common.
enum AnswerText {
  /// `text` in lower case and without white space at either end.
  ///
  /// Scalar by scalar, so that what follows a letter never changes it: a text that contains an answer still does
  /// when it grows.
  static func normalized(_ text: String) -> String {
    var lower = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      lower.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
    return String(lower).stripped
  }

  /// Whether `answer`, normalised, occurs in `text`, normalised; byte by byte.
  static func isFound(_ answer: String, in text: String) -> Bool {
    normalized(text).utf8.contains(normalized(answer).utf8)
  }

  /// Whether both are the same, normalised; byte by byte.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    normalized(left).utf8.elementsEqual(normalized(right).utf8)
  }

  /// The harmonic mean 2PR / (P + R) of precision and recall of the words in common; 0 where there are none.
  ///
  /// Words are runs of letters, digits and marks in lower case, each counted once.
  /// - Parameters:
  ///   - text: What was generated: P is the share of its words that the answer has.
  ///   - answer: What should have been: R is the share of its words that the text has.
  ///   - isAuthors: Whether to divide by max(1, P + R), as the authors' code does.
  /// - Returns: A number from 0 to 1.
  static func f1(of text: String, against answer: String, isAuthors: Bool = false) -> Double {
    let found = words(of: text)
    let wanted = words(of: answer)
    let common = Double(found.intersection(wanted).count)
    guard common > 0 else { return 0 }
    let precision = common / Double(found.count)
    let recall = common / Double(wanted.count)
    let sum = precision + recall
    return 2 * precision * recall / (isAuthors ? max(1, sum) : sum)
  }

  private static func words(of text: String) -> Set<[UInt8]> {
    Set(
      normalized(text).unicodeScalars.split { scalar in
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
          .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber,
          .otherNumber:
          false
        default: true
        }
      }.map { Array(String($0).utf8) })
  }
}
