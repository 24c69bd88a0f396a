public import Numerics
public import LaserOps

/// A transformer that predicts tokens, taken apart where a search needs it: the stream between two layers is
/// in reach, and the head is computed only where somebody reads it.
public protocol LanguageModel: EditableModel {
  /// The sizes that a caller needs.
  var shape: LanguageModelShape { get }

  /// Where the weights came from.
  var checkpoint: Checkpoint { get }

  /// Where a Hugging Face checkpoint has the matrix at `site`.
  ///
  /// - Precondition: `site` is one of `weightSites`.
  func place(of site: WeightSite) -> TensorPlace

  /// The stream that enters layer 0.
  ///
  /// - Parameters:
  ///   - ids: Every sequence's new tokens, in the vocabulary.
  ///   - sequences: How they are packed.
  /// - Returns: `[rows × width]`.
  func embedding(of ids: [[Int]], packed sequences: PackedSequences) -> Matrix

  /// What tokens bring into the stream wherever they stand, without the embedding of a position that a causal model
  /// adds; a masked model's are those at the start of a text.
  ///
  /// - Parameter ids: Tokens of the vocabulary.
  /// - Returns: `[ids × width]`.
  func tokenEmbeddings(of ids: [Int]) -> Matrix

  /// The stream after `layers`.
  ///
  /// - Parameters:
  ///   - stream: The stream that enters the first of them.
  ///   - layers: Which layers.
  ///   - rows: The rows of `stream` that are wanted, ascending; nil for all. What the last of the layers does for
  ///     other rows is left out, apart from their keys and values.
  ///   - cache: Earlier tokens' keys and values; grows by the new ones. Nil when the sequences are whole.
  ///   - workers: The threads; their number changes no bit of the result.
  /// - Returns: The wanted rows.
  func advance(
    _ stream: ResidualStream, through layers: Range<Int>, reading rows: [Int]?,
    cache: inout KeyValueCache?, using workers: Workers
  ) -> ResidualStream

  /// The logits of some rows of the stream that leaves the last layer.
  ///
  /// - Parameters:
  ///   - rows: `[N × width]`.
  ///   - candidates: The tokens to be scored, nil for the whole vocabulary.
  ///   - workers: The threads.
  /// - Returns: `[N × candidates or vocabulary]`.
  func logits(of rows: Matrix, candidates: [Int]?, using workers: Workers) -> Matrix

  /// The token with the largest logit after each of some rows of the stream that leaves the last layer, the first of
  /// equals; nil where a logit is no finite number.
  ///
  /// - Parameters:
  ///   - rows: `[N × width]`.
  ///   - workers: The threads.
  /// - Returns: N tokens.
  func likeliestTokens(after rows: Matrix, using workers: Workers) -> [Int?]

  /// The gradients of functions of log-probabilities with respect to some rows of the stream that leaves the last layer.
  ///
  /// - Parameters:
  ///   - functions: Each is `Σ weight · log p(token)`: for every row the weights of tokens.
  ///   - rows: `[N × width]`.
  ///   - workers: The threads; their number changes no bit of the result.
  /// - Returns: For every function `[N × width]`.
  func gradients(
    of functions: [[TokenWeights]], after rows: Matrix, using workers: Workers
  ) -> [Matrix]

  /// Computes a stream through a layer as ``advance(_:through:reading:cache:using:)`` does, but for the last digits, and
  /// keeps all activations, so that gradients can be carried down through the layer.
  ///
  /// - Parameters:
  ///   - stream: What enters the layer, whole sequences.
  ///   - layer: The layer.
  ///   - workers: The threads; their number changes no bit of any result.
  /// - Returns: The layer at work on the stream.
  func record(
    _ stream: ResidualStream, through layer: Int, using workers: Workers
  ) -> RecordedLayer

  /// The first tensor with an element that is no finite number, as an error; asked when a result is none.
  func damage() -> LanguageModelError?
}

/// What the log-probabilities of tokens are multiplied with in a function of them; 0 for all others.
public typealias TokenWeights = [Int: Double]

