/// A `[rows × columns]` block of activations, one row a token, that layers write over and over.
///
/// A class, because a layer's threads each write their own part of it; values that are kept are ``Matrix``.
package final class Activations: Sendable {
  /// The number of tokens.
  package let rows: Int
  /// The width.
  package let columns: Int
  private let buffer: FloatBuffer

  /// Zeros.
  package convenience init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, buffer: FloatBuffer(count: rows * columns))
  }

  /// Activations in `buffer`, which has exactly as many elements.
  init(rows: Int, columns: Int, buffer: FloatBuffer) {
    self.rows = rows
    self.columns = columns
    self.buffer = buffer
  }

  /// A copy of `matrix`.
  package convenience init(_ matrix: Matrix) {
    self.init(rows: matrix.rows, columns: matrix.columns)
    matrix.values.withUnsafeBufferPointer { values in
      guard let source = values.baseAddress else { return }
      // SAFETY: both have `rows * columns` elements.
      start.update(from: source, count: values.count)
    }
  }

  /// The first element of the first row.
  package var start: UnsafeMutablePointer<Float> { buffer.start }

  /// The first element of `row`.
  package func row(_ row: Int) -> UnsafeMutablePointer<Float> {
    buffer.start + row * columns
  }

  /// A copy as a value.
  package var matrix: Matrix { Matrix(rows: rows, columns: columns, values: buffer.values) }

  /// A value whose elements `write` puts where they stay: logits of a vocabulary are megabytes.
  ///
  /// `write` writes all of them, and lets go of the activations when it returns.
  package static func matrix(
    rows: Int, columns: Int, _ write: (Activations) -> Void
  ) -> Matrix {
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { values, count in
      guard let start = values.baseAddress else { return }
      // SAFETY: the memory has that many elements and is written before the array is used.
      count = rows * columns
      write(
        Activations(rows: rows, columns: columns, buffer: FloatBuffer(lent: start, count: count)))
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// A copy with memory of its own.
  package func copy() -> Activations {
    let result = Activations(rows: rows, columns: columns)
    result.start.update(from: start, count: rows * columns)
    return result
  }

  /// Copies of some rows, in the order of `indices`.
  package func gathering(_ indices: [Int]) -> Activations {
    let result = Activations(rows: indices.count, columns: columns)
    copyRows(indices, into: result)
    return result
  }

  /// Copies some rows, in the order of `indices`.
  ///
  /// - Precondition: `result` has a row for each and is as wide.
  package func copyRows(_ indices: [Int], into result: Activations) {
    precondition(result.rows == indices.count && result.columns == columns, "rows do not fit")
    for (target, index) in indices.enumerated() {
      precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
      result.row(target).update(from: row(index), count: columns)
    }
  }
}

extension Activations {
  /// `self ← self + factor · other`.
  ///
  /// - Precondition: Both are of one shape.
  package func add(_ other: Activations, times factor: Float = 1, using workers: Workers) {
    precondition(other.rows == rows && other.columns == columns, "another shape")
    workers.forEachBlock(ofRows: rows, width: columns) {
      // SAFETY: both have these rows, and nobody else writes to them.
      let (sum, change) = (row($0.lowerBound), other.row($0.lowerBound))
      for index in 0..<$0.count * columns { sum[index] += factor * change[index] }
    }
  }
}

extension Workers {
  /// Calls `body` for ranges that cover `rows`, a fixed number of rows each.
  ///
  /// Small blocks of work, fewer than about ten microseconds of it, stay on the calling thread.
  package func forEachBlock(
    ofRows rows: Int, width: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let height = 16
    guard rows * width > 1 << 14 else {
      body(0..<rows)
      return
    }
    forEach((rows + height - 1) / height) { block in
      body(block * height..<min(rows, (block + 1) * height))
    }
  }
}
