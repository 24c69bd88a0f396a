internal import Numerics

/// The streams of some sequences that enter the layers of a model, as many of them as may be kept; the others are
/// computed from the nearest kept one below, to the same bytes.
struct StreamCache: Sendable {
  private let sequences: PrefixBatch
  private let plan: Plan
  private let isRecorded: Bool
  private var checkpoints: [Int: ResidualStream] = [:]
  private var latest: (layer: Int, stream: ResidualStream)?

  /// Which streams are kept.
  struct Plan: Sendable, Equatable {
    /// The layers whose stream is kept once it was computed, ascending.
    let checkpoints: [Int]
    /// Whether the stream that was asked for last is kept beyond ``release()``, wherever it enters: what a search
    /// that ascends needs.
    let keepsLatest: Bool
  }

  /// The streams of `sequences`.
  ///
  /// - Parameters:
  ///   - sequences: What is computed.
  ///   - plan: Which streams are kept.
  ///   - isRecorded: Whether they are those of recorded layers, to the byte.
  init(of sequences: PrefixBatch, plan: Plan, recorded isRecorded: Bool = false) {
    self.sequences = sequences
    self.plan = plan
    self.isRecorded = isRecorded
  }

  /// The stream that enters `layer` of `model`, which is the same model at every call.
  ///
  /// - Throws: ``LanguageModelError`` for tokens that the model does not take.
  mutating func stream(
    entering layer: Int, of model: some LanguageModel, using workers: Workers
  ) throws -> ResidualStream {
    var nearest = (layer: 0, stream: ResidualStream?.none)
    if let kept = checkpoints.keys.filter({ $0 <= layer }).max() {
      nearest = (kept, checkpoints[kept])
    }
    if let latest, latest.layer <= layer, latest.layer >= nearest.layer { nearest = latest }
    var stream = try nearest.stream ?? model.embed(sequences)
    var start = nearest.layer
    let stops = plan.checkpoints.filter { $0 > start && $0 <= layer }
    for stop in stops + [layer] where stop > start {
      stream =
        isRecorded
        ? model.recordedStream(after: stream, through: start..<stop, using: workers)
        : model.advance(stream, through: start..<stop, using: workers)
      start = stop
      if plan.checkpoints.contains(stop) { checkpoints[stop] = stream }
    }
    latest = checkpoints[layer] == nil ? (layer, stream) : nil
    return stream
  }

  /// Drops what is only kept for the candidates that are scored together.
  mutating func release() {
    if !plan.keepsLatest { latest = nil }
  }

  /// What to keep of several groups of sequences within `memory` bytes.
  ///
  /// A search goes up the layers and a composition down: where not everything fits, one stream moves along and the
  /// others stand at even distances; where not even one of every group fits, the first groups have theirs.
  /// - Parameters:
  ///   - tokens: The number of tokens of every group.
  ///   - shape: The model's sizes.
  ///   - memory: How many bytes the streams may take together.
  /// - Returns: A plan for every group.
  static func plans(tokens: [Int], shape: LanguageModelShape, memory: Int) -> [Plan] {
    let bytes = tokens.map { $0 * shape.width * MemoryLayout<Float>.size }
    let share = memory / max(1, bytes.reduce(0, +))
    guard share < shape.layerCount - 1 else {
      let all = Plan(checkpoints: Array(1..<max(1, shape.layerCount)), keepsLatest: false)
      return tokens.map { _ in all }
    }
    guard share < 1 else {
      let checkpoints = (1..<share).map { $0 * shape.layerCount / share }
      let some = Plan(checkpoints: checkpoints.filter { $0 > 0 }, keepsLatest: true)
      return tokens.map { _ in some }
    }
    var left = memory
    return bytes.map { bytes in
      left -= bytes
      return Plan(checkpoints: [], keepsLatest: left >= 0)
    }
  }
}
