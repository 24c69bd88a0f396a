internal import Foundation
internal import Numerics

/// Several MLPs, of which every token is sent to a few (arXiv:2401.04088 §2.1).
package struct Mixture: Sendable {
  /// A row for every expert: how much a token wants it.
  let router: LinearLayer
  /// The experts' MLPs.
  var experts: [MLPWeights]
  /// How many experts a token is sent to.
  let chosenCount: Int
  /// Whether the shares of the chosen ones are divided by their sum.
  let isNormalized: Bool
  /// An MLP that every token is sent to, times the logistic function of a product of its own.
  var shared: (mlp: MLPWeights, gate: LinearLayer)?
}

/// What comes after the attention of a layer: one MLP, or a mixture.
package enum FeedForward: FeedForwardSites {
  /// One MLP for all tokens.
  case dense(MLPWeights)
  /// Several, of which tokens choose.
  case mixture(Mixture)

  package var expertCount: Int? {
    if case .mixture(let mixture) = self { mixture.experts.count } else { nil }
  }

  package var others: [LinearLayer] {
    guard case .mixture(let mixture) = self else { return [] }
    guard let shared = mixture.shared else { return [mixture.router] }
    let (mlp, gate) = shared
    return [mixture.router, mlp.input] + (mlp.up.map { [$0] } ?? []) + [mlp.output, gate]
  }

  package subscript(expert: Int?) -> MLPWeights? {
    get {
      switch self {
      case .dense(let mlp): return expert == nil ? mlp : nil
      case .mixture(let mixture):
        guard let expert, mixture.experts.indices.contains(expert) else { return nil }
        return mixture.experts[expert]
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .dense: if expert == nil { self = .dense(newValue) }
      case .mixture(var mixture):
        guard let expert, mixture.experts.indices.contains(expert) else { return }
        mixture.experts[expert] = newValue
        self = .mixture(mixture)
      }
    }
  }
}

extension BlockOperations {
  /// Adds what comes after the attention to the stream.
  mutating func add(_ input: Value, through mlp: FeedForward, _ activation: Activation) {
    switch mlp {
    case .dense(let mlp): add(inner(input, of: mlp, activation), through: mlp.output)
    case .mixture(let mixture): add(mixed(input, by: mixture, activation))
    }
  }
}

extension ForwardPass {
  func mixed(_ input: Value, by mixture: Mixture, _ activation: Activation) -> Value {
    let input = current(input)
    let (rows, columns) = (input.rows.rows, input.rows.columns)
    let output = makeValue(like: input, columns: columns)
    output.rows.start.update(repeating: 0, count: rows * columns)
    let groups = Routing(
      product(input, by: mixture.router).rows, count: mixture.chosenCount,
      isNormalized: mixture.isNormalized
    ).groups
    for (mlp, group) in zip(mixture.experts, groups) where !group.isEmpty {
      let own = makeValue(rows: group.count, columns: columns, isGathered: input.isGathered)
      input.rows.copyRows(group.map(\.row), into: own.rows)
      let result = product(inner(own, of: mlp, activation), by: mlp.output)
      for (index, token) in group.enumerated() {
        let (to, from) = (output.rows.row(token.row), result.rows.row(index))
        for column in 0..<columns { to[column] += token.share * from[column] }
      }
    }
    if let shared = mixture.shared {
      let result = product(inner(input, of: shared.mlp, activation), by: shared.mlp.output)
      let gates = product(input, by: shared.gate)
      for row in 0..<rows {
        let share = 1 / (1 + exp(-gates.rows.row(row)[0]))
        let (to, from) = (output.rows.row(row), result.rows.row(row))
        for column in 0..<columns { to[column] += share * from[column] }
      }
    }
    return output
  }
}

/// Which tokens are sent to which expert, and how much of each answer they take.
struct Routing {
  /// A token that is sent to an expert.
  struct Token: Equatable {
    /// Its row.
    let row: Int
    /// How much of the answer it takes.
    let share: Float
  }

  /// The tokens of every expert, in their order.
  let groups: [[Token]]

  /// - Parameters:
  ///   - scores: `[tokens × experts]`; overwritten.
  ///   - count: How many experts a token is sent to.
  ///   - isNormalized: Whether the shares of the chosen ones are divided by their sum.
  init(_ scores: Activations, count: Int, isNormalized: Bool) {
    var groups = [[Token]](repeating: [], count: scores.columns)
    for row in 0..<scores.rows {
      let shares = scores.row(row)
      Softmax.normalize(shares, count: scores.columns)
      // The first of equals, as a stable sort has it; what is no number is chosen last.
      let chosen = (0..<scores.columns).sorted {
        shares[$0] == shares[$1] ? $0 < $1 : shares[$0] > shares[$1]
      }.prefix(count)
      let sum = isNormalized ? chosen.reduce(0) { $0 + shares[$1] } : 1
      for expert in chosen {
        groups[expert].append(Token(row: row, share: shares[expert] / sum))
      }
    }
    self.groups = groups
  }
}
