package import Numerics

/// A text and how it goes on, as tokens.
package struct Continuation: Sendable, Equatable {
  /// What comes before.
  package let prompt: [Int]
  /// What is scored.
  package let tokens: [Int]

  /// `tokens` after `prompt`.
  package init(prompt: [Int], tokens: [Int]) {
    self.prompt = prompt
    self.tokens = tokens
  }
}

extension Inference {
  /// The log-probability of every token of every continuation, given all before it; natural logarithm.
  ///
  /// - Throws: ``LanguageModelError``: an empty prompt, one that does not fit with its continuation.
  package func tokenLogProbabilities(of continuations: [Continuation]) throws -> [[Double]] {
    try requireCausal()
    for continuation in continuations {
      guard !continuation.prompt.isEmpty else { throw LanguageModelError.emptyPrompt }
      try model.check(continuation.tokens)
    }
    // The last token is scored, not fed, unless those before it depend on there being one.
    let isWhole = model.shape.dependsOnLength
    let inputs = continuations.map { $0.prompt + $0.tokens.dropLast(isWhole ? 0 : 1) }
    return try chunks(of: inputs.map(\.count)).flatMap { chunk in
      let stream = try model.embed(Array(inputs[chunk]))
      let pieces = Array(continuations[chunk])
      let rows = pieces.enumerated().flatMap { index, continuation in
        let first = stream.sequences.starts[index] + continuation.prompt.count - 1
        return first..<first + continuation.tokens.count
      }
      let last = model.advance(
        stream, through: 0..<model.shape.layerCount, reading: rows, using: workers)
      return try logProbabilities(of: pieces.flatMap(\.tokens), rows: last.rows)
        .cut(into: pieces.map(\.tokens.count))
    }
  }

  /// The log-probability of every continuation as a whole; natural logarithm.
  ///
  /// - Throws: As ``tokenLogProbabilities(of:)``.
  package func logProbabilities(of continuations: [Continuation]) throws -> [Double] {
    try tokenLogProbabilities(of: continuations).map { $0.reduce(0, +) }
  }

  /// The log-probability of one token a row of the finished stream, over the whole vocabulary.
  ///
  /// - Throws: ``LanguageModelError/notFinite(tensor:file:row:column:)``.
  package func logProbabilities(of tokens: [Int], rows: Matrix) throws -> [Double] {
    precondition(tokens.count == rows.rows, "\(tokens.count) tokens for \(rows.rows) rows")
    return try mapLogits(of: rows) { logits, row, number in
      logits.logProbability(of: tokens[number], row: row)
    }
  }
}

extension Matrix {
  /// The log-probability of the token `column` when `row` holds the logits of a whole vocabulary.
  package func logProbability(of column: Int, row: Int) -> Double {
    Double(self[row, column]) - logarithmOfSum(row: row)
  }
}

extension Array {
  /// Consecutive parts with so many elements each, which are all that there are.
  fileprivate func cut(into counts: [Int]) -> [[Element]] {
    var rest = self[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}
