/// Matrix products through OpenBLAS, one thread each.
///
/// Parallelism lies above them, over examples or rows (``Workers``): two single-thread products side
/// by side are as fast as one on two threads, and faster for the small shapes of this project.
extension Matrix {
  /// `self · other`, `[rows × inner] · [inner × columns]`.
  public func multiplied(by other: Matrix) -> Matrix {
    precondition(columns == other.rows, "inner dimensions differ: \(columns) and \(other.rows)")
    var result = Matrix(rows: rows, columns: other.columns)
    // SAFETY: the three buffers have exactly the sizes that the dimensions say.
    values.withUnsafeBufferPointer { left in
      other.values.withUnsafeBufferPointer { right in
        result.values.withUnsafeMutableBufferPointer { product in
          BLAS.multiply(
            left.baseAddress, right.baseAddress, into: product.baseAddress,
            rows: rows, columns: other.columns, inner: columns)
        }
      }
    }
    return result
  }

  /// `self · otherᵀ`, `[rows × inner] · [columns × inner]ᵀ`: how a linear layer applies `[output × input]` weights.
  public func multiplied(byTransposeOf other: Matrix) -> Matrix {
    precondition(
      columns == other.columns, "inner dimensions differ: \(columns) and \(other.columns)")
    var result = Matrix(rows: rows, columns: other.rows)
    // SAFETY: the three buffers have exactly the sizes that the dimensions say.
    values.withUnsafeBufferPointer { left in
      other.values.withUnsafeBufferPointer { right in
        result.values.withUnsafeMutableBufferPointer { product in
          BLAS.multiply(
            left.baseAddress, right.baseAddress, into: product.baseAddress,
            rows: rows, columns: other.rows, inner: columns, transposingRight: true)
        }
      }
    }
    return result
  }
}
