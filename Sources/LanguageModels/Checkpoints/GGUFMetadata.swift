/// The typed key-values of a GGUF file.
package struct GGUFMetadata: Sendable {
  /// Every value by key.
  package let values: [String: GGUFValue]
  /// The file, for messages.
  package let file: String

  /// The integer under `key`.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func integer(_ key: String) throws -> Int {
    guard case .integer(let integer) = try value(key) else {
      throw wrong(key, "an integer")
    }
    return integer
  }

  /// The number under `key`, an integer as well.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func number(_ key: String) throws -> Double {
    switch try value(key) {
    case .number(let number): return number
    case .integer(let integer): return Double(integer)
    default: throw wrong(key, "a number")
    }
  }

  /// The truth value under `key`.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func bool(_ key: String) throws -> Bool {
    guard case .bool(let bool) = try value(key) else { throw wrong(key, "a truth value") }
    return bool
  }

  /// The string under `key`.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func string(_ key: String) throws -> String {
    guard case .string(let string) = try value(key) else { throw wrong(key, "a string") }
    return string
  }

  /// The list of strings under `key`.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func strings(_ key: String) throws -> [String] {
    guard case .strings(let strings) = try value(key) else {
      throw wrong(key, "a list of strings")
    }
    return strings
  }

  /// The list of integers under `key`.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func integers(_ key: String) throws -> [Int] {
    guard case .integers(let integers) = try value(key) else {
      throw wrong(key, "a list of integers")
    }
    return integers
  }

  /// The list of numbers under `key`, integers as well.
  ///
  /// - Throws: ``CheckpointError``: absent, or of another kind.
  package func numbers(_ key: String) throws -> [Double] {
    switch try value(key) {
    case .numbers(let numbers): return numbers
    case .integers(let integers): return integers.map { Double($0) }
    default: throw wrong(key, "a list of numbers")
    }
  }

  /// Whether there is anything under `key`.
  package func contains(_ key: String) -> Bool { values[key] != nil }

  private func value(_ key: String) throws -> GGUFValue {
    guard let value = values[key] else {
      throw CheckpointError.missingMetadata(key: key, file: file)
    }
    return value
  }

  private func wrong(_ key: String, _ expected: String) -> CheckpointError {
    .wrongMetadata(key: key, file: file, expected: expected, found: values[key]?.kind ?? "absent")
  }
}
