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
    let products = products(of: layers, input, adding, workers)
    workers.forEach(products.reduce(0) { $0 + $1.pieces }) { piece in
      var piece = piece
      for product in products {
        if piece < product.pieces { return product.multiply(product.part(piece)) }
        piece -= product.pieces
      }
    }
  }

  /// As ``apply(_:to:adding:using:)``, for layers with as many outputs each: `body` is called with parts of the tokens and
  /// outputs that are ready in all of them, by the worker whose cache has them still.
  package static func apply(
    _ layers: [(layer: Projection, output: Activations)], to input: Activations,
    using workers: Workers,
    then body: @Sendable (_ tokens: Range<Int>, _ outputs: Range<Int>) -> Void
  ) {
    let products = products(of: layers, input, false, workers)
    guard let first = products.first else { return }
    precondition(
      layers.allSatisfy { $0.output.columns == layers[0].output.columns },
      "layers of \(layers.map(\.output.columns)) outputs are not ready together")
    workers.forEach(first.pieces) { piece in
      let part = first.part(piece)
      for product in products { product.multiply(part) }
      body(part.tokens, part.rows)
    }
  }

  /// What multiplies the layers' weights with their input. The thin inner products of factored ones are made at once.
  private static func products(
    of layers: [(layer: Projection, output: Activations)], _ input: Activations, _ isAdding: Bool,
    _ workers: Workers
  ) -> [Product] {
    layers.map { layer, output in
      precondition(
        layer.weight.columns == input.columns && layer.weight.rows == output.columns
          && input.rows == output.rows,
        "a \(layer.weight.rows) × \(layer.weight.columns) weight from \(input.columns) columns "
          + "to \(output.columns), \(input.rows) rows to \(output.rows)")
      switch layer.weight {
      case .dense(let matrix):
        return Product(.dense(matrix), layer.bias, input, output, isAdding, workers)
      case .mapped(let matrix):
        return Product(.mapped(matrix), layer.bias, input, output, isAdding, workers)
      case .factored(let factors):
        // W x = left (right x): two thin products instead of one thick.
        let reduced = Activations(rows: input.rows, columns: factors.rank)
        Projection(.dense(factors.right)).apply(to: input, into: reduced, using: workers)
        return Product(.dense(factors.left), layer.bias, reduced, output, isAdding, workers)
      }
    }
  }

  /// `output ← input · Wᵀ + b`, or added to it.
  package func apply(
    to input: Activations, into output: Activations, adding: Bool = false, using workers: Workers
  ) {
    Self.apply([(self, output)], to: input, adding: adding, using: workers)
  }
}

/// A weight, what it is multiplied with, and where that goes.
///
/// It is divided into parts, some rows of the weight and some tokens each. Many tokens are divided, at the price of
/// decoding a weight's rows once for each part, to have enough pieces of work.
///
/// A class, because every copy of a struct would count one more user of each of its fields.
private final class Product: Sendable {
  private let weight: RowSource
  private let bias: [Float]?
  private let input: Activations
  private let output: Activations
  private let isAdding: Bool
  private let height: Int

  init(
    _ weight: RowSource, _ bias: [Float]?, _ input: Activations, _ output: Activations,
    _ isAdding: Bool, _ workers: Workers
  ) {
    self.weight = weight
    self.bias = bias
    self.input = input
    self.output = output
    self.isAdding = isAdding
    height = Self.height(of: output.columns, for: workers)
  }

  /// The rows of the weight, and the tokens, of a piece of work.
  struct Part {
    let rows: Range<Int>
    let tokens: Range<Int>
  }

  /// How many rows of a weight are decoded together for many tokens.
  private static let decodedRows = 48
  /// The most tokens in a part.
  private static let tokens = 512

  /// The most rows of the weight in a part: cores that are far from each other pay for every part that they take.
  private static let rows = 288

  /// How many rows of a weight of `total` are in a part: parts of one size, and as many for each worker.
  private static func height(of total: Int, for workers: Workers) -> Int {
    // Without rows there is no part either, whatever its height.
    let total = max(1, total)
    let parts = (total + rows - 1) / rows
    let even = (parts + workers.count - 1) / workers.count * workers.count
    // Sixteen numbers fill a line of the cache, which two cores should not write at once.
    return ((total + even - 1) / even + 15) / 16 * 16
  }

  /// The number of parts.
  var pieces: Int {
    (output.columns + height - 1) / height * tokenParts
  }

  private var tokenParts: Int { (input.rows + Self.tokens - 1) / Self.tokens }

  /// The part with this number.
  func part(_ piece: Int) -> Part {
    let row = piece / tokenParts * height
    let token = piece % tokenParts * Self.tokens
    return Part(
      rows: row..<min(row + height, output.columns),
      tokens: token..<min(token + Self.tokens, input.rows))
  }

  /// Makes a part of the output.
  func multiply(_ part: Part) {
    let tokens = part.tokens
    let isKeeping = fillBias(part) || isAdding
    weight.withRows(part.rows, atOnce: tokens.count <= 64 ? 4 : Self.decodedRows) { rows, values in
      // SAFETY: `values` has `rows.count · I` elements; the part of the output is ours alone.
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
  private func fillBias(_ part: Part) -> Bool {
    guard let bias else { return false }
    for token in part.tokens {
      let to = output.row(token)
      for column in part.rows { to[column] = isAdding ? to[column] + bias[column] : bias[column] }
    }
    return true
  }
}

/// Where the rows of a weight come from.
private enum RowSource: Sendable {
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
