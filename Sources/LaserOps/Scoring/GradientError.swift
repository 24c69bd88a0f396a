/// Why no gradient says what an edit would change.
package enum GradientError: Error, Equatable, CustomStringConvertible {
  /// A task that is scored by something else than a loss with a gradient.
  case noGradient(of: SecondaryMeasure)
  /// A gradient with an element that is no finite number.
  case notFinite(site: WeightSite)
  /// Components of more than one matrix, or of none.
  case severalMatrices(count: Int)
  /// No example to take the gradient of.
  case noExamples

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .noGradient(let measure):
      "this task is scored by its \(Self.words[measure] ?? "result"), which has no gradient; "
        + "give a task whose answers have a loss, or search without --guided"
    case .notFinite(let site):
      "the gradient at \(site) has an element that is no finite number: the loss overflows on the way down; "
        + "leave the layer out with --layers, or search without --guided"
    case .severalMatrices(let count):
      "components are listed of one matrix, and \(count) have that name; "
        + "leave out --site, or name a matrix that is no mixture of experts"
    case .noExamples:
      "there is no validation example to take the gradient of; give more examples"
    }
  }

  private static let words: [SecondaryMeasure: String] = [
    .loss: "loss", .meanReturn: "games' return", .similarity: "similarity",
  ]
}
