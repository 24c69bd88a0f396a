// Dimension key — N: rows (tokens) · I: inputs · O: outputs · r: rank.

/// A linear layer of an inference model, y = W x + b, its weight `[O × I]` in any storage.
///
/// Rows of the weight are taken in tiles: a worker decodes some into a small buffer of its own and multiplies the
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
    var tiles: [Tile] = []
    var inner: [Tile] = []
    for (layer, output) in layers {
      precondition(
        layer.weight.columns == input.columns && layer.weight.rows == output.columns
          && input.rows == output.rows,
        "a \(layer.weight.rows) × \(layer.weight.columns) weight from \(input.columns) columns "
          + "to \(output.columns), \(input.rows) rows to \(output.rows)")
      switch layer.weight {
      case .dense(let matrix):
        tiles += Tile.covering(.dense(matrix), layer.bias, input, output, adding)
      case .mapped(let matrix):
        tiles += Tile.covering(.mapped(matrix), layer.bias, input, output, adding)
      case .factored(let factors):
        // W x = left (right x): two thin products instead of one thick.
        let reduced = Activations(rows: input.rows, columns: factors.rank)
        inner += Tile.covering(.dense(factors.right), nil, input, reduced, false)
        tiles += Tile.covering(.dense(factors.left), layer.bias, reduced, output, adding)
      }
    }
    for tiles in [inner, tiles] where !tiles.isEmpty {
      workers.forEach(tiles.count) { tiles[$0].multiply() }
    }
  }

  /// `output ← input · Wᵀ + b`, or added to it.
  package func apply(
    to input: Activations, into output: Activations, adding: Bool = false, using workers: Workers
  ) {
    Self.apply([(self, output)], to: input, adding: adding, using: workers)
  }
}

/// Some rows of a weight, some tokens, and the part of the output that they make.
private struct Tile: Sendable {
  let weight: TileSource
  let bias: [Float]?
  let rows: Range<Int>
  let tokens: Range<Int>
  let input: Activations
  let output: Activations
  let isAdding: Bool

  /// The tiles of a weight.
  ///
  /// Many tokens are divided, at the price of decoding a tile once for each part, to have enough pieces of work.
  static func covering(
    _ weight: TileSource, _ bias: [Float]?, _ input: Activations, _ output: Activations,
    _ isAdding: Bool
  ) -> [Tile] {
    pieces(of: output.columns, height: 48).flatMap { rows in
      pieces(of: input.rows, height: 512).map { tokens in
        Tile(
          weight: weight, bias: bias, rows: rows, tokens: tokens, input: input, output: output,
          isAdding: isAdding)
      }
    }
  }

  private static func pieces(of total: Int, height: Int) -> [Range<Int>] {
    stride(from: 0, to: total, by: height).map { $0..<min($0 + height, total) }
  }

  func multiply() {
    let isKeeping = fillBias() || isAdding
    weight.withRows(rows, atOnce: tokens.count <= 64 ? 4 : rows.count) { rows, values in
      // SAFETY: `values` has `rows.count · I` elements; the tile's part of the output is ours alone.
      RowProducts.multiply(
        RowProducts.Operands(
          left: input.row(tokens.lowerBound), right: values,
          result: output.row(tokens.lowerBound) + rows.lowerBound,
          leftRows: tokens.count, rightRows: rows.count, inner: input.columns,
          resultStride: output.columns),
        accumulating: isKeeping)
    }
  }

  /// Puts the bias where the product will be added; false when there is none.
  private func fillBias() -> Bool {
    guard let bias else { return false }
    for token in tokens {
      let to = output.row(token)
      for column in rows { to[column] = isAdding ? to[column] + bias[column] : bias[column] }
    }
    return true
  }
}

/// Where a tile's rows come from.
private enum TileSource: Sendable {
  case dense(Matrix)
  case mapped(MappedMatrix)

  /// Calls `body` with all of `rows`, decoded `height` at a time: few of them stay in a core's first cache.
  func withRows(
    _ rows: Range<Int>, atOnce height: Int, _ body: (Range<Int>, UnsafePointer<Float>?) -> Void
  ) {
    switch self {
    case .dense(let matrix):
      matrix.values.withUnsafeBufferPointer { values in
        body(rows, values.baseAddress.map { $0 + rows.lowerBound * matrix.columns })
      }
    case .mapped(let matrix):
      ScratchBuffers.shared.withBuffer(count: height * matrix.columns) { buffer in
        guard let start = buffer.baseAddress else { return }
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
          let part = first..<min(first + height, rows.upperBound)
          matrix.decode(
            rows: part,
            into: UnsafeMutableBufferPointer(start: start, count: part.count * matrix.columns))
          body(part, start)
        }
      }
    }
  }
}

extension Weight {
  /// Writes the rows of `indices`, decoded, one after the other: embeddings of tokens, or the head of candidates.
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
