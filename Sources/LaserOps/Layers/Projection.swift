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
        tiles += Product(.dense(matrix), layer.bias, input, output, adding).tiles
      case .mapped(let matrix):
        tiles += Product(.mapped(matrix), layer.bias, input, output, adding).tiles
      case .factored(let factors):
        // W x = left (right x): two thin products instead of one thick.
        let reduced = Activations(rows: input.rows, columns: factors.rank)
        inner += Product(.dense(factors.right), nil, input, reduced, false).tiles
        tiles += Product(.dense(factors.left), layer.bias, reduced, output, adding).tiles
      }
    }
    for tiles in [inner, tiles] where !tiles.isEmpty {
      workers.forEach(tiles.count) { tiles[$0].product.multiply(tiles[$0]) }
    }
  }

  /// `output ← input · Wᵀ + b`, or added to it.
  package func apply(
    to input: Activations, into output: Activations, adding: Bool = false, using workers: Workers
  ) {
    Self.apply([(self, output)], to: input, adding: adding, using: workers)
  }
}

/// Some rows of a weight, some tokens, and so a part of a product.
private struct Tile: Sendable {
  let product: Product
  let rows: Range<Int>
  let tokens: Range<Int>
}

/// A weight, what it is multiplied with, and where that goes.
///
/// A class, because its tiles are many, and every copy of a struct would count one more user of each of its parts.
private final class Product: Sendable {
  private let weight: TileSource
  private let bias: [Float]?
  private let input: Activations
  private let output: Activations
  private let isAdding: Bool

  init(
    _ weight: TileSource, _ bias: [Float]?, _ input: Activations, _ output: Activations,
    _ isAdding: Bool
  ) {
    self.weight = weight
    self.bias = bias
    self.input = input
    self.output = output
    self.isAdding = isAdding
  }

  /// Tiles that cover everything.
  ///
  /// Many tokens are divided, at the price of decoding a tile once for each part, to have enough pieces of work.
  var tiles: [Tile] {
    pieces(of: output.columns, height: 48).flatMap { rows in
      pieces(of: input.rows, height: 512).map { tokens in
        Tile(product: self, rows: rows, tokens: tokens)
      }
    }
  }

  private func pieces(of total: Int, height: Int) -> [Range<Int>] {
    stride(from: 0, to: total, by: height).map { $0..<min($0 + height, total) }
  }

  /// Makes the part of the output that is `tile`'s.
  func multiply(_ tile: Tile) {
    let (rows, tokens) = (tile.rows, tile.tokens)
    let isKeeping = fillBias(tile) || isAdding
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
  private func fillBias(_ tile: Tile) -> Bool {
    guard let bias else { return false }
    for token in tile.tokens {
      let to = output.row(token)
      for column in tile.rows { to[column] = isAdding ? to[column] + bias[column] : bias[column] }
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
          // The next ones come from memory while these are multiplied.
          matrix.prefetch(rows: part.upperBound..<min(part.upperBound + height, rows.upperBound))
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
