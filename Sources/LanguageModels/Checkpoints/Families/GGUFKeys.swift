internal import Numerics

/// The metadata of a GGUF file that are named after its architecture, checked one by one.
///
/// Where a key is absent, its value is llama.cpp's.
struct GGUFKeys: Sendable {
  /// Members of a `config.json`.
  typealias Settings = [String: JSONValue]

  /// The file.
  let file: GGUFFile
  /// What the keys begin with.
  let architecture: String

  /// No dimension of a real model is larger.
  private static let largest = 1 << 20
  /// No text is longer.
  private static let longest = 1 << 30

  /// The key with the architecture before it.
  func full(_ key: String) -> String { "\(architecture).\(key)" }

  /// Whether there is anything under `key`.
  func contains(_ key: String) -> Bool { file.metadata.contains(full(key)) }

  /// Whether the file has a tensor called `name`.
  func has(_ name: String) -> Bool { file.tensors[name] != nil }

  /// An error about the value under `key`.
  func wrong(_ key: String, expected: String, found: String) -> CheckpointError {
    .wrongMetadata(key: full(key), file: file.path, expected: expected, found: found)
  }

  /// The positive integer under `key`, or `fallback` when it is absent. A list, one for each layer, has to have
  /// equal elements.
  ///
  /// - Throws: `CheckpointError`.
  func integer(_ key: String, default fallback: Int? = nil) throws -> Int {
    try integer(key, default: fallback, most: Self.largest)
  }

  /// The number of positions under `key`, or `fallback` when it is absent.
  ///
  /// - Throws: `CheckpointError`.
  func length(_ key: String, default fallback: Int? = nil) throws -> Int {
    try integer(key, default: fallback, most: Self.longest)
  }

  private func integer(_ key: String, default fallback: Int?, most: Int) throws -> Int {
    if let fallback, !contains(key) { return fallback }
    let value: Int
    if case .integers(let values)? = file.metadata.values[full(key)] {
      guard let first = values.first, values.allSatisfy({ $0 == first }) else {
        throw wrong(
          key, expected: "the same number for all layers",
          found: values.map(String.init).joined(separator: ", "))
      }
      value = first
    } else {
      value = try file.metadata.integer(full(key))
    }
    guard value > 0, value <= most else {
      throw wrong(key, expected: "an integer from 1 to \(most)", found: "\(value)")
    }
    return value
  }

  /// The number under `key`; nil when it is absent or 0, which means absent.
  ///
  /// - Throws: `CheckpointError`: negative or not finite.
  func optionalNumber(_ key: String) throws -> Double? {
    guard contains(key) else { return nil }
    let number = try file.metadata.number(full(key))
    guard number >= 0, number.isFinite else {
      throw wrong(key, expected: "a positive number", found: "\(number)")
    }
    return number == 0 ? nil : number
  }

  /// The positive number under `key`, or `fallback` when it is absent.
  ///
  /// - Throws: `CheckpointError`.
  func number(_ key: String, default fallback: Double? = nil) throws -> Double {
    if let fallback, !contains(key) { return fallback }
    let number = try file.metadata.number(full(key))
    guard number > 0, number.isFinite else {
      throw wrong(key, expected: "a positive number", found: "\(number)")
    }
    return number
  }
}

// MARK: - Sizes

extension GGUFKeys {
  /// `attention.head_count`.
  var headCount: Int { get throws { try integer("attention.head_count") } }
  /// `attention.head_count_kv`; as many as there are queries when it is absent.
  var keyHeadCount: Int {
    get throws { try integer("attention.head_count_kv", default: headCount) }
  }

  /// The width of a head.
  var headWidth: Int {
    get throws {
      let width = try integer(
        "attention.key_length", default: max(1, integer("embedding_length") / headCount))
      let values = try integer("attention.value_length", default: width)
      guard values == width else {
        throw wrong(
          "attention.value_length", expected: "attention.key_length, \(width)", found: "\(values)")
      }
      return width
    }
  }

  /// How many experts there are; nil for a model without them.
  var expertCount: Int? {
    get throws {
      guard contains("expert_count"), try file.metadata.integer(full("expert_count")) != 0 else {
        return nil
      }
      return try integer("expert_count")
    }
  }

  /// The sizes that most configurations have under the same names.
  func sizes() throws -> Settings {
    var settings: Settings = [
      "hidden_size": .integer(try integer("embedding_length")),
      "num_hidden_layers": .integer(try integer("block_count")),
      "num_attention_heads": .integer(try headCount),
      "num_key_value_heads": .integer(try keyHeadCount),
      "head_dim": .integer(try headWidth),
      "max_position_embeddings": .integer(try length("context_length")),
    ]
    // Where every layer has experts, nothing is as wide as this.
    if try expertCount == nil || contains("feed_forward_length") {
      settings["intermediate_size"] = .integer(try integer("feed_forward_length"))
    }
    return settings
  }

  /// Sizes of a family whose heads share the width of the stream, each with keys of its own.
  ///
  /// - Throws: `CheckpointError` for other heads.
  func requirePlainHeads() throws {
    let (count, keys, width) = (try headCount, try keyHeadCount, try headWidth)
    guard keys == count else {
      throw wrong("attention.head_count_kv", expected: "\(count), as queries", found: "\(keys)")
    }
    guard width * count == (try integer("embedding_length")) else {
      throw wrong(
        "attention.key_length", expected: "the embedding_length divided by \(count) heads",
        found: "\(width)")
    }
  }

  /// Every layer's attention window, where the file has one.
  ///
  /// - Parameters:
  ///   - fallback: The window when the key is absent; nil for none.
  ///   - pattern: How many layers repeat, the last of which sees everything, where the file does not say it.
  /// - Returns: `sliding_window` and `layer_types`.
  /// - Throws: `CheckpointError`.
  func windows(default fallback: Int? = nil, pattern: Int) throws -> Settings {
    let count = try integer("block_count")
    let key = "attention.sliding_window"
    let window =
      contains(key) ? try optionalNumber(key) == nil ? nil : try integer(key) : fallback
    guard let window else {
      return [
        "layer_types": .array(Array(repeating: .string("full_attention"), count: count))
      ]
    }
    let slides = try slidingLayers(count: count, pattern: pattern)
    return [
      "sliding_window": .integer(window),
      "layer_types": .array(
        slides.map { .string($0 ? "sliding_attention" : "full_attention") }),
    ]
  }

  private func slidingLayers(count: Int, pattern: Int) throws -> [Bool] {
    let key = "attention.sliding_window_pattern"
    switch file.metadata.values[full(key)] {
    case nil: return (0..<count).map { ($0 + 1) % pattern != 0 }
    case .integer(let pattern)? where pattern >= 0:
      // 0: all of them.
      return (0..<count).map { pattern == 0 || ($0 + 1) % pattern != 0 }
    case .bools(let slides)? where slides.count >= count: return Array(slides.prefix(count))
    case .integers(let slides)? where slides.count >= count:
      return slides.prefix(count).map { $0 != 0 }
    case let value?:
      throw wrong(
        key, expected: "a number of layers, or a truth value for each of \(count)",
        found: value.kind)
    }
  }
}
