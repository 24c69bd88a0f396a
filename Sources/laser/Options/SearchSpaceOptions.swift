public import ArgumentParser
public import LaserOps

/// The grid of a search.
struct SearchSpaceOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Kinds of matrices: Wq, Wk, Wv, Wo, Uin, Uup, Uout (default: all).")
  var kinds: [CommaList<WeightKind>] = []
  @Option(parsing: .upToNextOption, help: "Layers, for example 0-3,5 (default: all).")
  var layers: [CommaList<IndexRange>] = []
  @Option(
    parsing: .upToNextOption,
    help: """
      Fractions to try at each matrix, the paper's rho (a search's default: \
      \(SearchSpace.paperFractions.map(\.description).joined(separator: ","))).
      """)
  var rhos: [CommaList<Double>] = []
  @Option(
    help: """
      rank keeps that fraction of the rank, tail only the smallest components, prune sets that \
      fraction of the elements to zero; select keeps the components that a gradient chooses, as a \
      guided search.
      """, transform: SearchSpace.Method.init(argument:))
  var method = SearchSpace.Method.rank

  @Option(
    help: """
      marchenko-pastur tries at each matrix only one rank, instead of fractions: the number of singular values above \
      the edge of Marchenko and Pastur, where noise ends.
      """)
  var rankRule: SearchSpace.RankRule?
  @Flag(help: "Edit the experts of a mixture one by one (Uin:3#5:0.1), not all of a layer alike.")
  var experts = false

  func validate() throws {
    if rankRule != nil, !rhos.isEmpty || method != .rank {
      throw ValidationError("--rank-rule chooses the rank; leave out --rhos and --method.")
    }
  }

  /// The grid.
  ///
  /// - Parameter removed: The shares that are removed where no fractions are given; nil for the search's fractions.
  /// - Returns: The grid.
  /// - Throws: `InterventionError` for a fraction that is none.
  func space(removing removed: [Double]? = nil) throws -> SearchSpace {
    let kinds = kinds.isEmpty ? nil : kinds.kinds
    let layers = layers.isEmpty ? nil : layers.indexes
    if rankRule == .marchenkoPastur { return .aboveNoise(kinds: kinds, layers: layers) }

    let standard =
      removed.map { SearchSpace.fractions(removing: $0, by: method) } ?? SearchSpace.paperFractions
    var space = try SearchSpace(
      kinds: kinds, layers: layers, fractions: rhos.isEmpty ? standard : rhos.numbers,
      method: method)
    space.takesExpertsApart = experts
    return space
  }

  /// Says so where `--experts` is given for a model that has none.
  func noteMissingExperts(in model: some EditableModel) {
    guard experts, model.weightSites.allSatisfy({ $0.expert == nil }) else { return }
    Output.note("Note: the model has no experts: --experts makes no difference")
  }
}

extension SearchSpace.RankRule: ExpressibleByArgument {}

extension SearchSpace.Method {
  /// - Throws: A validation error for another word.
  init(argument: String) throws {
    guard let method = Self(rawValue: argument) else {
      let words = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(argument)' is not a method; expected one of \(words).")
    }
    self = method
  }
}
