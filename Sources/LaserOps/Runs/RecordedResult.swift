/// A result with the command that made it, in one object: what result.json has.
struct RecordedResult<Result: Encodable>: Encodable {
  /// The result, which is an object.
  let result: Result
  /// The command, as a shell reads it.
  let command: String

  private enum CodingKeys: CodingKey { case command }

  func encode(to encoder: any Encoder) throws {
    try result.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(command, forKey: .command)
  }
}

/// The command in a result's file.
struct RecordedCommand: Decodable {
  let command: String?
}
