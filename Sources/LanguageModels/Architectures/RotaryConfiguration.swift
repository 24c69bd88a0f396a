internal import Numerics
internal import Foundation

/// How configurations write rotary positions.
///
/// transformers 5 has `rope_parameters`, or one such object for each kind of layer; 4 had `rope_theta`, `rope_scaling`
/// and `partial_rotary_factor` beside each other (GPT-NeoX `rotary_emb_base` and `rotary_pct`).
extension ConfigurationReader {
  /// What a family's class takes where the configuration says nothing.
  struct RotaryDefaults {
    /// The base of the frequencies.
    var base = 10_000.0
    /// The key of the base in transformers 4's style.
    var baseKey = "rope_theta"
    /// The share of a head that is turned.
    var share = 1.0
    /// The key of the share in transformers 4's style; nil for a class that turns whole heads whatever a file says.
    var shareKey: String?
    /// `original_max_position_embeddings` of a class that reads it beside the scaling and not within; nil for one
    /// that does it the other way round.
    var originalLength: Int?
    /// Which dimensions form a pair.
    var pairing = RotaryEmbedding.Pairing.halves
    /// Whether a scaling in transformers 4's style is for this kind of layer.
    var isScaled = true
  }

  /// The rotary embedding.
  ///
  /// - Parameters:
  ///   - configuration: The sizes.
  ///   - kind: The kind of layer, where each has an embedding of its own.
  ///   - defaults: What the family's class takes.
  /// - Returns: The embedding, its base, its part of a head and its scaling as they are found.
  /// - Throws: ``LanguageModelError``: a scaling that is not known, a value that makes no sense.
  func rotary(
    _ configuration: DecoderConfiguration, for kind: String? = nil,
    _ defaults: RotaryDefaults = .init()
  ) throws -> RotaryEmbedding {
    try rotary(
      headWidth: configuration.headWidth, trainedLength: configuration.trainedLength, for: kind,
      defaults)
  }

  /// The rotary embedding of heads of `headWidth`.
  ///
  /// - Throws: As ``rotary(_:for:_:)``.
  func rotary(
    headWidth: Int, trainedLength: Int, for kind: String? = nil, _ defaults: RotaryDefaults
  ) throws -> RotaryEmbedding {
    let own = try rotaryObject(for: kind, isScaled: defaults.isScaled)
    let base = try rotaryBase(own, for: kind, defaults)
    let share = try rotaryShare(own, defaults)
    let width = Int(Double(headWidth) * min(share, 1))
    guard share <= 1, width % 2 == 0 else {
      throw wrong(
        share == 1 ? "head_dim" : "partial_rotary_factor",
        expected: "an even number of dimensions of heads of \(headWidth), for rotary pairs")
    }
    return RotaryEmbedding(
      width: width, base: base, pairing: defaults.pairing,
      scaling: try own?.scaling(
        of: self, width: width, trainedLength: trainedLength,
        originalLength: defaults.originalLength)
        ?? .none)
  }

  /// What is said of layers of `kind`, or of all where there is but one kind, in either style.
  private func rotaryObject(for kind: String?, isScaled: Bool) throws -> ConfigurationReader? {
    let scaling = try object("rope_scaling")
    guard let all = try object("rope_parameters") else {
      guard isScaled else { return nil }
      // Classes with two kinds put it over an object whose 'rope_type' is there already.
      if kind != nil, let scaling, !scaling.contains("rope_type"),
        try scaling.string("type") ?? "default" != "default"
      {
        throw scaling.wrong(
          "type", expected: "no such key but 'rope_type', which alone counts in transformers")
      }
      return scaling
    }
    guard scaling == nil else {
      throw wrong("rope_scaling", expected: "absent beside 'rope_parameters', which has its place")
    }
    guard let kind else { return all }
    // What is said of all layers at once has no effect in classes with two kinds.
    guard all.contains("full_attention") || all.contains("sliding_attention") else {
      throw wrong(
        "rope_parameters",
        expected: "an object for 'full_attention' and one for 'sliding_attention'")
    }
    return try all.object(kind)
  }

  private func rotaryBase(
    _ own: ConfigurationReader?, for kind: String?, _ defaults: RotaryDefaults
  ) throws -> Double {
    let beside = try optionalNumber(defaults.baseKey)
    let said = try own?.optionalNumber("rope_theta") ?? beside
    // transformers takes null for a base that is none, not for the family's.
    for (reader, key) in [(own, "rope_theta"), (self, defaults.baseKey)] where said == nil {
      guard let reader, !reader.isAbsent(key) else { continue }
      throw reader.wrong(key, expected: "a number above 1, or no such key")
    }
    let base = said ?? defaults.base
    guard base > 1 else {
      throw LanguageModelError.wrongValue(
        key: own?.contains("rope_theta") == true ? "rope_theta" : defaults.baseKey, file: file,
        expected: "a number above 1", found: "\(base)")
    }
    // A key of the other kind of layer is none of another family.
    if kind != "sliding_attention" {
      try requireAgreement(
        of: ["rope_theta", "rotary_emb_base"], but: defaults.baseKey, with: base)
    }
    return base
  }

