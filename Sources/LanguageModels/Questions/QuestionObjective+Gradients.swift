public import LaserOps
internal import Numerics

extension QuestionObjective {
  /// The loss of the right answer and the margin to the other one carried down through the model.
  ///
  /// The layers are gone down once, all questions in each: so the decompositions of one layer's matrices at a time are
  /// held, and of the streams as many as `memory` allows.
  /// - Throws: ``LanguageModelError``, `GradientError`, `LinearAlgebraError`, and what `receive` throws.
  public func componentScores(
    of candidate: Candidate<Model>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws {
    guard !examples.isEmpty else { throw GradientError.noExamples }
    let model = candidate.model
    var chunks = try descents(of: model, on: examples)
    let measures = chunks.flatMap(\.measures)
    let functionCount = measures.allSatisfy { $0.margin != nil } ? 2 : 1
    let wanted = Dictionary(grouping: sites, by: \.layer)
    for layer in (0..<model.shape.layerCount).reversed() {
      guard layer >= wanted.keys.min() ?? .max else { break }
      let here = wanted[layer] ?? []
      let decompositions = try workers.map(here.count) {
        try GramDecomposition(of: model.weight(at: here[$0]).matrix)
      }
      let decomposed = Dictionary(uniqueKeysWithValues: zip(here, decompositions))
      var sums: [WeightSite: ComponentSums] = [:]
      for place in chunks.indices {
        try chunks[place].descend(
          through: layer, of: model, functions: functionCount, using: workers
        ) { function, site, product, rows in
          guard let decomposition = decomposed[site] else { return }
          sums[
            site,
            default: ComponentSums(
              of: decomposition, bias: product.bias, functions: functionCount,
              examples: examples.count)
          ].add(
            product.values(on: decomposition.side),
            gradient: product.gradient(on: decomposition.side), of: function, examples: rows,
            using: workers)
        }
        for site in here { sums[site]?.forgetValues() }
      }
      for (site, decomposition) in zip(here, decompositions) {
        // A matrix without sums is that of an expert to which no token was sent.
        let scores =
          sums[site]?.scores
          ?? ComponentSums(
            of: decomposition, bias: nil, functions: functionCount, examples: examples.count
          ).scores
        guard scores.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
          throw GradientError.notFinite(site: site)
        }
        try receive(
          ComponentScores(
            site: site, examples: measures, loss: scores[0],
            margin: functionCount > 1 ? scores[1] : nil))
      }
    }
  }

  /// The questions in chunks, each with the gradients of its finished stream.
  private func descents(of model: Model, on examples: [Int]) throws -> [QuestionDescent] {
    let chunks = QuestionChunk.chunks(of: examples, in: questions, isSharingStart: false)
    let plans = StreamCache.plans(
      tokens: chunks.map(\.sequences.tokenCount), shape: model.shape, memory: memory)
    let inference = Inference(model, workers: workers)
    var first = 0
    return try zip(chunks, plans).map { chunk, plan in
      defer { first += chunk.numbers.count }
      var streams = StreamCache(of: chunk.sequences, plan: plan)
      let last = model.shape.layerCount - 1
      let stream = try streams.stream(entering: last, of: model, using: workers)
      let finished = model.advance(
        stream, through: last..<last + 1, reading: chunk.rows, using: workers
      ).rows
      let readings = chunk.readings(try inference.readings(chunk.queries, of: finished))
      let functions = zip(chunk.numbers, readings).map { judge.functions(of: $0, $1) }
      let gradients = model.gradients(
        of: [\AnswerJudge.Functions.loss, \.margin].map { terms in
          chunk.weights(functions.map { $0[keyPath: terms] })
        }, after: finished, using: workers)
      return QuestionDescent(
        chunk, streams: streams, measures: functions.map(\.measure), firstExample: first,
        gradients: gradients.map { $0.scattered(to: chunk.rows, of: stream.rows.rows) })
    }
  }
}

/// Some questions on the way down through a model.
private struct QuestionDescent {
  let measures: [ExampleMeasure]
  private var streams: StreamCache
  /// The example that every row belongs to.
  private let examples: [Int]
  /// Of loss and margin, with respect to the stream that leaves the layer that comes next.
  private var gradients: [Matrix]

  init(
    _ chunk: QuestionChunk, streams: StreamCache, measures: [ExampleMeasure], firstExample: Int,
    gradients: [Matrix]
  ) {
    self.streams = streams
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
  /// - Throws: `LanguageModelError`.
  mutating func descend(
    through layer: Int, of model: some LanguageModel, functions: Int, using workers: Workers,
    visit: (_ function: Int, WeightSite, ProductGradient, _ examples: [Int]) -> Void
  ) throws {
    let stream = try streams.stream(entering: layer, of: model, using: workers)
    gradients = model.carryBack(
      Array(gradients.prefix(functions)), through: layer, entering: stream, using: workers
    ) { function, site, product in
      let rows = product.streamRows.map { rows in rows.map { examples[$0] } } ?? examples
      visit(function, site, product, rows)
    }
  }
}

extension QuestionChunk {
  /// What log-probabilities are weighted with in each row that is read.
  ///
  /// - Parameter terms: Of every question.
  /// - Returns: The weights, in the order of ``rows``.
  fileprivate func weights(_ terms: [[AnswerJudge.Functions.Term]]) -> [TokenWeights] {
    var weights: [Int: TokenWeights] = [:]
    for (question, terms) in terms.enumerated() {
      for term in terms {
        weights[row(of: term.place, question: question), default: [:]][term.token, default: 0] +=
          term.weight
      }
    }
    return rows.map { weights[$0] ?? [:] }
  }
}

extension Matrix {
  /// The rows at the places `indices` of `count` rows, zeros elsewhere.
  fileprivate func scattered(to indices: [Int], of count: Int) -> Matrix {
    var result = Matrix(rows: count, columns: columns)
    for (row, index) in indices.enumerated() {
      for column in 0..<columns { result[index, column] = self[row, column] }
    }
    return result
  }
}
