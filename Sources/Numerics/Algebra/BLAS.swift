internal import COpenBLAS

/// The one door to OpenBLAS: row-major single-precision products on raw buffers.
package enum BLAS {
  private static let prepared: Void = {
    BLASKernels.correct()
    openblas_set_num_threads(1)
  }()

  /// Has OpenBLAS, LAPACK's part included, use kernels for this processor and one thread a call; the first call does it.
  static func prepare() { _ = prepared }

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
    prepare()
    cblas_sgemm(
      CblasRowMajor,
      transposingLeft ? CblasTrans : CblasNoTrans, transposingRight ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), scale,
      left, blasint(max(1, leftStride ?? (transposingLeft ? rows : inner))),
      right, blasint(max(1, rightStride ?? (transposingRight ? inner : columns))), keep,
      result, blasint(max(1, resultStride ?? columns)))
  }
}
