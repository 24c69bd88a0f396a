internal import LaserOps

extension Projection {
  /// Whether `other` could take the place of the weight.
  func hasShape(of other: Weight) -> Bool {
    weight.rows == other.rows && weight.columns == other.columns
  }

  /// The outputs of a head for all tokens of the vocabulary, or for `candidates` alone.
  func scores(
    of rows: Activations, candidates: [Int]?, using workers: Workers
  ) -> Matrix {
    let head = candidates.map(gathering) ?? self
    return Activations.matrix(rows: rows.rows, columns: head.weight.rows) {
      head.apply(to: rows, into: $0, using: workers)
    }
  }
}

extension LanguageModel {
  /// The first weight, of all sites and of `others`, with an element that is no finite number.
  func firstNotFinite(among others: [(name: String, weight: Weight)]) -> LanguageModelError? {
    let sites = weightSites.map { (name: tensorName(of: $0), weight: weight(at: $0)) }
    for (name, weight) in others + sites {
      if let place = weight.firstNotFinite {
        return .notFinite(
          tensor: "\(name).weight", file: checkpoint.path, row: place.row, column: place.column)
      }
    }
    return nil
  }
}
