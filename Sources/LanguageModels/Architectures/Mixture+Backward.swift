internal import Foundation
internal import Numerics

extension RecordedPass {
  func mixed(_ input: Value, by mixture: Mixture, _ activation: Activation) -> Value {
    let (shares, groups) = routed(product(input, by: mixture.router), of: mixture)
    var parts: [MixedPart] = []
    for (expert, group) in groups.enumerated() where !group.isEmpty {
      let (mlp, rows) = (mixture.experts[expert], group.map(\.row))
      let result = product(
        inner(gathered(rows, of: input), of: mlp, activation), by: mlp.output)
      parts.append(MixedPart(result: result, rows: rows, shares: shares, column: expert))
    }
    if let shared = mixture.shared {
      let result = product(inner(input, of: shared.mlp, activation), by: shared.mlp.output)
      let gates = logistic(product(input, by: shared.gate))
      parts.append(
        MixedPart(result: result, rows: Array(0..<input.rows.rows), shares: gates, column: 0))
    }
    return combined(parts, like: input)
  }

  /// What one MLP made of some rows, and where the shares are that they take of it.
  private struct MixedPart {
    let result: Value
    let rows: [Int]
    let shares: Value
    let column: Int
  }

  /// The rows of an input that are sent to one expert.
  private func gathered(_ rows: [Int], of input: Value) -> Value {
    let columns = input.rows.columns
    let output = Value(
      forward.makeValue(rows: rows.count, columns: columns, isGathered: false),
      streamRows: rows.map { row in input.streamRows.map { $0[row] } ?? row })
    input.rows.copyRows(rows, into: output.rows)
    record(output) { gradient, _ in
      let sum = input.gradientSum
      for (index, row) in rows.enumerated() {
        let (to, from) = (sum.row(row), gradient.row(index))
        for column in 0..<columns { to[column] += from[column] }
      }
    }
    return output
  }

  /// Σ share · result, every part in the rows that were sent to it.
  private func combined(_ parts: [MixedPart], like input: Value) -> Value {
    let columns = input.rows.columns
    let output = makeValue(like: input, columns: columns)
    output.rows.start.update(repeating: 0, count: output.rows.rows * columns)
    for part in parts {
      for (index, row) in part.rows.enumerated() {
        let share = part.shares.rows.row(row)[part.column]
        let (to, from) = (output.rows.row(row), part.result.rows.row(index))
        for column in 0..<columns { to[column] += share * from[column] }
      }
    }
    record(output) { gradient, _ in
      for part in parts {
        let (resultSum, shareSum) = (part.result.gradientSum, part.shares.gradientSum)
        for (index, row) in part.rows.enumerated() {
          let share = part.shares.rows.row(row)[part.column]
          let (incoming, result) = (gradient.row(row), part.result.rows.row(index))
          let to = resultSum.row(index)
          var product = 0.0
          for column in 0..<columns {
            to[column] += share * incoming[column]
            product += Double(incoming[column]) * Double(result[column])
          }
          shareSum.row(row)[part.column] += Float(product)
        }
      }
    }
    return output
  }

  /// The shares `[tokens × experts]` that tokens take of the experts, zero of those that they are not sent to, and who is
  /// sent where. Which experts are chosen has no gradient.
  private func routed(
    _ scores: Value, of mixture: Mixture
  ) -> (shares: Value, groups: [[Routing.Token]]) {
    let groups = Routing(
      scores.rows.copy(), count: mixture.chosenCount, isNormalized: mixture.isNormalized
    ).groups
    let experts = scores.rows.columns
    let shares = makeValue(like: scores, columns: experts)
    shares.rows.start.update(repeating: 0, count: shares.rows.rows * experts)
    for (expert, group) in groups.enumerated() {
      for token in group { shares.rows.row(token.row)[expert] = token.share }
    }
    record(shares) { gradient, _ in
      let sum = scores.gradientSum
      for row in 0..<gradient.rows {
        let change = Routing.gradient(
          of: (0..<experts).map { gradient.row(row)[$0] },
          scores: (0..<experts).map { scores.rows.row(row)[$0] },
          shares: (0..<experts).map { shares.rows.row(row)[$0] },
          isNormalized: mixture.isNormalized)
        for expert in 0..<experts { sum.row(row)[expert] += change[expert] }
      }
    }
    return (shares, groups)
  }

  /// 1 / (1 + e^−input).
  private func logistic(_ input: Value) -> Value {
    let output = makeValue(like: input, columns: input.rows.columns)
    let count = input.rows.rows * input.rows.columns
    for index in 0..<count { output.rows.start[index] = 1 / (1 + exp(-input.rows.start[index])) }
    record(output) { gradient, _ in
      let (sum, shares) = (input.gradientSum.start, output.rows.start)
      for index in 0..<count {
        sum[index] += gradient.start[index] * shares[index] * (1 - shares[index])
      }
    }
    return output
  }
}

extension Routing {
  /// The gradient of a token's scores, given that of its shares.
  ///
  /// - Parameters:
  ///   - gradient: Of the shares, an element an expert.
  ///   - scores: What the router said.
  ///   - shares: What came of it, zero where the token is not sent.
  ///   - isNormalized: Whether shares were divided by the sum of those that were chosen.
  /// - Returns: An element an expert.
  static func gradient(
    of gradient: [Float], scores: [Float], shares: [Float], isNormalized: Bool
  ) -> [Float] {
    let peak = Double(scores.max() ?? 0)
    let powers = scores.map { exp(Double($0) - peak) }
    let total = powers.reduce(0, +)
    let chosen = shares.indices.filter { shares[$0] != 0 }
    // Shares divided by their sum are a softmax over those that are chosen alone.
    let among = isNormalized ? chosen : Array(shares.indices)
    let sum = isNormalized ? chosen.reduce(0) { $0 + powers[$1] } : total
    var change = [Double](repeating: 0, count: scores.count)
    for expert in chosen { change[expert] = Double(gradient[expert]) }
    let mean = among.reduce(0) { $0 + powers[$1] / sum * change[$1] }
    var result = [Float](repeating: 0, count: scores.count)
    for expert in among { result[expert] = Float(powers[expert] / sum * (change[expert] - mean)) }
    return result
  }
}
