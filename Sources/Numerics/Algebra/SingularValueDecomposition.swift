internal import CLAPACKE

/// The exact thin singular value decomposition W = U Σ Vᵀ of one matrix; it serves every rank.
///
/// Computed by LAPACK's divide and conquer (dgesdd) in double precision, so that small singular values
/// keep the digits that effective rank and bottom-component studies read.
public struct SingularValueDecomposition: Sendable {
  /// U, `[rows × count]`, orthonormal columns.
  public let left: Matrix
  /// The singular values, largest first.
  public let singularValues: [Double]
  /// Vᵀ, `[count × columns]`, orthonormal rows.
  public let rightTransposed: Matrix

  /// Decomposes `matrix`.
  ///
  /// - Throws: `LinearAlgebraError` for elements that are not finite, or without convergence.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public init(of matrix: Matrix) throws {
    try matrix.requireFinite()
    let rows = matrix.rows
    let columns = matrix.columns
    let count = min(rows, columns)
    guard count > 0 else {
      left = Matrix(rows: rows, columns: 0)
      singularValues = []
      rightTransposed = Matrix(rows: 0, columns: columns)
      return
    }
    var scratch = matrix.values.map(Double.init)
    var values = [Double](repeating: 0, count: count)
    var left = [Double](repeating: 0, count: rows * count)
    var right = [Double](repeating: 0, count: count * columns)
    BLAS.prepare()
    let status = LAPACKE_dgesdd(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(rows), Int32(columns),
      &scratch, Int32(columns), &values, &left, Int32(count), &right, Int32(columns))
    try LinearAlgebraError.check(status, of: "dgesdd", rows: rows, columns: columns)
    self.left = Matrix(rows: rows, columns: count, values: left.map(Float.init))
    singularValues = values
    rightTransposed = Matrix(rows: count, columns: columns, values: right.map(Float.init))
  }

  /// The singular values of `matrix` alone, largest first: several times faster than all of the decomposition.
  ///
  /// - Throws: `LinearAlgebraError` for elements that are not finite, or without convergence.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public static func singularValues(of matrix: Matrix) throws -> [Double] {
    try matrix.requireFinite()
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else { return [] }
    var scratch = matrix.values.map(Double.init)
    var values = [Double](repeating: 0, count: count)
    BLAS.prepare()
    // Neither side is asked for, so that nothing is written to where they would be.
    var nothing = [0.0]
    var nothingElse = [0.0]
    let status = LAPACKE_dgesdd(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "N")), Int32(matrix.rows), Int32(matrix.columns),
      &scratch, Int32(matrix.columns), &values, &nothing, Int32(matrix.rows), &nothingElse,
      Int32(matrix.columns))
    try LinearAlgebraError.check(status, of: "dgesdd", rows: matrix.rows, columns: matrix.columns)
    return values
  }

  /// The number of singular values, min(rows, columns).
  public var count: Int { singularValues.count }

  /// The best approximation of rank `rank` (Eckart–Young–Mirsky): the components with the largest singular values.
  ///
  /// - Precondition: `0 <= rank <= count`.
  public func truncated(to rank: Int) -> LowRankFactors {
    components(0..<rank)
  }

  /// Only the `rank` components with the smallest singular values.
  ///
  /// - Precondition: `0 <= rank <= count`.
  public func tail(ofRank rank: Int) -> LowRankFactors {
    components(count - rank..<count)
  }

  private func components(_ range: Range<Int>) -> LowRankFactors {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "components \(range) of a decomposition with \(count)")
    return components(Array(range))
  }

  /// Only the components of these numbers, counted from 0.
  ///
  /// - Precondition: There are such components.
  public func components(_ numbers: [Int]) -> LowRankFactors {
    precondition(
      numbers.allSatisfy { $0 >= 0 && $0 < count }, "components of a decomposition with \(count)")
    var scaled = Matrix(rows: left.rows, columns: numbers.count)
    for row in 0..<left.rows {
      for (column, component) in numbers.enumerated() {
        scaled[row, column] = Float(Double(left[row, component]) * singularValues[component])
      }
    }
    let columns = rightTransposed.columns
    let kept = numbers.flatMap {
      rightTransposed.values[$0 * columns..<($0 + 1) * columns]
    }
    return LowRankFactors(
      left: scaled, right: Matrix(rows: numbers.count, columns: columns, values: kept))
  }
}
