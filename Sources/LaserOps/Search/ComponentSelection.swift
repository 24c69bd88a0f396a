internal import Numerics

/// Which components of a matrix to remove, by what a gradient says of each.
///
/// One half of the examples chooses and the other one confirms: a component goes where its removal lowers the loss on the
/// first half by so many standard errors, and lowers it on the second half at all. What is chosen by all examples at once
/// fits them better and others worse.
struct ComponentSelection {
  /// By how many standard errors the loss has to fall on the first half.
  let errors: Double

  /// The strictnesses that are tried.
  static let all = [0.0, 1, 2].map(ComponentSelection.init)

  /// Whether each component is kept.
  func kept(by changes: Matrix) -> [Bool] {
    func half(_ parity: Int) -> [Int] { (0..<changes.rows).filter { $0 % 2 == parity } }
    let halves = (half(0), half(1))
    guard !halves.1.isEmpty else { return Array(repeating: true, count: changes.columns) }
    return (0..<changes.columns).map { component in
      let first = Estimate(of: halves.0.map { Double(changes[$0, component]) })
      let second = Estimate(of: halves.1.map { Double(changes[$0, component]) })
      return !(first.mean < 0 && first.mean < -errors * first.standardError && second.mean < 0)
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
          margins: scores.margin.map { margins in
            zip(scores.examples.map { $0.margin ?? 0 }, changes(margins, mask)).map(+)
          })
      })
  }
}
