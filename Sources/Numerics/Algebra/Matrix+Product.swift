internal import COpenBLAS

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

/// The one door to OpenBLAS: row-major single-precision products on raw buffers.
package enum BLAS {
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// Makes every call of OpenBLAS, LAPACK's included, single-threaded; the first call does it.
  static func useOneThread() { _ = singleThreaded }

  /// `into ← scale · op(left) · op(right) + keep · into`, row-major.
  ///
  /// `left` is `[rows × inner]`, or `[inner × rows]` when `transposingLeft`; `right` is
  /// `[inner × columns]`, or `[columns × inner]` when `transposingRight`; `result` is
  /// `[rows × columns]`. A stride is the number of elements from one stored row to the next, the
  /// stored width when nil.
  package static func multiply(
    _ left: UnsafePointer<Float>?, _ right: UnsafePointer<Float>?,
    into result: UnsafeMutablePointer<Float>?,
    rows: Int, columns: Int, inner: Int,
    transposingLeft: Bool = false, transposingRight: Bool = false,
    scale: Float = 1, keep: Float = 0,
    leftStride: Int? = nil, rightStride: Int? = nil, resultStride: Int? = nil
  ) {
    guard rows > 0, columns > 0 else { return }
    useOneThread()
    cblas_sgemm(
      CblasRowMajor,
      transposingLeft ? CblasTrans : CblasNoTrans, transposingRight ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), scale,
      left, blasint(max(1, leftStride ?? (transposingLeft ? rows : inner))),
      right, blasint(max(1, rightStride ?? (transposingRight ? inner : columns))), keep,
      result, blasint(max(1, resultStride ?? columns)))
  }
}
