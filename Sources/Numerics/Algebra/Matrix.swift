/// A row-major matrix of 32-bit floats that owns its values; copies share storage until one is written.
///
/// Element (row, column) is `values[row * columns + column]`. Linear weights are `[output × input]`.
public struct Matrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row by row; always `rows * columns` of them.
  ///
  /// - Complexity: O(1) to write an element that no copy shares. With `didSet` another module's write copied them all.
  public var values: [Float] {
    get { elements }
    _modify {
      defer { precondition(elements.count == rows * columns, "a matrix cannot change its size") }
      yield &elements
    }
  }
  private var elements: [Float]

  /// Wraps `values`, which are laid out row by row.
  ///
  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "\(values.count) values cannot fill a \(rows) × \(columns) matrix")
    self.rows = rows
    self.columns = columns
    elements = values
  }

  /// A matrix of equal elements, zero unless told otherwise.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  /// The element at `row`, `column`.
  public subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The number of elements.
  public var count: Int { values.count }

  /// The transpose, `[columns × rows]`.
  ///
  /// - Complexity: O(rows · columns).
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns {
        result.values[column * rows + row] = values[row * columns + column]
      }
    }
    return result
  }

  /// The Frobenius norm, accumulated in double precision.
  public var norm: Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// The element-wise sum of two matrices of the same shape.
  public static func + (left: Matrix, right: Matrix) -> Matrix {
    precondition(
      left.rows == right.rows && left.columns == right.columns,
      "shapes differ: \(left.rows) × \(left.columns) and \(right.rows) × \(right.columns)")
    return Matrix(
      rows: left.rows, columns: left.columns, values: zip(left.values, right.values).map { $0 + $1 }
    )
  }

  /// The element-wise difference of two matrices of the same shape.
  public static func - (left: Matrix, right: Matrix) -> Matrix {
    precondition(
      left.rows == right.rows && left.columns == right.columns,
      "shapes differ: \(left.rows) × \(left.columns) and \(right.rows) × \(right.columns)")
    return Matrix(
      rows: left.rows, columns: left.columns, values: zip(left.values, right.values).map { $0 - $1 }
    )
  }
}