/// The sizes of a language model.
public struct LanguageModelShape: Sendable, Equatable {
  /// How many tokens have a logit.
  public let vocabularySize: Int
  /// The most tokens of one sequence.
  public let contextLength: Int
  /// The width of the residual stream.
  public let width: Int
  /// The number of layers.
  public let layerCount: Int
  /// The width of the keys of one token in one layer.
  public let keyWidth: Int
  /// Whether the model fills masks, seeing both sides, rather than predicting the next token.
  public let isMasked: Bool
  /// Whether earlier tokens change when the sequence grows, as with the dynamic scaling of rotary positions.
  public let dependsOnLength: Bool

  /// The sizes of a model.
  package init(
    vocabularySize: Int, contextLength: Int, width: Int, layerCount: Int, keyWidth: Int,
    isMasked: Bool = false, dependsOnLength: Bool = false
  ) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.width = width
    self.layerCount = layerCount
    self.keyWidth = keyWidth
    self.isMasked = isMasked
    self.dependsOnLength = dependsOnLength
  }

  /// Whether a token's stream depends on the tokens before it alone, so that sequences may share what they begin with.
  var allowsPrefixSharing: Bool { !isMasked && !dependsOnLength }
}

extension LanguageModel {
  /// The embeddings of tokens in texts of their own: the same where no position is added.
  public func tokenEmbeddings(of ids: [Int]) -> Matrix {
    let sequences = PackedSequences(
      counts: ids.map { _ in 1 }, cached: Array(repeating: 0, count: ids.count))
    return embedding(of: ids.map { [$0] }, packed: sequences)
  }

  /// The stream that enters layer 0, after a check of what came from outside.
  ///
  /// - Parameters:
  ///   - ids: Every sequence's new tokens.
  ///   - cache: Their earlier tokens, nil for none.
  /// - Returns: The embedded tokens and how they are packed.
  /// - Throws: ``LanguageModelError``: an empty prompt, one that is too long, an id that does not exist.
  public func embed(_ ids: [[Int]], after cache: KeyValueCache? = nil) throws -> ResidualStream {
    let cached = cache?.counts ?? Array(repeating: 0, count: ids.count)
    precondition(cached.count == ids.count, "\(ids.count) sequences, \(cached.count) in the cache")
    return try embed(ids, packed: PackedSequences(counts: ids.map(\.count), cached: cached))
  }

  /// The stream that enters layer 0, a row for every token that is computed.
  ///
  /// - Throws: As ``embed(_:after:)``.
  func embed(_ sequences: PrefixBatch) throws -> ResidualStream {
    let packed = sequences.packed
    precondition(
      shape.allowsPrefixSharing || !packed.sharesPrefixes, "tokens here depend on later ones")
    return try embed(sequences.tokens, packed: packed)
  }

  private func embed(
    _ ids: [[Int]], packed sequences: PackedSequences
  ) throws -> ResidualStream {
    for (ids, length) in zip(ids, sequences.lengths) {
      guard length > 0 else { throw LanguageModelError.emptyPrompt }
      guard length <= shape.contextLength else {
        throw LanguageModelError.promptTooLong(tokens: length, limit: shape.contextLength)
      }
      try check(ids)
    }
    return ResidualStream(rows: embedding(of: ids, packed: sequences), sequences: sequences)
  }

  /// - Throws: ``LanguageModelError/idOutOfRange(_:count:)`` for an id that the vocabulary does not have.
  public func check(_ ids: [Int]) throws {
    if let id = ids.first(where: { $0 < 0 || $0 >= shape.vocabularySize }) {
      throw LanguageModelError.idOutOfRange(id, count: shape.vocabularySize)
    }
  }

  /// The stream after `layers`, without a cache: as
  /// ``advance(_:through:reading:cache:using:)``.
  public func advance(
    _ stream: ResidualStream, through layers: Range<Int>, reading rows: [Int]? = nil,
    using workers: Workers
  ) -> ResidualStream {
    var cache: KeyValueCache?
    return advance(stream, through: layers, reading: rows, cache: &cache, using: workers)
  }

  /// An empty cache for sequences of up to `capacities` tokens.
  public func makeCache(capacities: [Int]) -> KeyValueCache {
    KeyValueCache(capacities: capacities, layers: shape.layerCount, width: shape.keyWidth)
  }
}
