/// Why a set of levels cannot be played together.
package enum EnvironmentError: Error, Equatable, Sendable {
  /// A batch holds rooms of one size, that of its first level.
  case sizesDiffer(index: Int, rows: Int, columns: Int, expectedRows: Int, expectedColumns: Int)
}

extension EnvironmentError: CustomStringConvertible {
  /// Which level differs, and how.
  package var description: String {
    switch self {
    case .sizesDiffer(let index, let rows, let columns, let expectedRows, let expectedColumns):
      "level \(index) has \(rows) × \(columns) cells, expected \(expectedRows) × \(expectedColumns) like the first; play levels of one size together"
    }
  }
}
