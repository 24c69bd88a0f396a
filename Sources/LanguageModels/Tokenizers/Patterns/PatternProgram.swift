/// A regular expression as instructions for ``PatternMatcher``.
struct PatternProgram: Sendable {
  /// One step; numbers are places in the program, sets places in ``sets``.
  enum Instruction: Sendable {
    /// One character of the set.
    case one(set: Int)
    /// As many characters of the set as there are, or as few as will do.
    case run(set: Int, minimum: Int, maximum: Int, mode: PatternNode.Mode)
    /// Goes on at `first`, and should that fail, at `second`.
    case split(first: Int, second: Int)
    case jump(Int)
    case assertion(PatternNode.Assertion)
    /// What comes next, to its ``accept``, must match here (or `width` characters before) or must not.
    case look(width: Int?, isNegated: Bool, end: Int)
    /// What comes next, to its ``accept``, is not given back.
    case atomic(end: Int)
    /// Remembers where a round of a loop began.
    case mark(slot: Int)
    /// Leaves a loop whose round matched nothing.
    case leaveIfEmpty(slot: Int, end: Int)
    case accept
  }

  private(set) var code: [Instruction] = []
  private(set) var sets: [CompiledScalarSet] = []
  private(set) var slotCount = 0

  private static let limit = 20_000
  /// How many nodes were appended; some of them add no code.
  private var appended = 0

  /// - Throws: `PatternFault`: look behind at something of no fixed length, or far too many repetitions.
  init(_ node: PatternNode) throws {
    try append(node)
    code.append(.accept)
  }

  private mutating func append(_ node: PatternNode) throws {
    appended += 1
    guard code.count < Self.limit, appended < 10 * Self.limit else {
      throw PatternFault(syntax: "more than \(Self.limit) repetitions")
    }
    switch node {
    case .set(let set): code.append(.one(set: place(of: set)))
    case .sequence(let nodes): for node in nodes { try append(node) }
    case .alternatives(let nodes): try appendAlternatives(nodes)
    case .repeated(let node, let repetition): try append(node, repetition)
    case .atomic(let node):
      try appendAccepted(node) { .atomic(end: $0) }
    case .assertion(let assertion): code.append(.assertion(assertion))
    case .look(let node, let isBehind, let isNegated):
      try appendLook(node, isBehind: isBehind, isNegated: isNegated)
    }
  }

  private mutating func appendAlternatives(_ nodes: [PatternNode]) throws {
    var jumps: [Int] = []
    for node in nodes.dropLast() {
      let split = code.count
      code.append(.accept)
      try append(node)
      jumps.append(code.count)
      code.append(.accept)
      code[split] = .split(first: split + 1, second: code.count)
    }
    if let last = nodes.last { try append(last) }
    for jump in jumps { code[jump] = .jump(code.count) }
  }

  private mutating func append(_ node: PatternNode, _ repetition: PatternNode.Repetition) throws {
    if case .set(let set) = node {
      code.append(
        .run(
          set: place(of: set), minimum: repetition.minimum, maximum: repetition.maximum ?? .max,
          mode: repetition.mode))
      return
    }
    guard repetition.mode != .possessive else {
      var greedy = repetition
      greedy.mode = .greedy
      try append(.atomic(.repeated(node, greedy)))
      return
    }
    for _ in 0..<repetition.minimum { try append(node) }
    guard let maximum = repetition.maximum else {
      try appendLoop(node, isLazy: repetition.mode == .lazy)
      return
    }
    var splits: [Int] = []
    for _ in repetition.minimum..<max(repetition.minimum, maximum) {
      splits.append(code.count)
      code.append(.accept)
      try append(node)
    }
    for split in splits { setSplit(split, to: split + 1, or: code.count, repetition.mode == .lazy) }
  }

  private mutating func appendLoop(_ node: PatternNode, isLazy: Bool) throws {
    let start = code.count
    code.append(.accept)
    let slot = slotCount
    if node.canBeEmpty {
      slotCount += 1
      code.append(.mark(slot: slot))
    }
    try append(node)
    if node.canBeEmpty { code.append(.leaveIfEmpty(slot: slot, end: code.count + 2)) }
    code.append(.jump(start))
    setSplit(start, to: start + 1, or: code.count, isLazy)
  }

  private mutating func setSplit(_ place: Int, to body: Int, or end: Int, _ isLazy: Bool) {
    code[place] = isLazy ? .split(first: end, second: body) : .split(first: body, second: end)
  }

  private mutating func appendAccepted(
    _ node: PatternNode, _ instruction: (Int) -> Instruction
  ) throws {
    let start = code.count
    code.append(.accept)
    try append(node)
    code.append(.accept)
    code[start] = instruction(code.count)
  }

  private mutating func appendLook(
    _ node: PatternNode, isBehind: Bool, isNegated: Bool
  ) throws {
    guard isBehind else {
      try appendAccepted(node) { .look(width: nil, isNegated: isNegated, end: $0) }
      return
    }
    // Each alternative may have a length of its own.
    if case .alternatives(let nodes) = node, node.width == nil {
      let looks = nodes.map { PatternNode.look($0, isBehind: true, isNegated: isNegated) }
      try append(isNegated ? .sequence(looks) : .alternatives(looks))
      return
    }
    guard let width = node.width else {
      throw PatternFault(syntax: "(?<= or (?<! before something of no fixed length")
    }
    try appendAccepted(node) { .look(width: width, isNegated: isNegated, end: $0) }
  }

  private mutating func place(of set: ScalarSet) -> Int {
    sets.append(CompiledScalarSet(set))
    return sets.count - 1
  }
}
