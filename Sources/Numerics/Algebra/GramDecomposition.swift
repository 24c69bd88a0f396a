internal import CLAPACKE
internal import COpenBLAS

/// The singular vectors on the smaller side of a matrix: the eigenvectors of its Gram matrix WᵀW (or WWᵀ, whichever is
/// smaller), made and taken apart in double precision.
///
/// An eigenvalue carries an error of about ε λ₁, and its vector one of ε λ₁ by the distance to the next: below 1e-8 σ₁ the
/// vectors are a basis of what is left and no more. Where singular values are equal, the vectors are others than those of
/// ``SingularValueDecomposition``.
package struct GramDecomposition: Sendable {
  /// The smaller side: what the matrix is multiplied with, or what comes out.
  package enum Side: Sendable {
    /// A matrix of no more columns than rows; the vectors are V's.
    case inputs
    /// A matrix of fewer rows than columns; the vectors are U's.
    case outputs
  }

  /// The smaller side.
  package let side: Side
  /// One vector a row, `[count × count]`, that of the largest singular value first.
  package let vectors: Matrix
  /// The squared singular values, largest first.
  package let squares: [Double]

  /// Decomposes the Gram matrix of `matrix`.
  ///
  /// - Throws: ``LinearAlgebraError`` for elements that are not finite, or without convergence.
  /// - Precondition: The matrix has elements.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  package init(of matrix: Matrix) throws {
    try matrix.requireFinite()
    let (rows, columns) = (matrix.rows, matrix.columns)
    side = rows >= columns ? .inputs : .outputs
    let count = min(rows, columns)
    var gram = Self.gram(of: matrix, side: side)
    var squares = [Double](repeating: 0, count: count)
    // A symmetric matrix reads the same by rows and by columns, and eigenvectors that lie column by column are the rows
    // of their transpose: no copy is needed.
    let status = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(count), &gram,
      Int32(count), &squares)
    try LinearAlgebraError.check(status, of: "dsyevd", rows: rows, columns: columns)
    self.squares = squares.reversed()
    var vectors = Matrix(rows: count, columns: count)
    for component in 0..<count {
      let from = (count - 1 - component) * count
      for place in 0..<count {
        vectors.values[component * count + place] = Float(gram[from + place])
      }
    }
    self.vectors = vectors
  }

  /// WᵀW or WWᵀ; the upper triangle by columns. The longer side is added up in pieces: of a matrix in doubles one piece is
  /// held.
  private static func gram(of matrix: Matrix, side: Side) -> [Double] {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let (count, length) = (min(rows, columns), max(rows, columns))
    let height = 2048
    var gram = [Double](repeating: 0, count: count * count)
    BLAS.prepare()
    for first in stride(from: 0, to: length, by: height) {
      let piece = first..<min(first + height, length)
      var values: [Double] = []
      values.reserveCapacity(count * piece.count)
      switch side {
      case .inputs:
        values += matrix.values[piece.lowerBound * columns..<piece.upperBound * columns]
          .lazy.map(Double.init)
      case .outputs:
        for row in 0..<rows {
          values += matrix.values[
            row * columns + piece.lowerBound..<row * columns + piece.upperBound
          ]
          .lazy.map(Double.init)
        }
      }
      cblas_dsyrk(
        CblasRowMajor, CblasLower, side == .inputs ? CblasTrans : CblasNoTrans, blasint(count),
        blasint(piece.count), 1, values, blasint(side == .inputs ? columns : piece.count), 1,
        &gram, blasint(count))
    }
    return gram
  }
}
