internal import LaserOps
internal import Numerics

/// Questions asked of one candidate after the other, with the unedited model's streams and continuations kept between calls.
final class QuestionSession<Model: LanguageModel>: ScoringSession {
  private let objective: QuestionObjective<Model>
  /// The lists of examples whose preparations stay; of others only the last one's do.
  private let parts: Set<[Int]>
  private var kept: [[Int]: [PreparedChunk]] = [:]

  private struct PreparedChunk {
    let chunk: QuestionChunk
    var streams: StreamCache
  }

  init(_ objective: QuestionObjective<Model>, asking parts: [[Int]]) {
    self.objective = objective
    self.parts = Set(parts)
  }

  /// Asks every candidate the same questions.
  ///
  /// - Throws: ``LanguageModelError``.
  func outcomes(of candidates: [Candidate<Model>], on examples: [Int]) throws -> [[Outcome]] {
    try answers(of: candidates, on: examples).map { $0.map(objective.outcome) }
  }

  /// What every candidate answers to the same questions.
  ///
  /// - Throws: ``LanguageModelError``.
  func answers(
    of candidates: [Candidate<Model>], on examples: [Int]
  ) throws -> [[QuestionAnswer]] {
    if !parts.contains(examples) { kept = kept.filter { $0.key == examples } }
    var chunks = try kept.removeValue(forKey: examples) ?? prepare(examples)
    defer { kept[examples] = chunks }
    var answers = candidates.map { _ in [QuestionAnswer]() }
    for place in chunks.indices {
      for (index, candidate) in candidates.enumerated() {
        answers[index] += try self.answers(of: candidate, on: &chunks[place])
        objective.progress(
          answers.reduce(0) { $0 + $1.count }, candidates.count * examples.count)
      }
      chunks[place].streams.release()
    }
    return answers
  }

  private func prepare(_ examples: [Int]) throws -> [PreparedChunk] {
    let questions = objective.questions
    let inference = Inference(objective.model, workers: objective.workers)
    let chunks = try QuestionChunk.chunks(of: examples, in: questions).map { chunk in
      guard questions.start != nil, objective.success == .right else { return chunk }
      let continuations = try inference.continuations(
        of: chunk, in: questions, isFinished: objective.judge.isSettled)
      return continuations.allSatisfy(\.isEmpty)
        ? chunk : chunk.checking(continuations, in: questions)
    }
    // The parts share the memory by their numbers.
    let all = parts.contains(examples) ? parts.reduce(0) { $0 + $1.count } : examples.count
    let plans = StreamCache.plans(
      tokens: chunks.map(\.sequences.tokenCount), shape: objective.model.shape,
      memory: all == examples.count ? objective.memory : objective.memory / all * examples.count)
    return zip(chunks, plans).map {
      PreparedChunk(chunk: $0, streams: StreamCache(of: $0.sequences, plan: $1))
    }
  }

  private func answers(
    of candidate: Candidate<Model>, on prepared: inout PreparedChunk
  ) throws -> [QuestionAnswer] {
    // The last layer is always computed: it drops the rows that nobody reads.
    let last = objective.model.shape.layerCount - 1
    let layer = min(candidate.lowestEditedLayer ?? last, last)
    let inference = Inference(candidate.model, workers: objective.workers)
    let (questions, judge, chunk) = (objective.questions, objective.judge, prepared.chunk)
    let stream = try prepared.streams.stream(
      entering: layer, of: objective.model, using: objective.workers)
    let readings = try inference.readings(of: chunk, from: stream, entering: layer)
    let continuations =
      if objective.success != .right {
        readings.map { Array($0.likeliest.prefix(1)) }
      } else if let said = chunk.continuations {
        try inference.continuations(
          checking: said, of: chunk, readings, in: questions, isFinished: judge.isSettled)
      } else {
        try inference.continuations(of: chunk, in: questions, isFinished: judge.isSettled)
      }
    return try zip(chunk.numbers, zip(readings, continuations)).map { number, said in
      try judge.answer(to: number, said.0, continuation: said.1)
    }
  }
}
