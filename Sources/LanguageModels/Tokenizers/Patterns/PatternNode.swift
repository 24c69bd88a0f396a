/// A part of a regular expression.
indirect enum PatternNode: Equatable, Sendable {
  case set(ScalarSet)
  /// One after the other; none matches the empty text.
  case sequence([PatternNode])
  /// The first that leads to a match.
  case alternatives([PatternNode])
  case repeated(PatternNode, Repetition)
  /// What was matched is not given back.
  case atomic(PatternNode)
  case look(PatternNode, isBehind: Bool, isNegated: Bool)
  case assertion(Assertion)

  /// How often something is repeated.
  struct Repetition: Equatable, Sendable {
    var minimum: Int
    /// Nil without a limit.
    var maximum: Int?
    var mode = Mode.greedy
  }

  /// Which number of repetitions is tried first.
  enum Mode: Equatable, Sendable {
    case greedy, lazy, possessive
  }

  /// Something that is true of a place in a text.
  enum Assertion: Equatable, Sendable {
    case textStart, textEnd, textEndOrLastNewline, lineStart, lineEnd, wordBoundary, noWordBoundary
  }

  /// How many characters a match has; nil when that differs.
  var width: Int? {
    switch self {
    case .set: 1
    case .look, .assertion: 0
    case .atomic(let node): node.width
    case .sequence(let nodes):
      nodes.reduce(0) { sum, node in
        guard let sum, let width = node.width else { return nil }
        return sum + width
      }
    case .alternatives(let nodes):
      nodes.dropFirst().allSatisfy { $0.width == nodes.first?.width } ? nodes.first?.width : nil
    case .repeated(let node, let repetition):
      repetition.minimum == repetition.maximum
        ? node.width.map { $0 * repetition.minimum } : nil
    }
  }

  /// Whether the empty text can match.
  var canBeEmpty: Bool {
    switch self {
    case .set: false
    case .look, .assertion: true
    case .atomic(let node): node.canBeEmpty
    case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
    case .alternatives(let nodes): nodes.contains(where: \.canBeEmpty)
    case .repeated(let node, let repetition): repetition.minimum == 0 || node.canBeEmpty
    }
  }
}

/// What of a pattern is not understood.
struct PatternFault: Error, Equatable {
  /// The syntax, for a message.
  let syntax: String
}
