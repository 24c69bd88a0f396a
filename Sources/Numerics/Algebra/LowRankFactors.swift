/// A matrix of low rank kept as a product, `left · right`.
///
/// It is smaller and faster than the dense product when r · (m + n) < m · n.
public struct LowRankFactors: Equatable, Sendable {
  /// The left factor, `[rows × rank]`; one of the two has the singular values multiplied in.
  public let left: Matrix
  /// The right factor, `[rank × columns]`.
  public let right: Matrix

  /// - Precondition: `left.columns == right.rows`.
  public init(left: Matrix, right: Matrix) {
    precondition(
      left.columns == right.rows, "ranks differ: \(left.columns) and \(right.rows)")
    self.left = left
    self.right = right
  }

  /// The number of components.
  public var rank: Int { left.columns }
  /// The rows of the product.
  public var rows: Int { left.rows }
  /// The columns of the product.
  public var columns: Int { right.columns }
  /// Whether the factors have fewer elements than their product.
  public var isSmallerThanDense: Bool { rank * (rows + columns) < rows * columns }
  /// The product, `[rows × columns]`.
  ///
  /// - Complexity: O(rows · columns · rank).
  public var product: Matrix { left.multiplied(by: right) }
}
