internal import Foundation
internal import Numerics

/// Rotary positions in the metadata of GGUF.
extension GGUFKeys {
  /// Base, turned part of a head and scaling.
  ///
  /// - Parameters:
  ///   - names: The keys of base and part in Hugging Face's configuration.
  ///   - isInterleaved: Whether the rows of queries and keys are, which takes whole heads.
  /// - Returns: The settings.
  /// - Throws: `CheckpointError`: a scaling that is not known, a value that makes no sense.
  func rotary(
    names: (base: String, share: String) = ("rope_theta", "partial_rotary_factor"),
    isInterleaved: Bool = false
  ) throws -> Settings {
    let head = try headWidth
    let width = try integer("rope.dimension_count", default: head)
    guard width <= head, width % 2 == 0, !isInterleaved || width == head else {
      throw wrong(
        "rope.dimension_count",
        expected: isInterleaved ? "\(head), the width of a head" : "an even number up to \(head)",
        found: "\(width)")
    }
    let base = try number("rope.freq_base", default: 10_000)
    // Classes differ in the part that they turn where nothing is said.
    var settings: Settings = [
      names.base: .number(base), names.share: .number(Self.share(width, of: head)),
    ]
    if let scaling = try scaling(width: width, base: base) {
      settings["rope_scaling"] = scaling
    }
    return settings
  }

  /// The factor whose product with `whole`, cut off, is `part`.
  static func share(_ part: Int, of whole: Int) -> Double {
    let share = Double(part) / Double(whole)
    return Int(Double(whole) * share) < part ? share.nextUp : share
  }

  private func scaling(width: Int, base: Double) throws -> JSONValue? {
    let key = "rope.scaling.type"
    // As llama.cpp has it: a factor without a type is that of linear scaling, and old files call it by another name.
    let given =
      try contains("rope.scaling.factor")
      ? optionalNumber("rope.scaling.factor") : optionalNumber("rope.scale_linear")
    let factor = given ?? 1
    let kind = contains(key) ? try file.metadata.string(full(key)) : "linear"
    let divisors = try divisors(width: width)
    let growth = try optionalNumber("rope.scaling.attn_factor")
    switch (kind, divisors) {
    case ("none", nil), ("linear", nil):
      guard growth ?? 1 == 1 else {
        throw wrong(
          "rope.scaling.attn_factor", expected: "1 without yarn or lists of divisors",
          found: "\(growth ?? 1)")
      }
      guard kind == "linear", factor != 1 else { return nil }
      return .object([("rope_type", .string("linear")), ("factor", .number(factor))])
    case ("yarn", nil): return try yarn(factor: factor, growth: growth ?? 1)
    case ("none", let divisors?), ("linear", let divisors?), ("longrope", let divisors?):
      // llama.cpp divides the frequencies by it in every kind of scaling.
      let factor = kind == "none" ? 1 : factor
      if factor == 1, growth ?? 1 == 1, divisors.short == divisors.long,
        let scaling = RotaryDivisors.scaling(divisors.short, width: width, base: base)
      {
        return scaling
      }
      func list(_ values: [Float]) -> JSONValue {
        .array(values.map { .number(Double($0) * factor) })
      }
      return .object([
        ("rope_type", .string("longrope")), ("short_factor", list(divisors.short)),
        ("long_factor", list(divisors.long)), ("attention_factor", .number(growth ?? 1)),
        ("original_max_position_embeddings", .integer(try originalLength)),
      ])
    case ("longrope", nil):
      throw wrong(
        key, expected: "the tensors \(Self.lists.short) and \(Self.lists.long)", found: kind)
    case ("yarn", _?):
      throw wrong(
        key, expected: "none, linear or longrope beside divisors of frequencies", found: kind)
    default: throw wrong(key, expected: "none, linear, yarn or longrope", found: kind)
    }
  }

  /// The context that the model was trained with.
  var originalLength: Int {
    get throws {
      try length(
        "rope.scaling.original_context_length", default: length("context_length"))
    }
  }

  private func yarn(factor: Double, growth: Double) throws -> JSONValue? {
    let magnitude = try optionalNumber("rope.scaling.yarn_attn_factor")
    guard factor != 1 || growth != 1 || magnitude ?? 1 != 1 else { return nil }
    var members: [(key: String, value: JSONValue)] = [
      ("rope_type", .string("yarn")), ("factor", .number(factor)),
      ("original_max_position_embeddings", .integer(try originalLength)),
    ]
    for (name, key) in [("beta_fast", "yarn_beta_fast"), ("beta_slow", "yarn_beta_slow")] {
      if let value = try optionalNumber("rope.scaling.\(key)") {
        members.append((name, .number(value)))
      }
    }
    if let magnitude {
      members.append(("attention_factor", .number(magnitude * growth)))
    } else if growth != 1 {
      members.append(("attention_factor", .number((1 + 0.1 * log(factor)) * growth)))
    }
    return .object(members)
  }

  // MARK: - Divisors of frequencies

  /// The tensors of a model that has one list for texts within its trained length and one for longer ones.
  static let lists = (short: "rope_factors_short.weight", long: "rope_factors_long.weight")

  /// The tensors that rotary positions are read from.
  static let rotaryTensors = [RotaryDivisors.tensor, lists.short, lists.long]

  /// What the frequencies are divided by; nil when the file says nothing.
  private func divisors(width: Int) throws -> (short: [Float], long: [Float])? {
    func read(_ name: String) throws -> [Float]? {
      guard let tensor = file.tensors[name] else { return nil }
      let values = try tensor.vector(count: width / 2)
      guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw CheckpointError.wrongMetadata(
          key: name, file: file.path, expected: "positive numbers", found: "\(values)")
      }
      return values
    }
    // As llama.cpp has it: one list for all comes before two.
    if let all = try read(RotaryDivisors.tensor) { return (all, all) }
    let (short, long) = (try read(Self.lists.short), try read(Self.lists.long))
    if let short, let long { return (short, long) }
    guard short == nil, long == nil else {
      throw StorageError.missingTensor(
        tensor: short == nil ? Self.lists.short : Self.lists.long, file: file.path)
    }
    return nil
  }
}
