/// How often a model gave each answer: what shows an edit that only makes it say always the same.
public struct AnswerCounts: Equatable, Sendable {
  /// The number of times by answer.
  public let counts: [String: Int]

  /// The counts of `answers`.
  ///
  /// - Parameters:
  ///   - answers: The answers, one an example.
  ///   - limit: How many different ones are kept, the commonest; nil for all.
  public init(of answers: [String], keeping limit: Int? = nil) {
    let all = answers.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    counts = Dictionary(
      uniqueKeysWithValues: Self.sorted(all).prefix(limit ?? .max).map { ($0.answer, $0.count) })
  }

  /// The answers with their counts, the commonest first, equally common ones by the alphabet.
  public var sorted: [(answer: String, count: Int)] { Self.sorted(counts) }

  private static func sorted(_ counts: [String: Int]) -> [(answer: String, count: Int)] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }
}

extension AnswerCounts: Codable {
  /// Reads an object of answers and numbers.
  public init(from decoder: any Decoder) throws {
    counts = try decoder.singleValueContainer().decode([String: Int].self)
  }

  /// Writes an object of answers and numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(counts)
  }
}
