/// A weight and what it is multiplied with, in parts: some rows of the weight and some tokens each.
///
/// Many tokens are divided, at the price of decoding a weight's rows once for each part, to have enough pieces of work.
///
/// A class, because every copy of a struct would count one more user of each of its fields.
final class WeightProduct: Sendable {
  private let weight: RowSource
  private let bias: [Float]?
  private let input: Activations
  private let height: Int
  private let tokenHeight: Int

  /// The product of `weight`, dense or mapped, with `input`.
  init(_ weight: RowSource, bias: [Float]?, input: Activations, for workers: Workers) {
    self.weight = weight
    self.bias = bias
    self.input = input
    height = Self.height(of: weight.rows, for: workers)
    let tokenParts = max(1, (input.rows + Self.tokens - 1) / Self.tokens)
    tokenHeight = max(1, (input.rows + tokenParts - 1) / tokenParts)
  }

  /// The rows of the weight, and the tokens, of a piece of work.
  struct Part {
    let rows: Range<Int>
    let tokens: Range<Int>
  }

  /// Where a part's outputs go.
  struct Target {
    /// The place of the first row's output for the first token.
    let start: UnsafeMutablePointer<Float>
    /// From one token to the next, in elements.
    let stride: Int
    /// Whether the outputs are added to what is there.
    var isAdding = false
  }

  /// The most tokens in a part.
  private static let tokens = 512
  /// The most rows of the weight in a part: cores that are far from each other pay for every part that they take.
  private static let rows = 288

  /// How many rows of a weight of `total` are in a part: parts of about one size, and about as many for each worker.
  private static func height(of total: Int, for workers: Workers) -> Int {
    // Without rows there is no part either, whatever its height.
    let total = max(1, total)
    let parts = (total + rows - 1) / rows
    let even = (parts + workers.count - 1) / workers.count * workers.count
    // Sixteen numbers fill a line of the cache, which two cores should not write at once.
    return ((total + even - 1) / even + 15) / 16 * 16
  }

  /// The number of parts.
  var pieces: Int { (weight.rows + height - 1) / height * tokenParts }

  private var tokenParts: Int { (input.rows + tokenHeight - 1) / tokenHeight }

  /// The part with this number.
  func part(_ piece: Int) -> Part {
    let row = piece / tokenParts * height
    let token = piece % tokenParts * tokenHeight
    return Part(
      rows: row..<min(row + height, weight.rows),
      tokens: token..<min(token + tokenHeight, input.rows))
  }

  /// Makes a part of the outputs.
  func multiply(_ part: Part, into target: Target) {
    let tokens = part.tokens
    let isKeeping = fillBias(part, target) || target.isAdding
    if multiplyBlocks(part, into: target, adding: isKeeping) { return }
    weight.withRows(part.rows, atOnce: RowProducts.sweep(of: input.columns)) { rows, values in
      // SAFETY: `values` has `rows.count · I` elements; the part of the outputs is ours alone.
      RowProducts.multiply(
        RowProducts.Operands(
          left: input.row(tokens.lowerBound), right: values,
          result: target.start + (rows.lowerBound - part.rows.lowerBound),
          leftRows: tokens.count, rightRows: rows.count, inner: input.columns,
          leftStride: input.columns, rightStride: input.columns, resultStride: target.stride),
        accumulating: isKeeping)
    }
  }

  /// Makes a part of the outputs from the blocks of the weight's file; false, with nothing done, where there is no such way.
  private func multiplyBlocks(_ part: Part, into target: Target, adding isAdding: Bool) -> Bool {
    guard part.tokens.count <= BlockProducts.mostTokens, case .mapped(let matrix) = weight else {
      return false
    }
    // SAFETY: the tokens are rows of the input, the part of the outputs is ours alone.
    return matrix.multiply(
      rows: part.rows, by: input.row(part.tokens.lowerBound), tokens: part.tokens.count,
      into: target.start, stride: target.stride, adding: isAdding)
  }

  /// Puts the bias where the product will be added; false when there is none.
  private func fillBias(_ part: Part, _ target: Target) -> Bool {
    guard let bias else { return false }
    for token in 0..<part.tokens.count {
      let to = target.start + token * target.stride
      for (column, row) in part.rows.enumerated() {
        to[column] = target.isAdding ? to[column] + bias[row] : bias[row]
      }
    }
    return true
  }
}

/// Where the rows of a weight come from.
enum RowSource: Sendable {
  case dense(Matrix)
  case mapped(MappedMatrix)

  /// The number of rows.
  var rows: Int {
    switch self {
    case .dense(let matrix): matrix.rows
    case .mapped(let matrix): matrix.rows
    }
  }

  /// Calls `body` with all of `rows`, `height` at a time, decoded: few of them stay in a core's first caches.
  func withRows(
    _ rows: Range<Int>, atOnce height: Int, _ body: (Range<Int>, UnsafePointer<Float>?) -> Void
  ) {
    let least = if case .mapped(let matrix) = self { matrix.rowsAtOnce } else { 1 }
    let height = max(height, least)
    let starts = stride(from: rows.lowerBound, to: rows.upperBound, by: height)
    switch self {
    case .dense(let matrix):
      matrix.values.withUnsafeBufferPointer { values in
        for first in starts {
          body(
            first..<min(first + height, rows.upperBound),
            values.baseAddress.map { $0 + first * matrix.columns })
        }
      }
    case .mapped(let matrix):
      ScratchBuffers.shared.withBuffer(count: height * matrix.columns) { buffer in
        guard let start = buffer.baseAddress else { return }
        for first in starts {
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
