// Dimension key — N: rows (tokens) · I: inputs · O: outputs · r: rank.

/// A linear layer of an inference model, y = W x + b, its weight `[O × I]` in any storage.
///
/// A worker takes some rows of the weight, decodes a few at a time into a small buffer of its own and multiplies the
/// tokens with them, so that a weight that stays in its file is never held whole.
///
/// What comes out for a token depends on its own input and the weight alone, to the last bit: not on other tokens,
/// on which outputs are asked for, on the number of threads, or on whether the weight is dense or mapped.
package struct Projection: Sendable, Equatable {
  /// W, `[O × I]`.
  package var weight: Weight
  /// b, `[O]`, or nil for none.
  package let bias: [Float]?

  /// A layer with these weights.
  ///
  /// - Precondition: A bias has as many elements as the weight has rows.
  package init(_ weight: Weight, bias: [Float]? = nil) {
    precondition(
      bias.map { $0.count == weight.rows } ?? true,
      "\(bias?.count ?? 0) biases for \(weight.rows) outputs")
    self.weight = weight
    self.bias = bias
  }

  /// Several layers that read the same input, `output ← input · Wᵀ + b`, in one go.
  ///
  /// - Parameters:
  ///   - layers: The layers, each with where its `[N × O]` results go.
  ///   - input: `[N × I]`.
  ///   - adding: Whether the results are added to what the outputs hold.
  ///   - workers: The threads; their number does not change a bit of the results.
  package static func apply(
    _ layers: [(layer: Projection, output: Activations)], to input: Activations,
    adding: Bool = false, using workers: Workers
  ) {
    for (layer, output) in layers { layer.check(input, output) }
    let products = products(of: layers.map(\.layer), input, workers)
    workers.forEach(products.reduce(0) { $0 + $1.pieces }) { piece in
      var piece = piece
      for (product, layer) in zip(products, layers) {
        if piece < product.pieces {
          let part = product.part(piece)
          return product.multiply(part, into: layer.output.target(of: part, adding: adding))
        }
        piece -= product.pieces
      }
    }
  }

  /// As ``apply(_:to:adding:using:)``, for layers with as many outputs each: `body` is called with parts of the tokens and
  /// outputs that are ready in all of them, by the worker whose cache has them still.
  ///
  /// Several workers call it at the same time, each part once; it may read and write these outputs of these tokens alone.
  package static func apply(
    _ layers: [(layer: Projection, output: Activations)], to input: Activations,
    using workers: Workers,
    then body: @Sendable (_ tokens: Range<Int>, _ outputs: Range<Int>) -> Void
  ) {
    for (layer, output) in layers { layer.check(input, output) }
    let products = products(of: layers.map(\.layer), input, workers)
    guard let first = products.first else { return }
    precondition(
      layers.allSatisfy { $0.output.columns == layers[0].output.columns },
      "layers of \(layers.map(\.output.columns)) outputs are not ready together")
    workers.forEach(first.pieces) { piece in
      let part = first.part(piece)
      for (product, layer) in zip(products, layers) {
        product.multiply(part, into: layer.output.target(of: part))
      }
      body(part.tokens, part.rows)
    }
  }

  private func check(_ input: Activations, _ output: Activations) {
    precondition(
      weight.rows == output.columns && input.rows == output.rows,
      "a weight of \(weight.rows) rows to \(output.columns) columns, "
        + "\(input.rows) rows to \(output.rows)")
  }

  /// What multiplies the layers' weights with their input. The thin inner products of factored ones are made at once.
  static func products(
    of layers: [Projection], _ input: Activations, _ workers: Workers
  ) -> [WeightProduct] {
    for layer in layers {
      precondition(
        layer.weight.columns == input.columns,
        "a weight of \(layer.weight.columns) columns from \(input.columns)")
    }
    // W x = left (right x): two thin products instead of one thick.
    let inner = layers.map { layer -> (layer: Projection, output: Activations)? in
      guard case .factored(let factors) = layer.weight else { return nil }
      return (
        Projection(.dense(factors.right)),
        Activations(rows: input.rows, columns: factors.rank)
      )
    }
    if inner.contains(where: { $0 != nil }) {
      apply(inner.compactMap(\.self), to: input, using: workers)
    }
    return zip(layers, inner).map { layer, inner in
      let source: RowSource =
        switch layer.weight {
        case .dense(let matrix): .dense(matrix)
        case .mapped(let matrix): .mapped(matrix)
        case .factored(let factors): .dense(factors.left)
        }
      return WeightProduct(source, bias: layer.bias, input: inner?.output ?? input, for: workers)
    }
  }

  /// `output ← input · Wᵀ + b`, or added to it.
  package func apply(
    to input: Activations, into output: Activations, adding: Bool = false, using workers: Workers
  ) {
    Self.apply([(self, output)], to: input, adding: adding, using: workers)
  }
}

extension Activations {
  /// Where a part's outputs go.
  fileprivate func target(
    of part: WeightProduct.Part, adding: Bool = false
  ) -> WeightProduct.Target {
    WeightProduct.Target(
      start: row(part.tokens.lowerBound) + part.rows.lowerBound, stride: columns, isAdding: adding)
  }
}

extension Projection {
  /// The layer with some of the outputs alone, in the order of `outputs`.
  ///
  /// - Precondition: Every one of them is an output.
  package func gathering(_ outputs: [Int]) -> Projection {
    Projection(
      .dense(weight.gathering(outputs)), bias: bias.map { bias in outputs.map { bias[$0] } })
  }
}

extension Weight {
  /// The rows of `indices` as a matrix of their own: embeddings of tokens, or the head of candidates.
  ///
  /// - Precondition: Every index is a row.
  package func gathering(_ indices: [Int]) -> Matrix {
    let values = [Float](unsafeUninitializedCapacity: indices.count * columns) { buffer, count in
      if let start = buffer.baseAddress { copyRows(indices, into: start) }
      count = indices.count * columns
    }
    return Matrix(rows: indices.count, columns: columns, values: values)
  }

  /// Writes the rows of `indices`, decoded, one after the other.
  ///
  /// - Precondition: `result` has room for `indices.count * columns` elements; every index is a row.
  package func copyRows(_ indices: [Int], into result: UnsafeMutablePointer<Float>) {
    for (target, index) in indices.enumerated() {
      precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
      let to = result + target * columns
      switch self {
      case .dense(let matrix):
        matrix.values.withUnsafeBufferPointer { values in
          guard let start = values.baseAddress else { return }
          // SAFETY: the row lies in the matrix, `result` has room by precondition.
          to.update(from: start + index * columns, count: columns)
        }
      case .mapped(let matrix):
        matrix.decode(
          rows: index..<index + 1,
          into: UnsafeMutableBufferPointer(start: to, count: columns))
      case .factored(let factors):
        BLAS.multiply(
          factors.left.gathering([index]).values, factors.right.values, into: to,
          rows: 1, columns: columns, inner: factors.rank)
      }
    }
  }
}
