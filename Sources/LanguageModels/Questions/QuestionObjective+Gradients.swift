public import LaserOps
internal import Numerics

extension QuestionObjective {
  /// The loss of the right answer and the margin to the other one carried down through the model.
  ///
  /// Where `memory` allows it every chunk of questions goes up and down by itself and keeps its activations meanwhile. Else
  /// the layers are gone down once, all questions in each: the activations of one layer at a time are computed again, and
  /// the decompositions of one layer's matrices are held, and of the streams as many as fit. Both give the same bytes; the
  /// former has no scores to give before its last chunk.
  /// - Throws: ``LanguageModelError``, `GradientError`, `LinearAlgebraError`, and what `receive` throws.
  public func componentScores(
    of candidate: Candidate<Model>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws {
    guard !examples.isEmpty else { throw GradientError.noExamples }
    let model = candidate.model
    let plan = DescentPlan(of: model, at: sites, examples: examples.count)
    let chunks = QuestionChunk.chunks(
      of: examples, in: questions, isSharingStart: false, tokensAtOnce: plan.tokensAtOnce)
    let isKeeping = plan.keepsActivations(of: chunks, in: memory)
    let groups = isKeeping ? chunks.map { [$0] } : [chunks]
    let wanted = Dictionary(grouping: sites, by: \.layer)
    let layers = (wanted.keys.min() ?? model.shape.layerCount)..<model.shape.layerCount
    var measures: [ExampleMeasure] = []
    var functionCount = 2
    var decompositions: [WeightSite: GramDecomposition] = [:]
    var sums: [WeightSite: ComponentSums] = [:]
    for (number, group) in groups.enumerated() {
      var descents = try descents(
        of: model, down: layers, in: group, after: measures.count, keepingActivations: isKeeping)
      measures += descents.flatMap(\.measures)
      if measures.contains(where: { $0.margin == nil }) { functionCount = 1 }
      defer { progress(measures.count, examples.count) }
      for layer in layers.reversed() {
        let here = wanted[layer] ?? []
        let new = here.filter { decompositions[$0] == nil }
        let found = try workers.map(new.count) {
          try GramDecomposition(of: model.weight(at: new[$0]).matrix)
        }
        decompositions.merge(zip(new, found)) { $1 }
        for place in descents.indices {
          try descents[place].descend(
            through: layer, of: model, functions: functionCount, using: workers
          ) { function, site, product, rows in
            guard let decomposition = decompositions[site] else { return }
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
        guard number == groups.count - 1 else { continue }
        for site in here {
          guard let decomposition = decompositions.removeValue(forKey: site) else { continue }
          // A matrix without sums is that of an expert to which no token was sent.
          let scores =
            sums.removeValue(forKey: site)?.scores
            ?? ComponentSums(
              of: decomposition, bias: nil, functions: functionCount, examples: examples.count
            ).scores
          // A margin that not all have is of no meaning.
          guard scores.prefix(functionCount).allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
            throw GradientError.notFinite(site: site)
          }
          try receive(
            ComponentScores(
              site: site, examples: measures, loss: scores[0],
              margin: functionCount > 1 ? scores[1] : nil))
        }
      }
    }
  }

  /// Chunks of questions, each with the gradients of its finished stream.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - layers: Those that the gradients will be carried down through.
  ///   - chunks: The questions.
  ///   - first: The example that the first of the questions is.
  ///   - keepsActivations: Whether the layers' activations are kept for the way down.
  /// - Returns: The questions above the last layer.
  /// - Throws: ``LanguageModelError``.
  private func descents(
    of model: Model, down layers: Range<Int>, in chunks: [QuestionChunk], after first: Int,
    keepingActivations keepsActivations: Bool
  ) throws -> [QuestionDescent] {
    let inference = Inference(model, workers: workers)
    let plans =
      keepsActivations
      ? []
      : StreamCache.plans(
        tokens: chunks.map(\.sequences.tokenCount), shape: model.shape, memory: memory)
    var first = first
    return try chunks.indices.map { index in
      let chunk = chunks[index]
      defer { first += chunk.numbers.count }
      // Recorded layers and others round differently: both ways take the former.
      let way: QuestionDescent.Way
      let finished: ResidualStream
      if keepsActivations {
        var stream = model.recordedStream(
          after: try model.embed(chunk.sequences), through: 0..<layers.lowerBound, using: workers)
        var recorded: [RecordedLayer] = []
        for layer in layers {
          recorded.append(model.record(stream, through: layer, using: workers))
          stream = recorded[recorded.count - 1].leaving
        }
        (way, finished) = (.recorded(recorded), stream)
      } else {
        var streams = StreamCache(of: chunk.sequences, plan: plans[index], recorded: true)
        let last = model.shape.layerCount - 1
        finished =
          model.record(
            try streams.stream(entering: last, of: model, using: workers), through: last,
            using: workers
          ).leaving
        way = .streams(streams)
      }
      let rows = finished.rows.gathering(chunk.rows)
      let readings = chunk.readings(try inference.readings(chunk.queries, of: rows))
      let functions = zip(chunk.numbers, readings).map { judge.functions(of: $0, $1) }
      let gradients = model.gradients(
        of: [\AnswerJudge.Functions.loss, \.margin].map { terms in
          chunk.weights(functions.map { $0[keyPath: terms] })
        }, after: rows, using: workers)
      return QuestionDescent(
        chunk, down: way, measures: functions.map(\.measure), firstExample: first,
        gradients: gradients.map { $0.scattered(to: chunk.rows, of: finished.rows.rows) })
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
