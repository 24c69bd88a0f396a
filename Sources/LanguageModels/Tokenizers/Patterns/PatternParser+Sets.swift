extension PatternParser {
  /// What comes after a `[`, up to its `]`.
  mutating func characterClass() throws -> ScalarSet {
    try enter()
    defer { leave() }
    let isNegated = skip("^")
    var operands: [ScalarSet] = []
    var sets: [ScalarSet] = []
    var isFirst = true
    while isFirst || next != "]" {
      guard next != nil else { throw PatternFault(syntax: "'[' without ']'") }
      if skip("&&") {
        operands.append(.union(sets))
        sets = []
      } else {
        sets.append(try classItem())
      }
      isFirst = false
    }
    index += 1
    var set = ScalarSet.union(sets)
    if !operands.isEmpty { set = .intersection(operands + [set]) }
    if foldsCase { set = .foldingCase(set) }
    return isNegated ? .complement(set) : set
  }

  private mutating func classItem() throws -> ScalarSet {
    if skip("[:") { return try posixClass() }
    if skip("[") {
      // What is inside is folded with the whole.
      return try characterClass()
    }
    guard let first = try classScalar() else { return try escapedSet() }
    let start = index
    guard skip("-"), let scalar = next, scalar != "]", scalar != "[", !skip("&&"),
      let last = try classScalar()
    else {
      index = start
      return .scalar(first.value)
    }
    guard first.value <= last.value else {
      throw PatternFault(syntax: "the range \(Self.text(scalars[(start - 1)..<index]))")
    }
    return .range(first.value...last.value)
  }

  /// One character, escaped or not; nil, and nothing taken, where an escape stands for a set.
  private mutating func classScalar() throws -> Unicode.Scalar? {
    let start = index
    let scalar = try take()
    guard scalar == "\\" else { return scalar }
    if skip("b") { return "\u{8}" }
    if case .range(let range) = try escapedSet(folding: false), range.count == 1 {
      return Unicode.Scalar(range.lowerBound)
    }
    // Again, as a set: what `escapedSet` reads starts behind the backslash.
    index = start + 1
    return nil
  }

  /// `alpha:]` and so on, after its `[:`.
  private mutating func posixClass() throws -> ScalarSet {
    let isNegated = skip("^")
    let name = name(upTo: ":")
    guard skip(":]"), var set = UnicodeProperties.posix(name) else {
      throw PatternFault(syntax: "[:\(name):]")
    }
    // In brackets, not as a property, it has the symbols too.
    if name == "punct" { set = .traits(ScalarTraits.punctuation | ScalarTraits.symbol) }
    return isNegated ? .complement(set) : set
  }

  /// What stands before `end`, which is not taken, or before the end of the pattern.
  private mutating func name(upTo end: Unicode.Scalar) -> String {
    var name = ""
    while let scalar = next, scalar != end {
      name.unicodeScalars.append(scalar)
      index += 1
    }
    return name
  }

  /// What the escape after a `\` stands for, one character or a class.
  mutating func escapedSet(folding: Bool = true) throws -> ScalarSet {
    let scalar = try take()
    let classes: [Unicode.Scalar: ScalarSet] = [
      "d": .traits(ScalarTraits.decimal), "w": .word, "s": .space, "h": UnicodeProperties.hexDigits,
    ]
    if let set = classes[scalar] { return set }
    if scalar.isASCII, let lower = scalar.properties.lowercaseMapping.unicodeScalars.first,
      lower != scalar, let set = classes[lower]
    {
      return .complement(set)
    }
    let controls: [Unicode.Scalar: UInt32] = [
      "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "a": 7, "e": 27,
    ]
    if let control = controls[scalar] { return .scalar(control) }
    switch scalar {
    case "N": return .complement(.newline)
    case "O": return .all
    case "p", "P": return try property(isNegated: scalar == "P")
    case "x", "u":
      let value = try hexadecimal(after: scalar)
      return folding ? literal(value) : .scalar(value.value)
    case "a"..."z", "A"..."Z", "0"..."9": throw PatternFault(syntax: "\\\(scalar)")
    default: return folding ? literal(scalar) : .scalar(scalar.value)
    }
  }

  private mutating func hexadecimal(after letter: Unicode.Scalar) throws -> Unicode.Scalar {
    let start = index
    let isBraced = letter == "x" && skip("{")
    var digits = ""
    while let digit = next, digit.isASCII, digit.properties.isASCIIHexDigit,
      isBraced || digits.utf8.count < (letter == "u" ? 4 : 2)
    {
      digits.unicodeScalars.append(digit)
      index += 1
    }
    let isWhole = isBraced ? skip("}") : letter == "x" || digits.utf8.count == 4
    // \x80 and up are bytes to Oniguruma, not characters.
    guard isWhole, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value),
      isBraced || letter == "u" || value < 0x80
    else { throw PatternFault(syntax: "\\\(letter)\(Self.text(scalars[start..<index]))") }
    return scalar
  }

  private mutating func property(isNegated: Bool) throws -> ScalarSet {
    guard skip("{") else { throw PatternFault(syntax: "\\p without '{'") }
    var isNegated = isNegated
    if skip("^") { isNegated.toggle() }
    let name = name(upTo: "}")
    guard skip("}"), let set = UnicodeProperties.set(name) else {
      throw PatternFault(syntax: "\\p{\(name)}")
    }
    return isNegated ? .complement(set) : set
  }
}

