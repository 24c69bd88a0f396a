internal import LaserOps

/// What the unedited model generated after some prompts, laid out so that another model can read it in one pass and
/// tell at every token whether it would have said the same.
struct ContinuationCheck: Sendable {
  /// Every question's prompt; empty where nothing is generated.
  let prompts: [[Int]]
  /// What the unedited model said after each.
  let continuations: [[Int]]
  /// The prompts with their continuations; the last token of each is predicted, not read.
  let sequences: [[Int]]
  /// The rows that predict the continuations' tokens, ascending.
  let rows: [Int]

  /// Nil where nothing is generated.
  init?(prompts: [[Int]], continuations: [[Int]]) {
    let asked = prompts.indices.filter { !prompts[$0].isEmpty }
    guard !asked.isEmpty else { return nil }
    self.prompts = prompts
    self.continuations = continuations
    sequences = asked.map { prompts[$0] + continuations[$0].dropLast() }
    var rows: [Int] = []
    var start = 0
    for (index, sequence) in zip(asked, sequences) {
      let first = start + prompts[index].count - 1
      rows += first..<first + continuations[index].count
      start += sequence.count
    }
    self.rows = rows
  }
}

extension Inference {
  /// How this model goes on after the prompts of `check`: as greedy decoding would, but every token that the other
  /// model said too is read and not generated.
  ///
  /// - Parameters:
  ///   - check: What the other model said.
  ///   - chunk: The questions.
  ///   - set: Where they are from.
  ///   - stream: The check's stream that enters `layer`, below which both models are the same.
  ///   - layer: The first layer to be computed.
  ///   - isFinished: Whether the new tokens of a question are enough; the other model's continuations ended so too.
  /// - Returns: The new tokens of every question; none where nothing is generated.
  /// - Throws: ``LanguageModelError``, and what `isFinished` throws.
  func continuations(
    checking check: ContinuationCheck, of chunk: QuestionChunk, in set: QuestionSet,
    from stream: ResidualStream, entering layer: Int, isFinished: (Int, [Int]) throws -> Bool
  ) throws -> [[Int]] {
    let last = model.advance(
      stream, through: layer..<model.shape.layerCount, reading: check.rows, using: workers)
    let said = try readings(
      Array(repeating: LogitQuery(likeliest: 1), count: check.rows.count), of: last.rows
    ).flatMap(\.likeliest)
    let limit = set.benchmark.scoring.maximumNewTokens
    var results = check.continuations
    var unfinished: [Int] = []
    var row = 0
    for (index, expected) in check.continuations.enumerated() {
      let found = said[row..<row + expected.count]
      row += expected.count
      guard let difference = zip(found, expected).map(!=).firstIndex(of: true) else { continue }
      results[index] = Array(found.prefix(difference + 1))
      let isDone =
        try results[index].count == limit || isFinished(chunk.numbers[index], results[index])
      if !isDone { unfinished.append(index) }
    }
    guard !unfinished.isEmpty else { return results }
    let begun = results
    let rest = try continuations(
      of: unfinished.map { check.prompts[$0] + begun[$0] },
      limits: unfinished.map { limit - begun[$0].count }
    ) { try isFinished(chunk.numbers[unfinished[$0]], begun[unfinished[$0]] + $1) }
    for (index, tokens) in zip(unfinished, rest) { results[index] += tokens }
    return results
  }
}
