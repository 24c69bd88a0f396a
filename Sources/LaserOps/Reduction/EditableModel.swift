public import Numerics

/// A trained model as the intervention search sees it: sites that hold matrices, and copies with one of them replaced.
///
/// Conforming types are values: a replaced matrix is new memory and everything else is shared.
public protocol EditableModel: Sendable {
  /// Every matrix that can be edited, layer by layer.
  var weightSites: [WeightSite] { get }

  /// The matrix at `site`, `[output × input]`.
  ///
  /// - Precondition: `site` is one of ``weightSites``.
  func weight(at site: WeightSite) -> Weight

  /// The same model with the matrix at `site` replaced by one of the same shape.
  ///
  /// - Precondition: `site` is one of ``weightSites``.
  func replacing(_ site: WeightSite, with weight: Weight) -> Self

  /// How messages call the matrix at `site`: the name of its tensor, where there is one.
  func name(of site: WeightSite) -> String
}

extension EditableModel {
  /// The site, for a model that has no better name.
  public func name(of site: WeightSite) -> String { site.description }

  /// What `body` makes of the matrix at `site`; its errors say which matrix it was.
  ///
  /// - Throws: What `body` throws, `InterventionError.notFinite` for damage.
  public func reading<Value>(_ site: WeightSite, _ body: (Matrix) throws -> Value) throws -> Value {
    do {
      return try body(weight(at: site).matrix)
    } catch LinearAlgebraError.notFinite(let row, let column) {
      throw InterventionError.notFinite(matrix: name(of: site), row: row, column: column)
    }
  }

  /// The number of layers that have sites.
  public var layerCount: Int { (weightSites.map(\.layer).max() ?? -1) + 1 }

  /// The sites that `intervention` edits, lowest layer first.
  ///
  /// - Throws: `InterventionError` for a kind, a layer or an expert that the model does not have.
  public func sites(of intervention: Intervention) throws -> [WeightSite] {
    let sites = weightSites.filter { $0.kind == intervention.kind }
    guard !sites.isEmpty else {
      let kinds = WeightKind.allCases.filter { kind in weightSites.contains { $0.kind == kind } }
      throw InterventionError.kindNotInModel(intervention.kind, available: kinds)
    }
    var named = sites
    if case .one(let layer) = intervention.layers {
      named = sites.filter { $0.layer == layer }
      guard !named.isEmpty else {
        throw InterventionError.layerNotInModel(
          layer, kind: intervention.kind, available: sites.map(\.layer))
      }
    }
    guard let expert = intervention.expert else { return named }
    let chosen = named.filter { $0.expert == expert }
    guard !chosen.isEmpty else {
      throw InterventionError.expertNotInModel(
        expert, kind: intervention.kind, available: (named.compactMap(\.expert).max() ?? -1) + 1)
    }
    return chosen
  }

  /// The model after `interventions`, applied from left to right.
  ///
  /// - Throws: `InterventionError` for a site that does not exist, `LinearAlgebraError` for a
  ///   matrix that cannot be decomposed.
  public func applying(_ interventions: [Intervention]) throws -> Self {
    var edited = self
    for intervention in interventions {
      for site in try sites(of: intervention) {
        let weight = try edited.reading(site) {
          try MatrixReduction(of: $0).weight(after: intervention.method)
        }
        edited = edited.replacing(site, with: weight)
      }
    }
    return edited
  }
}
