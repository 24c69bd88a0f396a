/// What lies between a picture and the state's embedding.
public struct EncoderConfiguration: Codable, Equatable, Sendable {
  /// The channels of each 3 × 3 convolution's output, each followed by a rectifier; multiples of 16.
  public var channels = [32, 32]
  /// The number of residual blocks behind them (arXiv:1512.03385): two more convolutions each, as many channels as
  /// the last one above, the block's input added to the second one's output before its rectifier.
  public var residualBlocks = 0
  /// Whether the outermost ring of the picture is left out. It is a wall in every room, and a wall is black, so that
  /// the zeros around a convolution's input say the same.
  public var trimsRing = false
  /// How many weighted means of the features of single squares are added to what the linear layer over all of them
  /// says; `FocusPooling`.
  public var focusHeads = 0
  /// Whether `PlanHead` reads the plan from the features, in training only.
  public var readsPlan = false

  /// Two convolutions of 32 channels.
  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case channels
    case residualBlocks = "residual_blocks"
    case trimsRing = "trims_ring"
    case focusHeads = "focus_heads"
    case readsPlan = "reads_plan"
  }

  /// Reads what `config.json` holds; older policies have none of what came later.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    channels = try container.decode([Int].self, forKey: .channels)
    residualBlocks = try container.decodeIfPresent(Int.self, forKey: .residualBlocks) ?? 0
    trimsRing = try container.decodeIfPresent(Bool.self, forKey: .trimsRing) ?? false
    focusHeads = try container.decodeIfPresent(Int.self, forKey: .focusHeads) ?? 0
    readsPlan = try container.decodeIfPresent(Bool.self, forKey: .readsPlan) ?? false
  }
}
