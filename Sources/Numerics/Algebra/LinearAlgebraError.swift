internal import CLAPACKE

/// What can go wrong in a decomposition of data from outside.
package enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// LAPACK gave up on a matrix of this shape.
  case decompositionDidNotConverge(rows: Int, columns: Int)
  /// LAPACK found no memory for a matrix of this shape.
  case outOfMemory(rows: Int, columns: Int)
  /// An element is infinite or not a number.
  case notFinite(row: Int, column: Int)

  package var description: String {
    switch self {
    case .decompositionDidNotConverge(let rows, let columns):
      "the singular value decomposition of a \(rows) × \(columns) matrix did not converge; "
        + "check the checkpoint for extreme values"
    case .outOfMemory(let rows, let columns):
      "there is not enough memory to decompose a \(rows) × \(columns) matrix; close other programs"
    case .notFinite(let row, let column):
      "the matrix has an element at row \(row), column \(column) that is not a finite number; "
        + "the checkpoint is damaged or its training diverged"
    }
  }
}

extension LinearAlgebraError {
  /// Reads what LAPACK returns.
  ///
  /// - Parameters:
  ///   - status: What it returned.
  ///   - routine: Its name.
  ///   - rows: Of the matrix.
  ///   - columns: Of the matrix.
  /// - Throws: ``outOfMemory(rows:columns:)``, ``decompositionDidNotConverge(rows:columns:)``.
  static func check(_ status: Int32, of routine: String, rows: Int, columns: Int) throws {
    guard status != LAPACK_WORK_MEMORY_ERROR, status != LAPACK_TRANSPOSE_MEMORY_ERROR else {
      throw outOfMemory(rows: rows, columns: columns)
    }
    precondition(status >= 0, "\(routine) rejected argument \(-status)")
    guard status == 0 else { throw decompositionDidNotConverge(rows: rows, columns: columns) }
  }
}

extension Matrix {
  /// Makes sure that every element is a number.
  ///
  /// - Throws: `LinearAlgebraError.notFinite` for the first element that is infinite or not a number.
  package func requireFinite() throws {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw LinearAlgebraError.notFinite(row: index / columns, column: index % columns)
    }
  }
}
