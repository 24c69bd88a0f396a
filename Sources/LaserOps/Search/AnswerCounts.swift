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

  /// The commonest answers with their shares of `total`, for a person: `true 73.0 %, false 27.0 %`.
  public func text(of total: Int, limit: Int = 4) -> String {
    let shown = sorted.prefix(limit)
    let rest = Double(total) - shown.reduce(0) { $0 + Double($1.count) }
    let share = { (count: Double) in ReportNumber.percent(count / Double(max(1, total))) }
    return
      (shown.map { "\($0.answer) \(share(Double($0.count)))" }
      + (rest > 0 ? ["others \(share(rest))"] : [])).joined(separator: ", ")
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
