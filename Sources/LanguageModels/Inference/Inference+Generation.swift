internal import Numerics

extension Inference {
  /// Continues every prompt with its most probable tokens, one after the other; the first of equals.
  ///
  /// - Parameters:
  ///   - prompts: Token ids, of any lengths.
  ///   - count: How many tokens to add to each.
  ///   - stopping: Tokens that end a continuation early; the token itself is part of the result.
  /// - Returns: The new tokens of every prompt.
  /// - Throws: ``LanguageModelError``; a prompt with its continuation must fit into the context.
  public func continuations(
    of prompts: [[Int]], count: Int, stopping: Set<Int> = []
  ) throws -> [[Int]] {
    try requireCausal()
    guard count > 0 else {
      for prompt in prompts { _ = try model.embed([prompt]) }
      return prompts.map { _ in [] }
    }
    for prompt in prompts where prompt.count + count - 1 > model.shape.contextLength {
      throw LanguageModelError.promptTooLong(
        tokens: prompt.count + count - 1, limit: model.shape.contextLength)
    }
    return try continuations(
      of: prompts, limits: Array(repeating: count, count: prompts.count)
    ) { stopping.contains($1[$1.count - 1]) }
  }

  /// As ``continuations(of:count:stopping:)``, with a limit and an end of its own for every prompt.
  ///
  /// - Parameters:
  ///   - prompts: Token ids, of any lengths.
  ///   - limits: How many tokens to add to each at most, at least one.
  ///   - isFinished: Whether the new tokens of a prompt, which has that number, are enough; asked after each of them.
  /// - Returns: The new tokens of every prompt.
  /// - Throws: ``LanguageModelError``, and what `isFinished` throws.
  func continuations(
    of prompts: [[Int]], limits: [Int], isFinished: (Int, [Int]) throws -> Bool
  ) throws -> [[Int]] {
    try chunks(of: prompts.map(\.count)).flatMap { chunk in
      try continuations(ofChunk: Array(prompts[chunk]), limits: Array(limits[chunk])) {
        try isFinished(chunk.lowerBound + $0, $1)
      }
    }
  }

  private func continuations(
    ofChunk prompts: [[Int]], limits: [Int], isFinished: (Int, [Int]) throws -> Bool
  ) throws -> [[Int]] {
    // The last generated token is never fed back.
    var cache: KeyValueCache? = model.makeCache(
      capacities: zip(prompts, limits).map { $0.count + $1 - 1 })
    var results = [[Int]](repeating: [], count: prompts.count)
    var inputs = prompts
    while true {
      let tokens = try likeliestTokens(after: lastRows(of: inputs, cache: &cache))
      for (index, token) in zip(inputs.indices.filter { !inputs[$0].isEmpty }, tokens) {
        results[index].append(token)
        let isDone =
          try results[index].count == limits[index] || isFinished(index, results[index])
        inputs[index] = isDone ? [] : [token]
      }
      if inputs.allSatisfy(\.isEmpty) { return results }
    }
  }

  /// The finished stream at the last of every sequence's new tokens, which go into the cache.
  ///
  /// - Throws: ``LanguageModelError``.
  func lastRows(of inputs: [[Int]], cache: inout KeyValueCache?) throws -> Matrix {
    let stream = try model.embed(inputs, after: cache)
    return model.advance(
      stream, through: 0..<model.shape.layerCount, reading: stream.sequences.lastRows,
      cache: &cache, using: workers
    ).rows
  }
}
