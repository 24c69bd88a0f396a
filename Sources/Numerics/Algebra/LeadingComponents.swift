internal import CLAPACKE
internal import COpenBLAS

/// The components of a matrix with large singular values, several times cheaper than the full decomposition.
///
/// The best approximation of rank r needs one side only: W_r = W V_r V_rᵀ. V holds the eigenvectors of the Gram matrix
/// WᵀW (or U those of WWᵀ, whichever is smaller), made and taken apart in double precision. For 4096 × 1024 that takes a
/// quarter of the time of dgesdd, and every rank is then a slice of two matrices.
///
/// The Gram matrix squares the condition number: eigenvalues carry an error of about ε λ₁, so that a singular value
/// below 1e-8 σ₁ has no digits left. Approximations are therefore only given down to ``smallestRatio``; beyond, and for
/// small components and spectra, ``SingularValueDecomposition`` is the one to ask.
package struct LeadingComponents: Sendable {
  /// The smallest kept singular value, as a part of the largest, for which approximations are given: its square then
  /// still has five digits, and what is lost is far below the rounding of the factors to floats.
  package static let smallestRatio = 1e-5

  /// `[rows × count]` and `[count × columns]`: the approximation of rank r is the first r columns of `left` times
  /// the first r rows of `right`.
  private let left: Matrix
  private let right: Matrix
  /// The squared singular values, largest first.
  private let squares: [Double]

  /// Decomposes the Gram matrix of `matrix`.
  ///
  /// - Throws: ``LinearAlgebraError`` for elements that are not finite, or without convergence.
  /// - Precondition: The matrix has elements.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  package init(of matrix: Matrix) throws {
    try matrix.requireFinite()
    let (rows, columns) = (matrix.rows, matrix.columns)
    let isTall = rows >= columns
    let count = min(rows, columns)
    var gram = Self.gram(of: matrix, isTall: isTall)
    var squares = [Double](repeating: 0, count: count)
    // A symmetric matrix reads the same by rows and by columns, and eigenvectors that lie column by column are the rows
    // of their transpose: no copy is needed.
    let status = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(count), &gram,
      Int32(count), &squares)
    guard status != LAPACK_WORK_MEMORY_ERROR else {
      throw LinearAlgebraError.outOfMemory(rows: rows, columns: columns)
    }
    precondition(status >= 0, "dsyevd rejected argument \(-status)")
    guard status == 0 else {
      throw LinearAlgebraError.decompositionDidNotConverge(rows: rows, columns: columns)
    }
    self.squares = squares.reversed()
    var vectors = Matrix(rows: count, columns: count)
    for component in 0..<count {
      let from = (count - 1 - component) * count
      for place in 0..<count {
        vectors.values[component * count + place] = Float(gram[from + place])
      }
    }
    left = isTall ? matrix.multiplied(byTransposeOf: vectors) : vectors.transposed
    right = isTall ? vectors : vectors.multiplied(by: matrix)
  }

  /// The best approximation of rank `rank`; nil where its smallest component is too small to be had this way.
  ///
  /// Factored where that takes fewer elements; otherwise the few components that are removed are taken off `matrix`,
  /// which is what was decomposed.
  ///
  /// - Precondition: `rank` is no more than the smaller side.
  package func truncated(_ matrix: Matrix, to rank: Int) -> Weight? {
    let least = Self.smallestRatio * Self.smallestRatio * squares[0]
    guard rank == 0 || (squares[rank - 1] > 0 && squares[rank - 1] >= least) else { return nil }
    guard rank * (matrix.rows + matrix.columns) < matrix.count else {
      return .dense(removing(rank..<squares.count, from: matrix))
    }
    var kept: [Float] = []
    kept.reserveCapacity(left.rows * rank)
    for row in 0..<left.rows {
      kept += left.values[row * left.columns..<row * left.columns + rank]
    }
    return .factored(
      LowRankFactors(
        left: Matrix(rows: left.rows, columns: rank, values: kept),
        right: Matrix(
          rows: rank, columns: right.columns,
          values: Array(right.values[..<(rank * right.columns)]))))
  }

  private func removing(_ components: Range<Int>, from matrix: Matrix) -> Matrix {
    var result = matrix
    // SAFETY: the factors have `squares.count` columns and rows, which the components are among.
    left.values.withUnsafeBufferPointer { left in
      right.values.withUnsafeBufferPointer { right in
        result.values.withUnsafeMutableBufferPointer { result in
          guard let left = left.baseAddress, let right = right.baseAddress else { return }
          BLAS.multiply(
            left + components.lowerBound, right + components.lowerBound * matrix.columns,
            into: result.baseAddress, rows: matrix.rows, columns: matrix.columns,
            inner: components.count, scale: -1, keep: 1, leftStride: squares.count)
        }
      }
    }
    return result
  }

  /// WᵀW for a tall matrix, WWᵀ for a wide one; the lower triangle by columns.
  private static func gram(of matrix: Matrix, isTall: Bool) -> [Double] {
    let count = min(matrix.rows, matrix.columns)
    let values = matrix.values.map(Double.init)
    var gram = [Double](repeating: 0, count: count * count)
    BLAS.prepare()
    cblas_dsyrk(
      CblasRowMajor, CblasLower, isTall ? CblasTrans : CblasNoTrans, blasint(count),
      blasint(max(matrix.rows, matrix.columns)), 1, values, blasint(matrix.columns), 0, &gram,
      blasint(count))
    return gram
  }
}
