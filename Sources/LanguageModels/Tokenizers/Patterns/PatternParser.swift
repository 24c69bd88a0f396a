/// Reads a regular expression as Oniguruma does with Ruby's syntax, which Hugging Face's `tokenizers` use.
///
/// What no pattern of a tokenizer needs (references back, recursion, conditions, `\X`) is refused by its name.
struct PatternParser {
  let scalars: [Unicode.Scalar]
  var index = 0
  var foldsCase = false
  private var dotMatchesNewline = false
  private var depth = 0
  private static let nestingLimit = 100

  init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

  /// - Throws: ``PatternFault``.
  static func parse(_ pattern: String) throws -> PatternNode {
    var parser = PatternParser(pattern)
    let node = try parser.alternatives()
    guard parser.index == parser.scalars.count else { throw PatternFault(syntax: "')' alone") }
    return node
  }

  var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  mutating func take() throws -> Unicode.Scalar {
    guard let scalar = next else {
      throw PatternFault(syntax: "the end after '\(String(Self.text(scalars)))'")
    }
    index += 1
    return scalar
  }

  /// Goes past `text` when it comes next.
  mutating func skip(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  // MARK: - Structure

  private mutating func alternatives() throws -> PatternNode {
    try enter()
    defer { leave() }
    var nodes = [try sequence()]
    while skip("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  /// - Throws: ``PatternFault``: what is read recursively lies too deep.
  mutating func enter() throws {
    guard depth < Self.nestingLimit else {
      throw PatternFault(syntax: "more than \(Self.nestingLimit) groups in each other")
    }
    depth += 1
  }

  mutating func leave() { depth -= 1 }

  private mutating func sequence() throws -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      nodes.append(try quantified(try atom()))
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func quantified(_ atom: PatternNode) throws -> PatternNode {
    var node = atom
    var count = 0
    while let (minimum, maximum, isInterval) = try quantifier() {
      count += 1
      guard count <= Self.nestingLimit else {
        throw PatternFault(syntax: "more than \(Self.nestingLimit) quantifiers one after the other")
      }
      var repetition = PatternNode.Repetition(minimum: minimum, maximum: maximum)
      // Ruby: {n}? makes the whole optional, and a + after an interval repeats it.
      if isInterval, minimum == maximum, skip("?") {
        node = .repeated(.repeated(node, repetition), .init(minimum: 0, maximum: 1))
        continue
      }
      if skip("?") {
        repetition.mode = .lazy
      } else if !isInterval, skip("+") {
        repetition.mode = .possessive
      }
      node = .repeated(node, repetition)
    }
    return node
  }

  private mutating func quantifier() throws -> (Int, Int?, isInterval: Bool)? {
    if skip("*") { return (0, nil, false) }
    if skip("+") { return (1, nil, false) }
    if skip("?") { return (0, 1, false) }
    let start = index
    guard skip("{") else { return nil }
    let minimum = number()
    var maximum = minimum
    if skip(",") { maximum = number() } else if minimum == nil { maximum = nil }
    let hasComma = scalars[start..<index].contains(",")
    guard skip("}"), minimum != nil || maximum != nil else {
      // Any other brace is a character.
      index = start
      return nil
    }
    let limit = 1000
    guard (minimum ?? 0) <= limit, (maximum ?? 0) <= limit, (maximum ?? limit) >= (minimum ?? 0)
    else { throw PatternFault(syntax: Self.text(scalars[start..<index])) }
    return (minimum ?? 0, hasComma ? maximum : minimum, true)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let digit = next?.properties.numericType == .decimal ? next : nil, digit.isASCII {
      value = min((value ?? 0) * 10 + Int(digit.value - 0x30), 1 << 20)
      index += 1
    }
    return value
  }

  // MARK: - Atoms

  private mutating func atom() throws -> PatternNode {
    let scalar = try take()
    switch scalar {
    case "(": return try group()
    case "[": return .set(try characterClass())
    case ".": return .set(dotMatchesNewline ? .all : .complement(.newline))
    case "^": return .assertion(.lineStart)
    case "$": return .assertion(.lineEnd)
    case "\\": return try escape()
    case "*", "+", "?": throw PatternFault(syntax: "'\(scalar)' after nothing")
    default:
      if scalar == "{" {
        index -= 1
        let isInterval = try quantifier() != nil
        if isInterval { throw PatternFault(syntax: "an interval after nothing") }
        index += 1
      }
      if foldsCase, scalar.properties.uppercaseMapping.unicodeScalars.count > 1 {
        // Oniguruma takes its several letters too.
        throw PatternFault(syntax: "'\(scalar)' in any case")
      }
      return .set(literal(scalar))
    }
  }

  func literal(_ scalar: Unicode.Scalar) -> ScalarSet {
    foldsCase ? .foldingCase(.scalar(scalar.value)) : .scalar(scalar.value)
  }

  private mutating func escape() throws -> PatternNode {
    guard let scalar = next else { throw PatternFault(syntax: "'\\' at the end") }
    let assertions: [Unicode.Scalar: PatternNode.Assertion] = [
      "A": .textStart, "z": .textEnd, "Z": .textEndOrLastNewline, "b": .wordBoundary,
      "B": .noWordBoundary,
    ]
    if let assertion = assertions[scalar] {
      index += 1
      return .assertion(assertion)
    }
    if skip("R") {
      let crlf = PatternNode.sequence([.set(.scalar(0x0D)), .set(.newline)])
      let one = ScalarSet.union([.range(0x0A...0x0D), .scalar(0x85), .range(0x2028...0x2029)])
      return .atomic(.alternatives([crlf, .set(one)]))
    }
    let set = try escapedSet()
    switch set {
    case .word: return .set(.bareWord)
    case .complement(.word): return .set(.complement(.bareWord))
    default: return .set(set)
    }
  }

  private mutating func group() throws -> PatternNode {
    let saved = (foldsCase, dotMatchesNewline)
    defer { (foldsCase, dotMatchesNewline) = saved }
    let start = index
    var wrap: (PatternNode) -> PatternNode = { $0 }
    if skip("?#") {
      while try take() != ")" {}
      return .sequence([])
    }
    let looks = [
      ("?<=", true, false), ("?<!", true, true), ("?=", false, false), ("?!", false, true),
    ]
    if let look = looks.first(where: { skip($0.0) }) {
      wrap = { .look($0, isBehind: look.1, isNegated: look.2) }
    } else if skip("?>") {
      wrap = { .atomic($0) }
    } else if skip("?<") {
      // A name; nothing refers to it.
      while try take() != ">" {}
    } else if skip("?") {
      var turnsOn = true
      options: while true {
        let option = try take()
        switch option {
        case "i": foldsCase = turnsOn
        case "m": dotMatchesNewline = turnsOn
        case "-": turnsOn = false
        case ":": break options
        case ")":
          // For the rest of the group around it, alternatives included.
          return try alternatives()
        default: throw PatternFault(syntax: "(\(Self.text(scalars[start..<index]))")
        }
      }
    }
    let node = try alternatives()
    guard skip(")") else { throw PatternFault(syntax: "'(' without ')'") }
    return wrap(node)
  }
}
