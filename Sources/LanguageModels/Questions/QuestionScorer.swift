package import Numerics

/// Asks a model the questions of a set, each from its first layer to its last.
package struct QuestionScorer<Model: LanguageModel>: Sendable {
  private let questions: QuestionSet
  private let inference: Inference<Model>
  private let judge: AnswerJudge

  /// Questions to `model`, in whose tokens they are.
  package init(_ model: Model, questions: QuestionSet, workers: Workers = .allCores) {
    self.questions = questions
    inference = Inference(model, workers: workers)
    judge = AnswerJudge(questions)
  }

  /// What the model answers; the same bytes for any number of threads.
  ///
  /// - Parameters:
  ///   - numbers: Which questions, by their number in the set.
  ///   - progress: Called with the number of answers so far.
  /// - Returns: The answers, in the order of `numbers`.
  /// - Throws: ``LanguageModelError``.
  package func answers(
    to numbers: [Int], progress: (Int) -> Void = { _ in }
  ) throws -> [QuestionAnswer] {
    var answers: [QuestionAnswer] = []
    for chunk in QuestionChunk.chunks(of: numbers, in: questions) {
      let stream = try inference.model.embed(chunk.sequences)
      let readings = try inference.readings(of: chunk, from: stream, entering: 0)
      let continuations = try inference.continuations(of: chunk, in: questions) {
        questions.stops.contains($1[$1.count - 1])
      }
      answers += try zip(chunk.numbers, zip(readings, continuations)).map { number, said in
        try judge.answer(to: number, said.0, continuation: said.1)
      }
      progress(answers.count)
    }
    return answers
  }
}

extension Inference {
  /// What the model says at the places of a chunk's questions, given the stream that enters `layer`.
  func readings(
    of chunk: QuestionChunk, from stream: ResidualStream, entering layer: Int
  ) throws -> [QuestionReadings] {
    let last = model.advance(
      stream, through: layer..<model.shape.layerCount, reading: chunk.rows, using: workers)
    return chunk.readings(try readings(chunk.queries, of: last.rows))
  }

  /// How the model goes on where a chunk's questions are continued token by token; empty for the others.
  func continuations(
    of chunk: QuestionChunk, in set: QuestionSet, isFinished: (Int, [Int]) throws -> Bool
  ) throws -> [[Int]] {
    let prompts = chunk.numbers.map { set.questions[$0].prompt }
    let asked = prompts.indices.filter { !prompts[$0].isEmpty }
    guard !asked.isEmpty else { return prompts.map { _ in [] } }
    let limit = set.benchmark.scoring.maximumNewTokens
    let found = try continuations(
      of: asked.map { prompts[$0] }, limits: asked.map { _ in limit }
    ) { try isFinished(chunk.numbers[asked[$0]], $1) }
    var results = prompts.map { _ in [Int]() }
    for (index, tokens) in zip(asked, found) { results[index] = tokens }
    return results
  }
}
