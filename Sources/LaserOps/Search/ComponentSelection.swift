internal import Numerics

/// Which components of a matrix to remove, by what a gradient says of each: those whose removal lowers the mean loss of the
/// examples by so many standard errors.
///
/// To choose on one half of the examples and to confirm on the other leaves a higher loss on other examples, for it removes
/// less: `Benchmarks/Sources/SelectionRules` compares both, docs/guided.md has the figures.
struct ComponentSelection {
  /// By how many standard errors the loss has to fall.
  let errors: Double

  /// The strictnesses that are tried.
  static let all = [0.0, 1, 2].map(ComponentSelection.init)

  /// What a header calls this rule, so that a folder has the masks of one rule.
  static let name = "all-examples"

  /// Whether each component is kept. A single example removes none, because it says nothing of others.
  func kept(by changes: Matrix) -> [Bool] {
    guard changes.rows > 1 else { return Array(repeating: true, count: changes.columns) }
    return (0..<changes.columns).map { component in
      let change = Estimate(of: (0..<changes.rows).map { Double(changes[$0, component]) })
      return change.mean >= -errors * change.standardError
    }
  }
}

extension SitePrediction {
  /// What a gradient says of keeping the components of a matrix that `ComponentSelection` keeps.
  ///
  /// - Parameters:
  ///   - scores: Of the matrix.
  ///   - matrix: Its fingerprint.
  ///   - edits: The edits of the model whose gradient was taken.
  init(selecting scores: ComponentScores, of matrix: String, after edits: [Intervention]) {
    var masks: [ComponentMask] = []
    for selection in ComponentSelection.all {
      let mask = ComponentMask(selection.kept(by: scores.loss), of: matrix)
      if mask.removedCount > 0, !masks.contains(mask) { masks.append(mask) }
    }
    func changes(_ values: Matrix, _ mask: ComponentMask) -> [Double] {
      (0..<values.rows).map { row in
        mask.isKept.indices.reduce(0) { $0 + (mask.isKept[$1] ? 0 : Double(values[row, $1])) }
      }
    }
    self.init(
      after: Trial.name(of: edits), site: scores.site, examples: scores.examples.count,
      edits: masks.map { mask in
        PredictedEdit(
          Intervention(at: scores.site, method: .keep(mask)).description,
          lossChanges: changes(scores.loss, mask),
          margins: scores.margin.map {
            (scores.examples.map { $0.margin ?? 0 }, changes($0, mask))
          })
      })
  }
}
