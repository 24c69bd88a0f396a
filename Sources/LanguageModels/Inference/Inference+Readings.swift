internal import Numerics

/// What is read of the logits at one position.
struct LogitQuery: Sendable {
  /// The tokens whose log-probability is wanted.
  var tokens: Set<Int> = []
  /// How many of the likeliest tokens are wanted.
  var likeliest = 0
}

/// What the logits at one position say.
struct LogitReading: Sendable {
  /// The log-probability of every wanted token over the whole vocabulary; natural logarithm.
  let logProbabilities: [Int: Double]
  /// The likeliest tokens, the first of equals first.
  let likeliest: [Int]
  /// The log-probability of each of them; meaningless where no token was wanted.
  let likeliestLogProbabilities: [Double]
}

extension Inference {
  /// Answers a query a row of the finished stream.
  ///
  /// - Throws: ``LanguageModelError``: a logit that is no finite number, with the damaged tensor.
  func readings(_ queries: [LogitQuery], of rows: Matrix) throws -> [LogitReading] {
    precondition(queries.count == rows.rows, "\(queries.count) queries for \(rows.rows) rows")
    return try mapLogits(of: rows) { logits, row, number in
      let query = queries[number]
      let logSum = query.tokens.isEmpty ? 0 : logits.logarithmOfSum(row: row)
      let likeliest = logits.largestColumns(of: row, count: query.likeliest)
      return LogitReading(
        logProbabilities: Dictionary(
          uniqueKeysWithValues: query.tokens.map { ($0, Double(logits[row, $0]) - logSum) }),
        likeliest: likeliest,
        likeliestLogProbabilities: likeliest.map { Double(logits[row, $0]) - logSum })
    }
  }
}

extension Matrix {
  /// The indices of the `count` largest elements of `row`, largest first, the first of equals before the others.
  fileprivate func largestColumns(of row: Int, count: Int) -> [Int] {
    guard count > 1 else { return count == 1 ? [largestColumn(of: row)] : [] }
    return values.withUnsafeBufferPointer { values in
      let start = row * columns
      var best: [Int] = []
      best.reserveCapacity(count + 1)
      for column in 0..<columns {
        let value = values[start + column]
        if best.count == count, !(value > values[start + best[count - 1]]) { continue }
        // After all that are at least as large.
        let place = best.firstIndex { value > values[start + $0] } ?? best.count
        best.insert(column, at: place)
        if best.count > count { best.removeLast() }
      }
      return best
    }
  }
}
