/// The convolutions between a picture and the state's embedding.
public struct EncoderConfiguration: Codable, Equatable, Sendable {
  /// The channels of each 3 × 3 convolution's output, each followed by a rectifier; multiples of 16.
  public var channels = [32, 32]
  /// The number of residual blocks behind them (arXiv:1512.03385): two more convolutions each, as many channels as
  /// the last one above, the block's input added to the second one's output before its rectifier.
  public var residualBlocks = 0

  /// Two convolutions of 32 channels.
  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case channels
    case residualBlocks = "residual_blocks"
  }

  /// Reads what `config.json` holds; policies of before there were blocks have none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    channels = try container.decode([Int].self, forKey: .channels)
    residualBlocks = try container.decodeIfPresent(Int.self, forKey: .residualBlocks) ?? 0
  }
}