  private func rotaryShare(
    _ own: ConfigurationReader?, _ defaults: RotaryDefaults
  ) throws -> Double {
    let key = "partial_rotary_factor"
    guard let shareKey = defaults.shareKey else {
      try own?.requireAgreement(of: [key], with: defaults.share)
      try requireAgreement(of: [key, "rotary_pct"], with: defaults.share)
      return defaults.share
    }
    let beside = try optionalNumber(shareKey)
    let share = try own?.optionalNumber(key) ?? beside ?? defaults.share
    try requireAgreement(of: [key, "rotary_pct"], but: shareKey, with: share)
    return share
  }

  /// - Throws: ``LanguageModelError`` where a key that the family's class does not read has another value than the
  ///   one that it takes.
  private func requireAgreement(
    of keys: [String], but ownKey: String? = nil, with value: Double
  ) throws {
    for key in keys where key != ownKey {
      guard let found = try optionalNumber(key), found != value else { continue }
      throw wrong(key, expected: "\(value), which the family takes, or no such key")
    }
  }

  /// The scaling that this object, a part of `outer`, describes.
  private func scaling(
    of outer: ConfigurationReader, width: Int, trainedLength: Int, originalLength: Int?
  ) throws -> RotaryEmbedding.Scaling {
    let key = contains("rope_type") ? "rope_type" : "type"
    let name = try string(key) ?? "default"
    func original() throws -> Int? {
      try self.originalLength(
        of: outer, trainedLength: trainedLength, classLength: originalLength)
    }
    switch name {
    case "default": return .none
    case "linear": return .linear(factor: try number("factor"))
    case "dynamic":
      return .dynamic(factor: try number("factor"), trainedLength: trainedLength)
    case "llama3":
      return .llama3(
        factor: try number("factor"), lowFactor: try number("low_freq_factor"),
        highFactor: try number("high_freq_factor"),
        trainedLength: try original() ?? length("original_max_position_embeddings"))
    // Old files of Phi-3 write the names of other scalings.
    case "yarn" where !contains("short_factor"):
      return try yarn(trainedLength: trainedLength, original: original())
    case "longrope", "su", "yarn":
      return try longrope(width: width, trainedLength: trainedLength, original: original())
    default:
      throw wrong(key, expected: "default, linear, dynamic, llama3, yarn or longrope")
    }
  }

  /// `original_max_position_embeddings` of this scaling; nil where the file has none that the class reads.
  ///
  /// Phi-3's class takes the key beside the scaling, or its own `classLength`, for the one within. Others do not know
  /// the former. Where both are there, they have to agree.
  private func originalLength(
    of outer: ConfigurationReader, trainedLength: Int, classLength: Int?
  ) throws -> Int? {
    let key = "original_max_position_embeddings"
    let (within, beside) = (try optionalLength(key), try outer.optionalLength(key))
    let taken = classLength.map { beside ?? $0 } ?? within
    let length = taken ?? trainedLength
    for (reader, found) in [(self, within), (outer, beside)] {
      guard let found, found != length else { continue }
      throw reader.wrong(key, expected: "\(length), which the family takes, or no such key")
    }
    return taken
  }

  /// arXiv:2309.00071.
  private func yarn(trainedLength: Int, original: Int?) throws -> RotaryEmbedding.Scaling {
    let length = original ?? trainedLength
    let factor =
      try original == nil
      ? number("factor") : optionalNumber("factor") ?? Double(trainedLength) / Double(length)
    func growth(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
    let magnitude: Double
    if let given = try optionalNumber("attention_factor") {
      magnitude = given
    } else if let scale = try optionalNumber("mscale"),
      let all = try optionalNumber("mscale_all_dim")
    {
      magnitude = growth(scale) / growth(all)
    } else {
      magnitude = growth(1)
    }
    return .yarn(
      factor: factor, fastTurns: try number("beta_fast", default: 32),
      slowTurns: try number("beta_slow", default: 1), trainedLength: length,
      isRounded: try bool("truncate", default: true), magnitude: magnitude)
  }

  /// arXiv:2402.13753.
  private func longrope(
    width: Int, trainedLength: Int, original: Int?
  ) throws -> RotaryEmbedding.Scaling {
    func divisors(_ key: String) throws -> [Double] {
      let divisors = try numbers(key)
      guard divisors.count == width / 2, divisors.allSatisfy({ $0 > 0 }) else {
        throw wrong(key, expected: "\(width / 2) positive numbers, one a rotary pair")
      }
      return divisors
    }
    let length = original ?? trainedLength
    let growth = try optionalNumber("factor") ?? Double(trainedLength) / Double(length)
    guard try length > 1 || growth <= 1 || optionalNumber("attention_factor") != nil else {
      throw wrong("original_max_position_embeddings", expected: "a number above 1, for longrope")
    }
    let magnitude =
      try optionalNumber("attention_factor")
      ?? (growth <= 1 ? 1 : (1 + log(growth) / log(Double(length))).squareRoot())
    return .longrope(
      short: try divisors("short_factor"), long: try divisors("long_factor"),
      trainedLength: length, magnitude: magnitude)
  }
}

extension RotaryEmbedding {
  /// Whether frequencies change when the sequence grows.
  var dependsOnLength: Bool {
    switch scaling {
    case .dynamic, .longrope: true
    case .none, .linear, .llama3, .yarn: false
    }
  }