/// The sets of characters that have names.
enum UnicodeProperties {
  static let hexDigits = ScalarSet.union([
    .range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66),
  ])

  /// The characters with the property called `name`: a general category, a script, or a class of POSIX.
  static func set(_ name: String) -> ScalarSet? {
    let name = String(name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" })
    for prefix in ["script=", "sc="] where name.hasPrefix(prefix) {
      return ScriptRanges.set(String(name.dropFirst(prefix.count)))
    }
    if name == "any" { return .all }
    if name == "assigned" { return .complement(.traits(ScalarTraits.mask("cn"))) }
    if name == "lc" || name == "casedletter" {
      return .traits(["lu", "ll", "lt"].reduce(0) { $0 | ScalarTraits.mask($1) })
    }
    if let set = posix(name) ?? ScriptRanges.set(name) { return set }
    let mask = ScalarTraits.mask(categoryNames[name] ?? name)
    return mask == 0 || name.isEmpty ? nil : .traits(mask)
  }

  /// A class that POSIX names, in Unicode.
  static func posix(_ name: String) -> ScalarSet? {
    switch name {
    case "alpha", "alphabetic": .alphabetic
    case "digit": .traits(ScalarTraits.decimal)
    case "alnum": .union([.alphabetic, .traits(ScalarTraits.decimal)])
    case "space", "whitespace": .space
    case "word": .word
    case "punct": .traits(ScalarTraits.punctuation)
    case "cntrl": .traits(ScalarTraits.mask("cc"))
    case "blank": .union([.traits(ScalarTraits.mask("zs")), .scalar(9)])
    case "xdigit": hexDigits
    case "ascii": .range(0...0x7F)
    default: nil
    }
  }

  private static let categoryNames = [
    "letter": "l", "mark": "m", "number": "n", "punctuation": "p", "symbol": "s",
    "separator": "z", "other": "c", "uppercaseletter": "lu", "lowercaseletter": "ll",
    "titlecaseletter": "lt", "modifierletter": "lm", "otherletter": "lo", "nonspacingmark": "mn",
    "spacingmark": "mc", "enclosingmark": "me", "decimalnumber": "nd", "letternumber": "nl",
    "othernumber": "no", "connectorpunctuation": "pc", "dashpunctuation": "pd",
    "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
    "finalpunctuation": "pf", "otherpunctuation": "po", "mathsymbol": "sm",
    "currencysymbol": "sc", "modifiersymbol": "sk", "othersymbol": "so", "spaceseparator": "zs",
    "lineseparator": "zl", "paragraphseparator": "zp", "control": "cc", "format": "cf",
    "surrogate": "cs", "privateuse": "co", "unassigned": "cn",
  ]
}
