/// The quantity that is averaged beside the share of successes.
public enum SecondaryMeasure: String, CaseIterable, Codable, Sendable {
  /// Negative log-probability in nats; lower is better.
  case loss
  /// The undiscounted sum of rewards; higher is better.
  case meanReturn = "mean_return"
  /// The cosine between what is said and what is right; higher is better.
  case similarity
}

/// A mean of a secondary measure, with what it is and how sure.
///
/// In JSON it is a part of its owner: the mean under the name of its kind (`loss`, `mean_return`, `similarity`), the
/// standard error under the same name and `_se`.
public struct Measure: Equatable, Sendable {
  /// What was averaged.
  public let kind: SecondaryMeasure
  /// The mean: nats, reward, or a cosine.
  public let mean: Double
  /// The standard error of the mean; a file may leave it out, and has 0 then.
  public let standardError: Double

  /// The mean of `values`.
  ///
  /// - Precondition: There is at least one value.
  public init(_ kind: SecondaryMeasure, of values: [Double]) {
    let estimate = Estimate(of: values)
    self.kind = kind
    mean = estimate.mean
    standardError = estimate.standardError
  }

  /// The mean, with its sign turned where lower is better.
  package var merit: Double { kind == .loss ? -mean : mean }
}

extension Measure: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(_ kind: SecondaryMeasure) { self.init(stringValue: kind.rawValue) }
    init(errorOf kind: SecondaryMeasure) { self.init(stringValue: kind.rawValue + "_se") }
  }

  /// Reads the one measure of an object.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let kind = SecondaryMeasure.allCases.first(where: { container.contains(Key($0)) }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no measure"))
    }
    self.kind = kind
    mean = try container.decode(Double.self, forKey: Key(kind))
    standardError = try container.decodeIfPresent(Double.self, forKey: Key(errorOf: kind)) ?? 0
  }

  /// Writes mean and error into the object that is being written.
  public func encode(to encoder: any Encoder) throws {
    try encodeMean(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(standardError, forKey: Key(errorOf: kind))
  }

  /// Writes the mean alone, for lines whose single values are beside it.
  func encodeMean(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(mean, forKey: Key(kind))
  }
}
