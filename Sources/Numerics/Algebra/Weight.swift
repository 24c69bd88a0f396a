/// A weight matrix in the form in which it is stored and multiplied.
public enum Weight: Equatable, Sendable {
  /// Every element in 32 bits.
  case dense(Matrix)
  /// Left in its file, in the file's own element type; decoded a few rows at a time when used.
  case mapped(MappedMatrix)
  /// A product of two factors, never multiplied out.
  case factored(LowRankFactors)

  /// Factored where that takes fewer elements, dense otherwise.
  public init(_ factors: LowRankFactors) {
    self = factors.isSmallerThanDense ? .factored(factors) : .dense(factors.product)
  }

  /// The number of output features.
  public var rows: Int {
    switch self {
    case .dense(let matrix): matrix.rows
    case .mapped(let matrix): matrix.rows
    case .factored(let factors): factors.rows
    }
  }

  /// The number of input features.
  public var columns: Int {
    switch self {
    case .dense(let matrix): matrix.columns
    case .mapped(let matrix): matrix.columns
    case .factored(let factors): factors.columns
    }
  }

  /// The number of stored elements.
  public var elementCount: Int {
    switch self {
    case .dense(let matrix): matrix.count
    case .mapped(let matrix): matrix.rows * matrix.columns
    case .factored(let factors): factors.left.count + factors.right.count
    }
  }

  /// The matrix itself, decoded where it is mapped, multiplied out where it is factored.
  public var matrix: Matrix {
    switch self {
    case .dense(let matrix): matrix
    case .mapped(let matrix): matrix.matrix()
    case .factored(let factors): factors.product
    }
  }
}
