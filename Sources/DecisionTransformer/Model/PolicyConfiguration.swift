internal import Sokoban

/// The sizes of a Decision Transformer (arXiv:2106.01345): what `config.json` holds.
///
/// The keys are Hugging Face DecisionTransformerConfig's where it has the same thing.
public struct PolicyConfiguration: Codable, Equatable, Sendable {
  /// The width of the residual stream (d); ``setWidth(_:)`` changes that of the MLP with it.
  public var width = 128
  /// The number of blocks.
  public var layers = 6
  /// The number of attention heads; divides the width.
  public var heads = 8
  /// The width of the MLP's hidden layer.
  public var mlpWidth = 512
  /// How many time steps a token sees, its own included (K), at most 1,024: attention holds 3K × 3K scores at once.
  public var contextSteps = 40
  /// The number of time steps that have an embedding: the longest episode that can be played.
  public var maximumSteps = EnvironmentBatch.defaultMaxSteps
  /// The number of actions: the four ways to push, no other number.
  public var actions = 4
  /// The size of the picture, one pixel a cell.
  public var pictureHeight = 10
  public var pictureWidth = 10
  public var pictureChannels = 3
  /// What turns a picture into the state's embedding.
  public var encoder = EncoderConfiguration()
  /// What a return-to-go is multiplied by before its embedding, so that it is about 1.
  public var returnScale: Float = 0.1
  /// Whether the policy is told what return is asked for; one that is not clones what it has seen.
  public var readsReturn: Bool { returnScale != 0 }
  /// Added to the variance in every layer normalisation.
  public var layerNormEpsilon: Float = 1e-5

  /// The defaults: 1.6 million parameters.
  public init() {}

  /// Sets the width of the residual stream, and the MLP's hidden layer four times as wide (GPT-2's proportion).
  ///
  /// - Parameter width: Any number; ``validate()`` refuses those that make no model.
  public mutating func setWidth(_ width: Int) {
    self.width = width
    let wide = width.multipliedReportingOverflow(by: 4)
    mlpWidth = wide.overflow ? (width < 0 ? .min : .max) : wide.partialValue
  }

  /// The largest model that is accepted. Training keeps several numbers for each parameter: itself, two moments and
  /// a gradient for every one of ``TrainingOptions/shards``, seven by default; activations come on top.
  public static let maximumParameters = 1 << 30

  /// The width of one attention head.
  public var headWidth: Int { width / heads }
  /// The numbers in one picture.
  public var pictureCount: Int { pictureHeight * pictureWidth * pictureChannels }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case width = "hidden_size"
    case layers = "n_layer"
    case heads = "n_head"
    case mlpWidth = "n_inner"
    case contextSteps = "context_steps"
    case maximumSteps = "max_ep_len"
    case actions = "act_dim"
    case pictureHeight = "picture_height"
    case pictureWidth = "picture_width"
    case pictureChannels = "picture_channels"
    case encoder
    case returnScale = "return_scale"
    case layerNormEpsilon = "layer_norm_epsilon"
  }

  /// Checks that the sizes make a model.
  ///
  /// - Throws: `ConfigurationError` for the first one that does not.
  public func validate() throws {
    let limits: [(CodingKeys, Int, ClosedRange<Int>)] = [
      (.width, width, 1...16_384), (.layers, layers, 1...1_024), (.heads, heads, 1...1_024),
      (.mlpWidth, mlpWidth, 1...65_536), (.contextSteps, contextSteps, 1...1_024),
      (.maximumSteps, maximumSteps, 1...1_000_000), (.actions, actions, 4...4),
      (.pictureHeight, pictureHeight, 1...64), (.pictureWidth, pictureWidth, 1...64),
      (.pictureChannels, pictureChannels, 3...3),
    ]
    for (key, value, range) in limits where !range.contains(value) {
      throw ConfigurationError.outOfRange(key: key.rawValue, value: value, range: range)
    }
    guard width % heads == 0 else {
      throw ConfigurationError.headsDoNotDivideWidth(heads: heads, width: width)
    }
    guard (1...16).contains(encoder.channels.count) else {
      throw ConfigurationError.outOfRange(
        key: "encoder.channels", value: encoder.channels.count, range: 1...16)
    }
    for channels in encoder.channels where channels % 16 != 0 || !(16...1_024).contains(channels) {
      throw ConfigurationError.channelsNotInSixteens(channels)
    }
    guard (0...64).contains(encoder.residualBlocks) else {
      throw ConfigurationError.outOfRange(
        key: "encoder.residual_blocks", value: encoder.residualBlocks, range: 0...64)
    }
    guard (0...64).contains(encoder.focusHeads) else {
      throw ConfigurationError.outOfRange(
        key: "encoder.focus_heads", value: encoder.focusHeads, range: 0...64)
    }
    guard !encoder.trimsRing || min(pictureHeight, pictureWidth) >= 3 else {
      throw ConfigurationError.nothingInsideRing(height: pictureHeight, width: pictureWidth)
    }
    guard returnScale.isFinite, layerNormEpsilon.isFinite, layerNormEpsilon > 0 else {
      throw ConfigurationError.notFinite(returnScale: returnScale, epsilon: layerNormEpsilon)
    }
    let parameters = ParameterLayout(self).parameterCount
    guard parameters <= Self.maximumParameters else {
      throw ConfigurationError.tooManyParameters(parameters, limit: Self.maximumParameters)
    }
  }
}

/// Sizes that make no model.
package enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A size is too small or too large.
  case outOfRange(key: String, value: Int, range: ClosedRange<Int>)
  /// The width cannot be split evenly among the heads.
  case headsDoNotDivideWidth(heads: Int, width: Int)
  /// The convolution kernels work on sixteen channels at a time.
  case channelsNotInSixteens(Int)
  /// A picture whose outermost ring is all of it cannot be trimmed.
  case nothingInsideRing(height: Int, width: Int)
  /// A model that no memory would hold.
  case tooManyParameters(Int, limit: Int)
  /// A scale that is no number, or an epsilon that is not positive.
  case notFinite(returnScale: Float, epsilon: Float)

  /// What is wrong, what was found and what would do.
  package var description: String {
    switch self {
    case .outOfRange(let key, let value, let range):
      "\(key) is \(value), expected \(range.lowerBound)"
        + (range.count > 1 ? " to \(range.upperBound)" : "")
    case .headsDoNotDivideWidth(let heads, let width):
      "\(heads) heads do not divide the width \(width); choose a width that is a multiple of the heads"
    case .channelsNotInSixteens(let channels):
      "a convolution has \(channels) channels, expected a multiple of 16 up to 1024"
    case .nothingInsideRing(let height, let width):
      "a picture of \(height) × \(width) squares has nothing inside its outermost ring, expected at least 3 × 3; leave the ring in place"
    case .tooManyParameters(let count, let limit):
      "the model would have \(count) parameters, expected at most \(limit); choose a smaller width or fewer layers"
    case .notFinite(let returnScale, let epsilon):
      "return_scale is \(returnScale) and layer_norm_epsilon is \(epsilon), expected finite numbers and a positive epsilon"
    }
  }
}