  /// The most tokens of a sequence, when the configuration gives `trained`.
  func contextLength(trained: Int) -> Int {
    switch scaling {
    // transformers leaves max_position_embeddings at the trained length for these.
    case .linear(let factor), .dynamic(let factor, _):
      max(trained, Int(min(Double(trained) * factor, 1e9)))
    case .yarn(let factor, _, _, let length, _, _):
      max(trained, Int(min(Double(length) * factor, 1e9)))
    case .none, .llama3, .longrope: trained
    }
  }
}

// MARK: - Windows

extension ConfigurationReader {
  /// Every layer's attention window, nil where it sees all earlier tokens.
  ///
  /// - Parameters:
  ///   - count: The number of layers.
  ///   - fallback: `sliding_window` where it is absent.
  ///   - isSliding: Which layers slide, where `layer_types` does not say it.
  /// - Returns: A window, or nil, for every layer.
  /// - Throws: ``LanguageModelError``: a kind of layer that is not known, or not one for every layer.
  func windows(
    count: Int, default fallback: Int? = nil, isSliding: (Int) throws -> Bool
  ) throws -> [Int?] {
    let window = try slidingWindow(default: fallback)
    guard let types = try layerTypes(count: count) else {
      return try (0..<count).map { try window > 0 && isSliding($0) ? window : nil }
    }
    guard window > 0 || !types.contains("sliding_attention") else {
      throw wrong("sliding_window", expected: "a number, for layers of 'sliding_attention'")
    }
    return types.map { $0 == "sliding_attention" ? window : nil }
  }

  /// The window of a class that has one for all layers and does not read `layer_types`.
  ///
  /// - Parameters:
  ///   - count: The number of layers.
  ///   - fallback: `sliding_window` where it is absent.
  ///   - isOn: Whether there are windows at all.
  /// - Returns: The same window, or nil, for every layer.
  /// - Throws: ``LanguageModelError``: a `layer_types` that says something else.
  func uniformWindows(
    count: Int, default fallback: Int? = nil, isOn: Bool = true
  ) throws -> [Int?] {
    let window = isOn ? try slidingWindow(default: fallback) : 0
    let kind = window > 0 ? "sliding_attention" : "full_attention"
    guard try layerTypes(count: count)?.allSatisfy({ $0 == kind }) ?? true else {
      throw wrong("layer_types", expected: "'\(kind)' for all layers, which the family has")
    }
    return Array(repeating: window > 0 ? window : nil, count: count)
  }

  /// `sliding_window`, or `fallback` where it is absent; 0 for none.
  private func slidingWindow(default fallback: Int?) throws -> Int {
    try isAbsent("sliding_window")
      ? fallback ?? 0 : optionalInteger("sliding_window", least: 0) ?? 0
  }

  /// The windows of Qwen: switched on by `use_sliding_window`, from layer `max_window_layers` upwards.
  func windowsFromLayer(count: Int) throws -> [Int?] {
    let first = try integer("max_window_layers", default: 28, least: 0)
    return try switchedWindows(count: count) { $0 >= first }
  }

  /// The windows of the layers that slide, where `use_sliding_window` switches them on.
  func switchedWindows(count: Int, isSliding: (Int) throws -> Bool) throws -> [Int?] {
    guard try bool("use_sliding_window", default: false) else {
      if try layerTypes(count: count)?.contains("sliding_attention") == true {
        throw wrong(
          "use_sliding_window", expected: "true, for 'layer_types' with 'sliding_attention'")
      }
      return Array(repeating: nil, count: count)
    }
    return try windows(count: count, default: 4096, isSliding: isSliding)
  }

  /// `layer_types`, which wins over every pattern; nil when it is absent.
  func layerTypes(count: Int) throws -> [String]? {
    guard let types = try strings("layer_types") else { return nil }
    guard types.count == count,
      types.allSatisfy({ ["full_attention", "sliding_attention"].contains($0) })
    else {
      throw wrong(
        "layer_types",
        expected: "'full_attention' or 'sliding_attention' for each of \(count) layers")
    }
    return types
  }
}
