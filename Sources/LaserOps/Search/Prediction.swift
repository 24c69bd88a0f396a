internal import Foundation
internal import Numerics

/// What a gradient says of one edit.
public struct PredictedEdit: Codable, Equatable, Sendable {
  /// The edit as written on the command line.
  public let edit: String
  /// The mean change of the loss, in nats.
  public let loss: Double
  /// ``loss`` and a tenth of the mean square of the examples' changes: what is large is not to be trusted, as the second
  /// order would say.
  public let cautiousLoss: Double
  /// The share of examples whose margin stays above zero; nil for tasks without one.
  public let successes: Double?
  /// The mean logistic function of the margins: the same without steps.
  public let softSuccesses: Double?

  enum CodingKeys: String, CodingKey {
    case edit, loss, successes
    case cautiousLoss = "cautious_loss"
    case softSuccesses = "soft_successes"
  }

  /// How much the mean square weighs.
  static let caution = 0.1

  /// What is predicted of an edit.
  ///
  /// - Parameters:
  ///   - edit: The edit as written on the command line.
  ///   - lossChanges: Of every example, in nats.
  ///   - margins: Every example's margin after the edit; nil for tasks without.
  /// - Precondition: There is an example.
  init(_ edit: String, lossChanges: [Double], margins: [Double]?) {
    precondition(!lossChanges.isEmpty, "nothing to predict from")
    let count = Double(lossChanges.count)
    let mean = lossChanges.reduce(0, +) / count
    self.edit = edit
    loss = mean
    cautiousLoss = mean + Self.caution * lossChanges.reduce(0) { $0 + $1 * $1 } / count
    successes = margins.map { Double($0.count { $0 > 0 }) / count }
    softSuccesses = margins.map { $0.reduce(0) { $0 + 1 / (1 + exp(-$1)) } / count }
  }
}

/// What a gradient says of the edits of one matrix: a line of `guide.jsonl`.
package struct SitePrediction: JournalLine, Equatable {
  /// The edits of the model whose gradient was taken, or `base`.
  package let after: String
  /// The matrix.
  package let site: WeightSite
  /// How many examples the gradient was taken on.
  package let examples: Int
  /// The edits, one a rank.
  package let edits: [PredictedEdit]

  /// What tells predictions apart.
  package struct Key: Hashable {
    let after: String
    let site: WeightSite
  }

  /// The gradient and the matrix.
  package var key: Key { Key(after: after, site: site) }

  /// What journals call it.
  package static let noun = "prediction"

  init(after: String, site: WeightSite, examples: Int, edits: [PredictedEdit]) {
    self.after = after
    self.site = site
    self.examples = examples
    self.edits = edits
  }

  /// What gradients say of keeping the first components, of as many ranks as `fractions` make.
  ///
  /// Removing several components changes an example by the sum of what each of them changes.
  /// - Parameters:
  ///   - scores: Those of the matrix, or of every expert's where the site stands for all of a layer.
  ///   - site: The site.
  ///   - fractions: The shares to keep.
  ///   - edits: The edits of the model whose gradient was taken.
  /// - Precondition: There is a matrix, and all of them are of one shape.
  init(
    _ scores: [ComponentScores], at site: WeightSite, fractions: [Fraction],
    after edits: [Intervention]
  ) {
    let (measures, count) = (scores[0].examples, scores[0].count)
    precondition(scores.allSatisfy { $0.count == count }, "\(site): experts of several shapes")
    after = Trial.name(of: edits)
    self.site = site
    examples = measures.count
    func changes(from rank: Int, _ matrix: (ComponentScores) -> Matrix?) -> [Double]? {
      var sums = [Double](repeating: 0, count: measures.count)
      for scores in scores {
        guard let matrix = matrix(scores) else { return nil }
        for (row, sum) in matrix.rowSums(from: rank).enumerated() { sums[row] += sum }
      }
      return sums
    }
    var ranks: Set<Int> = []
    self.edits = fractions.compactMap { fraction in
      let rank = fraction.count(of: count)
      // Small matrices: what has been named, and what removes nothing.
      guard rank < count, ranks.insert(rank).inserted,
        let losses = changes(from: rank, \.loss)
      else { return nil }
      let margins = changes(from: rank, \.margin).map {
        zip(measures.map { $0.margin ?? 0 }, $0).map(+)
      }
      return PredictedEdit(
        Intervention(at: site, method: .rank(keeping: fraction)).description,
        lossChanges: losses, margins: margins)
    }
  }
}

extension [SitePrediction] {
  /// The most promising edit first: the best by the cautious loss every second turn, by successes and by soft successes in
  /// the turns between. What is good for the loss and what is good for the accuracy are different edits. Without margins
  /// there is the loss alone.
  ///
  /// docs/guided.md has what this order finds among all edits of a grid.
  /// - Parameter isSpread: Whether the loss names every matrix at one fraction before it names one at a second. That serves
  ///   a search which then tries the fractions next to the best edits.
  /// - Returns: All of the edits.
  func byPromise(isSpread: Bool) -> [PredictedEdit] {
    let edits = flatMap(\.edits)
    let homes = indices.flatMap { site in self[site].edits.map { _ in site } }
    func order(_ isBetter: (PredictedEdit, PredictedEdit) -> Bool?) -> [Int] {
      edits.indices.sorted { left, right in
        let (one, other) = (edits[left], edits[right])
        return isBetter(one, other)
          ?? (one.cautiousLoss == other.cautiousLoss
            ? left < right : one.cautiousLoss < other.cautiousLoss)
      }
    }
    func larger(_ value: KeyPath<PredictedEdit, Double?>) -> [Int] {
      order { one, other in
        let (one, other) = (one[keyPath: value] ?? 0, other[keyPath: value] ?? 0)
        return one == other ? nil : one > other
      }
    }
    let byLoss = order { _, _ in nil }
    var named: Set<Int> = []
    var (first, later): ([Int], [Int]) = ([], [])
    for edit in byLoss {
      if named.insert(homes[edit]).inserted || !isSpread {
        first.append(edit)
      } else {
        later.append(edit)
      }
    }
    let losses = first + later
    let hasMargins = edits.allSatisfy { $0.successes != nil && $0.softSuccesses != nil }
    let orders = hasMargins ? [losses, larger(\.successes), larger(\.softSuccesses)] : [losses]
    let turns = hasMargins ? [0, 1, 0, 2] : [0]
    var (places, taken) = (orders.map { _ in 0 }, Set<Int>())
    var result: [PredictedEdit] = []
    while result.count < edits.count {
      for turn in turns {
        let order = orders[turn]
        while places[turn] < order.count, taken.contains(order[places[turn]]) { places[turn] += 1 }
        guard places[turn] < order.count else { continue }
        taken.insert(order[places[turn]])
        result.append(edits[order[places[turn]]])
      }
    }
    return result
  }
}

extension Matrix {
  /// The sums of the columns from `column` on, row by row.
  fileprivate func rowSums(from column: Int) -> [Double] {
    (0..<rows).map { row in (column..<columns).reduce(0) { $0 + Double(self[row, $1]) } }
  }
}
