/// What can be wrong with what a search is asked to do, or with what it is told of a model.
package enum SearchError: Error, Equatable, CustomStringConvertible {
  /// Nothing to try.
  case emptySpace
  /// A share of a search, such as 3/2, that does not exist.
  case invalidShard(index: Int, count: Int)
  /// A race's risk that is no probability.
  case invalidRisk(Double)
  /// A guided search that may try nothing.
  case noTrials(Int)
  /// A gradient that names no edit at any of these matrices.
  case nothingPredicted(sites: Int)
  /// Components to be selected where nothing is said to choose them.
  case selectionWithoutGuide
  /// A guided search of something else than ranks.
  case guidedMethod(SearchSpace.Method)
  /// A model whose loss or return on an example is no number.
  case notFinite(edit: String, example: Int)

  /// What is wrong, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .emptySpace:
      "the search space is empty; name at least one kind, one layer and one fraction"
    case .invalidShard(let index, let count):
      "there is no shard \(index) of \(count); expected i/n with 0 <= i < n"
    case .invalidRisk(let risk):
      "a race cannot take the risk \(risk); expected 0 for certainty, or a chance from "
        + "\(Race.smallestRisk) to below 1 such as 0.01"
    case .noTrials(let count):
      "a guided search cannot try \(count) edits; expected 1 or more, such as \(Guide.defaultTrials)"
    case .nothingPredicted(let sites):
      "the gradient names no edit at the \(sites) matrices: no rank below the full one, or no component whose "
        + "removal would lower the loss of the validation examples; give more kinds, layers or examples"
    case .selectionWithoutGuide:
      "components are selected by a gradient, which only laser search takes; leave out --method select"
    case .guidedMethod(let method):
      "a gradient says which ranks to keep, not what the method '\(method.rawValue)' or a rule for ranks would do; "
        + "leave out one of both"
    case .notFinite(let edit, let example):
      "with the edit '\(edit)' the result of example \(example) is not a number; "
        + "leave the edit out of the grid, or check the model's weights"
    }
  }
}
