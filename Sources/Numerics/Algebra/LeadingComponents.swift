/// The components of a matrix with large singular values, several times cheaper than the full decomposition.
///
/// The best approximation of rank r needs one side only: W_r = W V_r V_rᵀ. V, or U where that side is smaller, comes from
/// ``GramDecomposition``. For 4096 × 1024 that takes a quarter of the time of dgesdd, and every rank is then a slice of two
/// matrices.
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
    let gram = try GramDecomposition(of: matrix)
    squares = gram.squares
    let vectors = gram.vectors
    let isTall = gram.side == .inputs
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
}
