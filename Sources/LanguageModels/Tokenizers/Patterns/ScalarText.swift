/// A piece of text as characters with what patterns ask of them, and where each begins among the bytes.
struct ScalarText {
  /// Code points.
  let scalars: [UInt32]
  /// The ``ScalarTraits`` of each.
  let traits: [UInt32]
  /// One more than there are characters: the last is the end of the text.
  let offsets: [Int]

  /// - Parameters:
  ///   - text: Valid UTF-8.
  ///   - unicode: The version of Unicode to go by.
  init(_ text: ArraySlice<UInt8>, unicode: UnicodeVersion = .patterns) {
    var scalars: [UInt32] = []
    var traits: [UInt32] = []
    var offsets: [Int] = []
    scalars.reserveCapacity(text.count)
    traits.reserveCapacity(text.count)
    offsets.reserveCapacity(text.count + 1)
    let ascii = ScalarTraits.ascii
    var offset = text.startIndex
    var decoder = UTF8()
    var bytes = text.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&bytes) {
      scalars.append(scalar.value)
      traits.append(
        scalar.value < 0x80 ? ascii[Int(scalar.value)] : ScalarTraits.of(scalar, unicode))
      offsets.append(offset)
      offset += UTF8.width(scalar)
    }
    offsets.append(offset)
    self.scalars = scalars
    self.traits = traits
    self.offsets = offsets
  }

  var count: Int { scalars.count }
}

/// What Unicode says of a character, one bit each, so that a pattern's question is one AND.
enum ScalarTraits {
  /// The general categories in the order of their bits.
  static let categories: [(name: String, category: Unicode.GeneralCategory)] = [
    ("lu", .uppercaseLetter), ("ll", .lowercaseLetter), ("lt", .titlecaseLetter),
    ("lm", .modifierLetter), ("lo", .otherLetter), ("mn", .nonspacingMark), ("mc", .spacingMark),
    ("me", .enclosingMark), ("nd", .decimalNumber), ("nl", .letterNumber), ("no", .otherNumber),
    ("pc", .connectorPunctuation), ("pd", .dashPunctuation), ("ps", .openPunctuation),
    ("pe", .closePunctuation), ("pi", .initialPunctuation), ("pf", .finalPunctuation),
    ("po", .otherPunctuation), ("sm", .mathSymbol), ("sc", .currencySymbol),
    ("sk", .modifierSymbol), ("so", .otherSymbol), ("zs", .spaceSeparator),
    ("zl", .lineSeparator), ("zp", .paragraphSeparator), ("cc", .control), ("cf", .format),
    ("cs", .surrogate), ("co", .privateUse), ("cn", .unassigned),
  ]
  /// `\s`
  static let whitespace: UInt32 = 1 << 30
  /// Letters in the wide sense: with marks, digits and connectors they are `\w`.
  static let alphabetic: UInt32 = 1 << 31

  static let letter = mask("l")
  static let mark = mask("m")
  static let number = mask("n")
  static let punctuation = mask("p")
  static let symbol = mask("s")
  /// Controls, formats, private characters and those that are not assigned.
  static let other = mask("c")
  /// What BERT takes for controls.
  static let control = mask("cc") | mask("cf") | mask("co")
  static let decimal = mask("nd")
  static let nonspacingMark = mask("mn")
  /// `\w`
  static let word = alphabetic | mark | decimal | mask("pc")

  /// The bits of the categories whose short names begin with `name`; 0 when there is none.
  static func mask(_ name: String) -> UInt32 {
    categories.enumerated().reduce(0) {
      $1.element.name.hasPrefix(name) ? $0 | 1 << UInt32($1.offset) : $0
    }
  }

  /// The traits of the first 128 characters.
  static let ascii: [UInt32] = (UInt8.min..<0x80).map { of(Unicode.Scalar($0)) }

  private static let bits: [Unicode.GeneralCategory: UInt32] = Dictionary(
    uniqueKeysWithValues: categories.enumerated().map { ($1.category, 1 << UInt32($0)) })

  /// The traits of `scalar` in a version of Unicode.
  static func of(_ scalar: Unicode.Scalar, _ unicode: UnicodeVersion = .patterns) -> UInt32 {
    let properties = scalar.properties
    guard scalar.isASCII || (properties.age?.major ?? 0) <= unicode.rawValue else {
      return mask("cn")
    }
    var traits = bits[properties.generalCategory] ?? 0
    if properties.isWhitespace { traits |= whitespace }
    if properties.isAlphabetic { traits |= alphabetic }
    return traits
  }
}

/// The versions of Unicode that parts of the references go by (tokenizers 0.23): later characters are not assigned to them.
enum UnicodeVersion: Int, Sendable {
  /// BERT's tables, and what is punctuation.
  case bert = 8
  /// `StripAccents`
  case accents = 9
  /// Oniguruma's patterns.
  case patterns = 16
  /// Rust's own characters, and Swift's.
  case latest = 17
}
