internal import LaserOps
internal import Numerics

/// Some questions on the way down through a model.
struct QuestionDescent {
  /// Loss and margin of every question.
  let measures: [ExampleMeasure]
  private var way: Way
  /// The example that every row belongs to.
  private let examples: [Int]
  /// Of loss and margin, with respect to the stream that leaves the layer that comes next.
  private var gradients: [Matrix]

  /// Where the layers' activations come from.
  enum Way {
    /// They were kept on the way up; the last layer comes first.
    case recorded([RecordedLayer])
    /// They are computed again from the streams that enter.
    case streams(StreamCache)

    /// The activations of `layer`, one below the last; what was kept is given away.
    fileprivate mutating func next(
      _ layer: Int, of model: some LanguageModel, using workers: Workers
    ) throws -> RecordedLayer {
      switch self {
      case .recorded(var layers):
        // The only reference is to be this one, so that the activations go when they were used.
        self = .recorded([])
        let last = layers.removeLast()
        self = .recorded(layers)
        return last
      case .streams(var streams):
        let stream = try streams.stream(entering: layer, of: model, using: workers)
        self = .streams(streams)
        return model.record(stream, through: layer, using: workers)
      }
    }
  }

  /// Some questions above the last layer.
  ///
  /// - Parameters:
  ///   - chunk: The questions.
  ///   - way: Where the layers' activations come from.
  ///   - measures: Loss and margin of every question.
  ///   - firstExample: The example that the first question is.
  ///   - gradients: Of loss and margin, with respect to the stream that leaves the last layer.
  init(
    _ chunk: QuestionChunk, down way: Way, measures: [ExampleMeasure], firstExample: Int,
    gradients: [Matrix]
  ) {
    self.way = way
    self.measures = measures
    self.gradients = gradients
    examples = chunk.questionOfEveryRow.map { firstExample + $0 }
  }

  /// Goes down one layer.
  ///
  /// - Parameters:
  ///   - layer: The layer, one below the last.
  ///   - model: The model.
  ///   - functions: How many of the gradients are carried on.
  ///   - workers: The threads.
  ///   - visit: Is told of every product with a site, with the example of each of its rows.
  /// - Throws: ``LanguageModelError``.
  mutating func descend(
    through layer: Int, of model: some LanguageModel, functions: Int, using workers: Workers,
    visit: (_ function: Int, WeightSite, ProductGradient, _ examples: [Int]) -> Void
  ) throws {
    let layer = try way.next(layer, of: model, using: workers)
    gradients = layer.carryBack(Array(gradients.prefix(functions))) { function, site, product in
      let rows = product.streamRows.map { rows in rows.map { examples[$0] } } ?? examples
      visit(function, site, product, rows)
    }
  }
}
