/// A family of weight matrices that every transformer layer has one of (the paper's tau, §3).
public enum WeightKind: String, CaseIterable, Codable, Sendable, Hashable {
  /// The query projection.
  case query = "Wq"
  /// The key projection.
  case key = "Wk"
  /// The value projection.
  case value = "Wv"
  /// The projection that mixes the attention heads' outputs.
  case attentionOutput = "Wo"
  /// The first MLP matrix; the gate projection of the Llama family, as in the authors' code.
  case mlpInput = "Uin"
  /// The Llama family's extra up projection, which the paper's six kinds do not have.
  case mlpUp = "Uup"
  /// The second MLP matrix.
  case mlpOutput = "Uout"

  /// The names that the authors' command line and the Llama family's checkpoints use.
  private static let aliases: [String: WeightKind] = [
    "q_proj": .query, "k_proj": .key, "v_proj": .value, "out_proj": .attentionOutput,
    "fc_in": .mlpInput, "fc_up": .mlpUp, "fc_out": .mlpOutput,
    "o_proj": .attentionOutput, "gate_proj": .mlpInput, "up_proj": .mlpUp,
    "down_proj": .mlpOutput,
  ]

  /// The kind whose name is `name` in other letters, such as `uout`: what was meant, perhaps.
  static func similar(to name: String) -> WeightKind? {
    allCases.first { $0.rawValue.lowercased() == name.lowercased() }
  }

  /// The kind called `name` on the command line: the paper's name or an alias such as `fc_in`.
  ///
  /// - Throws: `InterventionError.unknownKind`.
  public init(named name: String) throws {
    guard let kind = WeightKind(rawValue: name) ?? Self.aliases[name] else {
      throw InterventionError.unknownKind(name)
    }
    self = kind
  }
}

/// One editable matrix of a model: its kind, its layer, and its expert where a layer has several of a kind.
public struct WeightSite: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The family that the matrix belongs to.
  public let kind: WeightKind
  /// The layer, counted from 0.
  public let layer: Int
  /// The expert of a mixture, counted from 0; nil for the only matrix of its kind in the layer.
  public let expert: Int?

  /// The site of `kind` in `layer`.
  public init(_ kind: WeightKind, layer: Int, expert: Int? = nil) {
    self.kind = kind
    self.layer = layer
    self.expert = expert
  }

  /// As in an edit, for example `Uin:27`, or `Uin:3#5` for expert 5.
  public var description: String {
    "\(kind.rawValue):\(layer)" + (expert.map { "#\($0)" } ?? "")
  }
}
