internal import Numerics

/// What turns the finished stream into logits.
package struct Head: Sendable {
  /// The matrix, a row for every token of the vocabulary: the embedding itself where the two are tied.
  let layer: LinearLayer
  /// What products are multiplied with.
  private let scale: Float
  /// The cap c · tanh(logit / c), nil for none.
  private let softCap: Float?
  private let screened: ScreenedHead

  /// - Parameters:
  ///   - layer: The matrix.
  ///   - scale: What products are multiplied with; positive, so that the largest stays the largest.
  ///   - softCap: The cap on logits, nil for none.
  init(_ layer: LinearLayer, scale: Double = 1, softCap: Double? = nil) {
    self.layer = layer
    self.scale = Float(scale)
    self.softCap = softCap.map { Float($0) }
    screened = ScreenedHead(layer.projection)
  }

  /// The logits of all tokens, or of `candidates` alone.
  func logits(of rows: Activations, candidates: [Int]?, using workers: Workers) -> Matrix {
    let projection = candidates.map(layer.projection.gathering) ?? layer.projection
    let logits = Activations.matrix(rows: rows.rows, columns: projection.weight.rows) { logits in
      projection.apply(to: rows, into: logits, using: workers)
      guard scale != 1 || softCap != nil else { return }
      workers.forEachBlock(ofRows: logits.rows, width: logits.columns) { block in
        let start = logits.row(block.lowerBound)
        let count = block.count * logits.columns
        if scale != 1 { for index in 0..<count { start[index] *= scale } }
        if let softCap { SoftCap.apply(softCap, to: start, count: count) }
      }
    }
    return logits
  }

  /// The gradient of `Σ weight · log p(token)` with respect to the rows that the head reads.
  ///
  /// - Parameters:
  ///   - weights: For every row the weights of tokens.
  ///   - logits: What ``logits(of:candidates:using:)`` made of these rows, for the whole vocabulary.
  ///   - workers: The threads.
  /// - Returns: `[rows × width]`.
  func gradient(
    of weights: [TokenWeights], logits: Matrix, using workers: Workers
  ) -> Activations {
    let gradient = Activations(logits)
    let (columns, scale, softCap) = (logits.columns, scale, softCap)
    workers.forEach(logits.rows) { row in
      let values = gradient.row(row)
      // d log p(t) = d logit(t) − Σ p d logit.
      Softmax.normalize(values, count: columns)
      // In the order of the tokens: a dictionary has none.
      let ordered = weights[row].sorted { $0.key < $1.key }
      let total = Float(ordered.reduce(0) { $0 + $1.value })
      for column in 0..<columns { values[column] *= -total }
      for (token, weight) in ordered { values[token] += Float(weight) }
      if let softCap {
        logits.values.withUnsafeBufferPointer { logits in
          guard let capped = logits.baseAddress else { return }
          // SAFETY: the logits have as many rows and columns as the gradient.
          SoftCap.carryBack(softCap, values, capped: capped + row * columns, count: columns)
        }
      }
      if scale != 1 { for column in 0..<columns { values[column] *= scale } }
    }
    let result = Activations(rows: logits.rows, columns: layer.weight.columns)
    layer.projection.carryBack(gradient, to: result, using: workers)
    return result
  }

  /// The token with the largest logit of every row, the first of equals; nil where a logit is no finite number.
  func greatest(of rows: Activations, using workers: Workers) -> [Int?] {
    screened.greatest(of: rows, using: workers)
  }
}
