internal import Files
internal import Numerics
import Foundation

extension CheckpointFolder {
  /// Writes `value` for people to read: a line a key, in the order of the alphabet.
  static func write(_ value: some Encodable, to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    var bytes = Array(try encoder.encode(value))
    bytes.append(UInt8(ascii: "\n"))
    try AtomicFile.write(bytes, to: file)
  }

  /// Reads what ``write(_:to:)`` has written.
  ///
  /// - Throws: ``PolicyCheckpointError/badSettings(file:reason:)``, ``StorageError``.
  static func read<Value: Decodable>(_ file: URL) throws -> Value {
    let data = try MappedFile(file).withBytes { Data($0) }
    // Foundation's decoder calls a number that does not fit its place bad syntax, so the syntax is checked first.
    let json: JSONValue
    do {
      json = try data.withUnsafeBytes { try JSONValue(parsing: $0) }
    } catch let fault as JSONFault {
      throw PolicyCheckpointError.badSettings(
        file: file.path, reason: "it is not valid JSON: \(fault)")
    }
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw PolicyCheckpointError.badSettings(file: file.path, reason: reason(error, in: json))
    }
  }

  private static func reason(_ error: DecodingError, in json: JSONValue) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "the value of '\(path(context))' is of the wrong kind"
    case .dataCorrupted(let context):
      return misfit(in: json, key: "")
        ?? (context.codingPath.isEmpty
          ? "one of its numbers is too large" : "the value of '\(path(context))' does not fit")
    @unknown default: return "\(error)"
    }
  }

  /// The keys whose values, or their elements, are integers.
  private static let wholeKeys: Set<String> = {
    let fractions: [PolicyConfiguration.CodingKeys] = [.returnScale, .layerNormEpsilon]
    var keys = Set(
      PolicyConfiguration.CodingKeys.allCases.filter { !fractions.contains($0) }.map(\.rawValue))
    keys.formUnion(TrainingState.CodingKeys.allCases.map(\.rawValue))
    keys.formUnion(EncoderConfiguration.CodingKeys.allCases.map(\.rawValue))
    return keys.union(["steps", "batch", "warmUpSteps", "shards"])
  }()

  /// What is wrong with the first number that cannot stand where it does, if there is one.
  private static func misfit(in json: JSONValue, key: String) -> String? {
    if let members = json.members {
      return members.lazy.compactMap { misfit(in: $0.value, key: $0.key) }.first
    }
    if let elements = json.elements {
      return elements.lazy.compactMap { misfit(in: $0, key: key) }.first
    }
    guard case .number(let number) = json else { return nil }
    if wholeKeys.contains(key) {
      return "'\(key)' has the value \(number), expected a whole number that fits 64 bits"
    }
    guard Float(number).isFinite else {
      return "'\(key)' has the value \(number), expected at most \(Float.greatestFiniteMagnitude)"
    }
    return nil
  }
}
