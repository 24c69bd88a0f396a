internal import Numerics

/// The grid of a search: kinds × layers × fractions, by one method.
public struct SearchSpace: Equatable, Sendable {
  /// How a fraction becomes an edit.
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// Keep that fraction of the rank (the paper's rho).
    case rank
    /// Set that fraction of the elements, the smallest, to zero.
    case prune
    /// Keep only that fraction of the rank, the smallest components.
    case tail
    /// Keep the components that a gradient chooses, whichever they are; there is no fraction.
    case select
  }

  /// How the fractions of a site are chosen.
  public enum Choice: Equatable, Sendable {
    /// The same at every site.
    case fractions([Fraction])
    /// At every site the one rank that a rule finds in its matrix.
    case rule(RankRule)
  }

  /// How the rank of a matrix is chosen without a grid.
  public enum RankRule: String, CaseIterable, Codable, Sendable {
    /// What sticks out of the matrix' own noise (`MarchenkoPastur`).
    case marchenkoPastur = "marchenko-pastur"
  }

  /// The fractions of the paper's Table 5, and 0.4, which its Table 3 shows was searched too.
  public static let paperFractions = [0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01]

  /// What the legend of the paper's Fig. 2 says is removed.
  package static let paperRemovedShares = [
    0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.925, 0.95, 0.975, 0.98, 0.985, 0.99, 0.995, 0.9975,
  ]

  /// The shares removed at one site up to all of it (Fig. 8).
  package static let depthRemovedShares = [
    0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.98,
    0.985, 0.99, 0.995, 0.9975, 0.999, 0.9995, 1,
  ]

  /// The fractions by which `method` removes `shares`.
  package static func fractions(removing shares: [Double], by method: Method) -> [Double] {
    // Decimal shares stay decimal.
    method == .prune ? shares : shares.map { ((1 - $0) * 1e12).rounded() / 1e12 }
  }

  /// The kinds to try; nil for all that the model has.
  public var kinds: [WeightKind]?
  /// The layers to try; nil for all that the model has.
  public var layers: [Int]?
  /// What is tried at each site.
  public var choice: Choice
  /// What is done with a fraction.
  public var method: Method
  /// Whether the experts of a mixture are edited one by one; otherwise an edit changes all experts of a layer alike. A
  /// rule that finds a rank in each matrix always takes them one by one.
  public var takesExpertsApart = false

  /// A grid; by default every site of the model and the paper's fractions.
  ///
  /// - Throws: `InterventionError.fractionOutOfRange`.
  public init(
    kinds: [WeightKind]? = nil, layers: [Int]? = nil,
    fractions: [Double] = SearchSpace.paperFractions, method: Method = .rank
  ) throws {
    self.kinds = kinds
    self.layers = layers
    // A fraction given twice is tried once.
    choice = .fractions(
      try fractions.map(Fraction.init).reduce(into: []) { list, fraction in
        if !list.contains(fraction) { list.append(fraction) }
      })
    self.method = method
  }

  /// A grid without fractions: at every site only the rank that sticks out of the matrix' own noise.
  public static func aboveNoise(kinds: [WeightKind]? = nil, layers: [Int]? = nil) -> SearchSpace {
    SearchSpace(kinds: kinds, layers: layers, choice: .rule(.marchenkoPastur), method: .rank)
  }

  /// How the ranks are chosen; nil for a grid of fractions.
  var rankRule: RankRule? {
    switch choice {
    case .fractions: nil
    case .rule(let rule): rule
    }
  }

  private init(kinds: [WeightKind]?, layers: [Int]?, choice: Choice, method: Method) {
    self.kinds = kinds
    self.layers = layers
    self.choice = choice
    self.method = method
  }

  /// The sites of the grid, layer by layer; a site without an expert stands for all that its layer has.
  ///
  /// - Throws: `InterventionError` for a kind or a layer that `model` lacks, `SearchError.emptySpace`.
  public func sites(of model: some EditableModel) throws -> [WeightSite] {
    // Asking for the sites is what throws; without kinds the layers of any kind will do.
    for kind in kinds ?? Array(model.weightSites.prefix(1).map(\.kind)) {
      for places in [.all] + (layers ?? []).map(Intervention.Layers.one) {
        _ = try model.sites(of: Intervention(kind, layers: places, method: .zero))
      }
    }
    var sites = model.weightSites.filter { site in
      (kinds?.contains(site.kind) ?? true) && (layers?.contains(site.layer) ?? true)
    }
    if !takesExpertsApart, rankRule == nil, method != .select {
      var seen = Set<WeightSite>()
      sites = sites.map { WeightSite($0.kind, layer: $0.layer) }.filter { seen.insert($0).inserted }
    }
    guard !sites.isEmpty, choice != .fractions([]) else { throw SearchError.emptySpace }
    return sites
  }

  /// The sites of the grid with the edits to try at each, layer by layer.
  ///
  /// - Parameters:
  ///   - model: The unedited model.
  ///   - shard: Whose sites are wanted; of the others nothing is decomposed.
  ///   - known: Single edits that a rule has found before, by the site as it is written; these sites are not decomposed.
  /// - Returns: The sites with their edits.
  /// - Throws: As ``sites(of:)``; `LinearAlgebraError` where the rank is chosen by a matrix that cannot be decomposed.
  package func steps(
    for model: some EditableModel, of shard: Shard = .whole, known: [String: Intervention] = [:]
  ) throws -> [Step] {
    guard method != .select else { throw SearchError.selectionWithoutGuide }
    return try sites(of: model).enumerated().filter { shard.contains($0.offset) }.map { _, site in
      if rankRule != nil, let edit = known["\(site)"] {
        return Step(site: site, interventions: [edit])
      }
      let fractions =
        switch choice {
        case .fractions(let fractions): fractions
        case .rule(.marchenkoPastur):
          [try model.reading(site, Self.shareAboveNoise)]
        }
      return Step(
        site: site,
        interventions: fractions.map { Intervention(at: site, method: edit(keeping: $0)) })
    }
  }

  private static func shareAboveNoise(of matrix: Matrix) throws -> Fraction {
    let spectrum = try Spectrum(of: matrix)
    return Fraction(keeping: spectrum.rankAboveNoise, of: spectrum.singularValues.count)
  }

  func edit(keeping fraction: Fraction) -> Intervention.Method {
    switch method {
    case .rank: .rank(keeping: fraction)
    case .prune: .prune(removing: fraction)
    case .tail: .tail(keeping: fraction)
    case .select: preconditionFailure("a gradient chooses components, no fraction")
    }
  }

  /// One site of the grid and the edits to try there.
  package struct Step: Equatable, Sendable {
    /// The site.
    package let site: WeightSite
    /// The edits, one a fraction.
    package let interventions: [Intervention]
  }
}
