extension Inference {
  /// How this model goes on after the prompts of a chunk: as greedy decoding would, but every token that the unedited
  /// model said too is read and not generated.
  ///
  /// - Parameters:
  ///   - continuations: The unedited model's, of every question of a chunk; they ended by `isFinished` too.
  ///   - chunk: The questions, with what is needed to check that.
  ///   - readings: What this model says of each.
  ///   - set: Where they are from.
  ///   - isFinished: Whether the new tokens of a question are enough.
  /// - Returns: The new tokens of every question; none where nothing is generated.
  /// - Throws: ``LanguageModelError``, and what `isFinished` throws.
  func continuations(
    checking continuations: [[Int]], of chunk: QuestionChunk, _ readings: [QuestionReadings],
    in set: QuestionSet, isFinished: (Int, [Int]) throws -> Bool
  ) throws -> [[Int]] {
    let limit = set.benchmark.scoring.maximumNewTokens
    var results = continuations
    var unfinished: [Int] = []
    for (index, expected) in continuations.enumerated() {
      let found = readings[index].checked
      guard let difference = zip(found, expected).map(!=).firstIndex(of: true) else { continue }
      results[index] = Array(found.prefix(difference + 1))
      let isDone =
        try results[index].count == limit || isFinished(chunk.numbers[index], results[index])
      if !isDone { unfinished.append(index) }
    }
    guard !unfinished.isEmpty else { return results }
    let begun = results
    let rest = try self.continuations(
      of: unfinished.map { set.questions[chunk.numbers[$0]].prompt + begun[$0] },
      limits: unfinished.map { limit - begun[$0].count }
    ) { try isFinished(chunk.numbers[unfinished[$0]], begun[unfinished[$0]] + $1) }
    for (index, tokens) in zip(unfinished, rest) { results[index] += tokens }
    return results
  }
}
