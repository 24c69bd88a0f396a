internal import Foundation
internal import Numerics

/// The values of a `config.json`, checked one by one.
struct ConfigurationReader {
  private let json: JSONValue
  /// Where the values come from, for messages.
  let file: String
  /// What has been asked for.
  private let log: KeyLog?
  /// The keys that lead to this object, with dots; empty for the whole.
  private let path: String

  /// No dimension of a real model is larger; products of three stay far from overflow.
  private static let largest = 1 << 20
  /// No text is longer.
  private static let longest = 1 << 30
  /// No number of a real model lies outside, and all within are numbers of 32 bits too.
  private static let numbers = 1e-30...1e12

  init(_ json: JSONValue, file: String, log: KeyLog? = nil, path: String = "") {
    self.json = json
    self.file = file
    self.log = log
    self.path = path
    log?.open(json, at: path)
  }

  /// The object under `key`, nil when it is absent or null.
  func object(_ key: String) throws -> ConfigurationReader? {
    guard let value = value(key) else { return nil }
    guard value.members != nil else { throw wrong(key, value, expected: "an object") }
    return ConfigurationReader(
      value, file: file, log: log, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// The integer under `key`, or `fallback` when it is absent or null.
  ///
  /// - Throws: ``LanguageModelError``: absent without a fallback, or out of range.
  func integer(_ key: String, default fallback: Int? = nil, least: Int = 1) throws -> Int {
    try integer(key, default: fallback, in: least...Self.largest)
  }

  /// The number of positions under `key`, or `fallback` when it is absent or null.
  ///
  /// - Throws: ``LanguageModelError``: absent without a fallback, or out of range.
  func length(_ key: String, default fallback: Int? = nil) throws -> Int {
    try integer(key, default: fallback, in: 1...Self.longest)
  }

  /// The number of positions under `key`, nil when it is absent or null.
  func optionalLength(_ key: String) throws -> Int? { contains(key) ? try length(key) : nil }

  private func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>
  ) throws -> Int {
    guard let value = value(key) else {
      guard let fallback else { throw LanguageModelError.missingKey(key, file: file) }
      return fallback
    }
    guard let integer = value.integer, range.contains(integer) else {
      throw wrong(
        key, value, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// The first of `keys`, names of one integer, that has a value, or the first of all.
  ///
  /// - Throws: ``LanguageModelError``: two of them have different values, or one has no integer.
  func first(of keys: [String]) throws -> String {
    let given = keys.filter(contains)
    guard let first = given.first else { return keys.first ?? "" }
    for key in given.dropFirst() {
      let value = try integer(first)
      guard try integer(key) == value else {
        throw wrong(key, expected: "\(value), which '\(first)' is")
      }
    }
    return first
  }

  /// The integer under the first of `keys` that has one: some families have names of their own beside the usual ones.
  ///
  /// - Throws: As ``first(of:)`` and ``integer(_:default:least:)``.
  func integer(_ keys: [String], default fallback: Int? = nil) throws -> Int {
    try integer(first(of: keys), default: fallback)
  }

  /// - Throws: ``LanguageModelError`` when `key` is true.
  func refuse(_ key: String, because reason: String) throws {
    if try bool(key, default: false) { throw wrong(key, expected: "false: \(reason)") }
  }

  /// The value under `key`, whatever it is; nil when it is absent or null.
  func json(_ key: String) -> JSONValue? { value(key) }

  /// The positive number under `key`, or `fallback` when it is absent or null.
  ///
  /// - Throws: ``LanguageModelError``: absent without a fallback, or not positive.
  func number(_ key: String, default fallback: Double? = nil) throws -> Double {
    guard let value = value(key) else {
      guard let fallback else { throw LanguageModelError.missingKey(key, file: file) }
      return fallback
    }
    guard let number = value.number, Self.numbers.contains(number) else {
      throw wrong(key, value, expected: "a positive number that 32 bits hold")
    }
    return number
  }

  /// The positive number under `key`, nil when it is absent or null.
  func optionalNumber(_ key: String) throws -> Double? {
    contains(key) ? try number(key) : nil
  }

  /// The integer under `key`, nil when it is absent or null.
  func optionalInteger(_ key: String, least: Int = 1) throws -> Int? {
    contains(key) ? try integer(key, least: least) : nil
  }

  /// The numbers under `key`.
  func numbers(_ key: String) throws -> [Double] {
    guard let value = value(key) else { throw LanguageModelError.missingKey(key, file: file) }
    let numbers = value.elements?.compactMap(\.number)
    guard let numbers, numbers.count == value.elements?.count else {
      throw wrong(key, value, expected: "a list of numbers")
    }
    return numbers
  }

  /// The integers from 0 under `key`, nil when it is absent or null.
  func integers(_ key: String) throws -> [Int]? {
    guard let value = value(key) else { return nil }
    let integers = value.elements?.compactMap(\.integer)
    guard let integers, integers.count == value.elements?.count,
      integers.allSatisfy({ (0...Self.largest).contains($0) })
    else { throw wrong(key, value, expected: "a list of integers from 0") }
    return integers
  }

  /// The positive number under `key`: nil when it is null, `fallback` when it is absent.
  func numberOrNull(_ key: String, default fallback: Double?) throws -> Double? {
    isAbsent(key) ? fallback : try optionalNumber(key)
  }

  /// Whether there is no `key` at all: null may mean something else.
  func isAbsent(_ key: String) -> Bool {
    log?.ask(key, at: path)
    return json[key] == nil
  }

  /// Whether there is a value under `key`, and not null.
  func contains(_ key: String) -> Bool { value(key) != nil }

  /// The truth value under `key`, or `fallback` when it is absent or null.
  func bool(_ key: String, default fallback: Bool) throws -> Bool {
    guard let value = value(key) else { return fallback }
    guard let bool = value.bool else { throw wrong(key, value, expected: "true or false") }
    return bool
  }

  /// The truth value under `key`, nil when it is absent or null.
  func optionalBool(_ key: String) throws -> Bool? {
    contains(key) ? try bool(key, default: false) : nil
  }

  /// The string under `key`, nil when it is absent or null.
  func string(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard let string = value.string else { throw wrong(key, value, expected: "a string") }
    return string
  }

  /// The strings under `key`, nil when it is absent or null.
  func strings(_ key: String) throws -> [String]? {
    guard let value = value(key) else { return nil }
    let strings = value.elements?.compactMap(\.string)
    guard let strings, strings.count == value.elements?.count else {
      throw wrong(key, value, expected: "a list of strings")
    }
    return strings
  }

  /// - Throws: ``LanguageModelError`` unless the string under `key` is one of `known`, or absent.
  func require(_ key: String, oneOf known: [String]) throws {
    if let found = try string(key), !known.contains(found) {
      throw LanguageModelError.wrongValue(
        key: key, file: file, expected: known.joined(separator: " or "), found: found)
    }
  }

  /// The number of heads under one of `keys`, which divides `width`.
  func headCount(_ keys: [String], width: Int, default fallback: Int? = nil) throws -> Int {
    let key = try first(of: keys)
    let count = try integer(key, default: fallback)
    guard width % count == 0 else { throw wrong(key, expected: "a divisor of the width \(width)") }
    return count
  }

  /// The activation under `key` by its name in transformers.
  ///
  /// - Throws: ``LanguageModelError`` for one that is not known.
  func activation(_ key: String, default fallback: String) throws -> Activation {
    let name = try string(key) ?? fallback
    guard let activation = Self.activations[name] else {
      throw wrong(key, expected: Self.activations.keys.sorted().joined(separator: ", "))
    }
    return activation
  }

  private static let activations: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu, "gelu_new": .tanhGELU, "gelu_fast": .tanhGELU,
    "gelu_pytorch_tanh": .tanhGELU, "silu": .silu, "swish": .silu, "relu": .relu,
  ]

  /// An error about the value under `key`.
  func wrong(_ key: String, expected: String) -> LanguageModelError {
    wrong(key, value(key) ?? .null, expected: expected)
  }

  private func value(_ key: String) -> JSONValue? {
    log?.ask(key, at: path)
    guard let value = json[key], !value.isNull else { return nil }
    return value
  }

  private func wrong(_ key: String, _ value: JSONValue, expected: String) -> LanguageModelError {
    let found =
      switch value {
      case .null: "absent"
      case .bool(let bool): "\(bool)"
      case .integer(let integer): "\(integer)"
      case .number(let number): "\(number)"
      case .string(let string): "'\(string)'"
      case .array: "a list"
      case .object: "an object"
      }
    return .wrongValue(key: key, file: file, expected: expected, found: found)
  }
}

extension Checkpoint {
  /// The configuration of the model.
  ///
  /// - Throws: `CheckpointError`, `StorageError`: a configuration that cannot be read.
  func configuration() throws -> ConfigurationReader {
    switch source {
    case .folder(let url, _):
      let file = url.appendingPathComponent("config.json")
      return ConfigurationReader(try JSONValue(contentsOf: file), file: file.path, log: keyLog)
    case .gguf(let file):
      return ConfigurationReader(try names?.configuration() ?? .null, file: file.path)
    }
  }
}
