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
  /// The mean logistic function of the margins, in units of a third of their spread: the same without steps.
  public let softSuccesses: Double?

  enum CodingKeys: String, CodingKey {
    case edit, loss, successes
    case cautiousLoss = "cautious_loss"
    case softSuccesses = "soft_successes"
  }

  /// How much the mean square weighs.
  static let caution = 0.1

  /// How wide the logistic function is, in standard deviations of the margins before the edit: margins of a task whose
  /// answers are two labels differ by a tenth of what those of a whole vocabulary do. docs/guided.md has how other widths
  /// fare.
  static let softness = 1.0 / 3

  /// What a header calls these scores, so that a folder has predictions of one kind.
  static let scoreName = "margins-by-spread"

  /// What is predicted of an edit.
  ///
  /// - Parameters:
  ///   - edit: The edit as written on the command line.
  ///   - lossChanges: Of every example, in nats.
  ///   - margins: Every example's margin before the edit and its change, in nats; nil for tasks without.
  /// - Precondition: There is an example.
  init(
    _ edit: String, lossChanges: [Double], margins: (before: [Double], changes: [Double])?
  ) {
    precondition(!lossChanges.isEmpty, "nothing to predict from")
    let count = Double(lossChanges.count)
    let mean = lossChanges.reduce(0, +) / count
    self.edit = edit
    loss = mean
    cautiousLoss = mean + Self.caution * lossChanges.reduce(0) { $0 + $1 * $1 } / count
    let after = margins.map { zip($0.before, $0.changes).map(+) }
    successes = after.map { Double($0.count { $0 > 0 }) / count }
    let width = margins.map { Self.softness * Self.spread(of: $0.before) } ?? 0
    softSuccesses = after.map { margins in
      margins.reduce(0) { sum, margin in
        // Where all margins were alike there is no other unit than the nat.
        sum + 1 / (1 + exp(-margin / (width > 0 ? width : 1)))
      } / count
    }
  }

  /// The standard deviation.
  private static func spread(of margins: [Double]) -> Double {
    let count = Double(margins.count)
    let mean = margins.reduce(0, +) / count
    return (margins.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
  }
}

extension RunIdentity.GuideRules {
  /// Today's scores.
  ///
  /// - Parameter trials: How many edits are tried; nil for a study.
  package init(trials: Int?) { self.init(trials: trials, scores: PredictedEdit.scoreName) }
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
      return PredictedEdit(
        Intervention(at: site, method: .rank(keeping: fraction)).description,
        lossChanges: losses,
        margins: changes(from: rank, \.margin).map { (measures.map { $0.margin ?? 0 }, $0) })
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
