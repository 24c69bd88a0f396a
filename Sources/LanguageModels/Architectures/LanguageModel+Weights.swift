internal import LaserOps

extension Weight {
  /// The rows of `indices` as a matrix of their own: the embedding of tokens.
  func gathering(_ indices: [Int]) -> Matrix {
    let values = [Float](unsafeUninitializedCapacity: indices.count * columns) { buffer, count in
      if let start = buffer.baseAddress { copyRows(indices, into: start) }
      count = indices.count * columns
    }
    return Matrix(rows: indices.count, columns: columns, values: values)
  }
}

extension Projection {
  /// Whether `other` could take the place of the weight.
  func hasShape(of other: Weight) -> Bool {
    weight.rows == other.rows && weight.columns == other.columns
  }

  /// The outputs of a head for all tokens of the vocabulary, or for `candidates` alone.
  func scores(
    of rows: Activations, candidates: [Int]?, using workers: Workers
  ) -> Matrix {
    var head = self
    if let candidates {
      head = Projection(
        .dense(weight.gathering(candidates)),
        bias: bias.map { bias in candidates.map { bias[$0] } })
    }
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
