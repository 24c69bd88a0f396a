public import Numerics
internal import Synchronization

/// One matrix and all that can be made of it.
///
/// Three things are made at most once, each when it is first needed: the leading components, which serve the ranks of
/// large matrices; the exact decomposition, which serves the spectrum, tails, small matrices and ranks that reach components
/// too small for the former; a sorting, which serves every pruned fraction.
public final class MatrixReduction: Sendable {
  /// The matrix before any reduction.
  public let matrix: Matrix
  private let cachedDecomposition = Mutex<SingularValueDecomposition?>(nil)
  private let cachedComponents = Mutex<LeadingComponents?>(nil)
  private let cachedPruning = Mutex<MagnitudePruning?>(nil)

  /// Prepares reductions of `matrix`; nothing is computed yet.
  public init(of matrix: Matrix) {
    self.matrix = matrix
  }

  /// The exact decomposition, computed once.
  ///
  /// - Throws: `LinearAlgebraError`.
  public func decomposition() throws -> SingularValueDecomposition {
    try cachedDecomposition.withLock { cached in
      if let cached { return cached }
      let fresh = try SingularValueDecomposition(of: matrix)
      cached = fresh
      return fresh
    }
  }

  /// The smaller side from which approximations come from the leading components alone; below it the exact
  /// decomposition takes a few milliseconds.
  private static let largeSide = 256

  /// The best approximation of rank `rank`.
  private func truncated(to rank: Int) throws -> Weight {
    guard min(matrix.rows, matrix.columns) >= Self.largeSide,
      let weight = try components().truncated(matrix, to: rank)
    else { return Weight(try decomposition().truncated(to: rank)) }
    return weight
  }

  /// The zero matrix of the same shape, as factors of no rank.
  private var zero: Weight {
    .factored(
      LowRankFactors(
        left: Matrix(rows: matrix.rows, columns: 0),
        right: Matrix(rows: 0, columns: matrix.columns)))
  }

  /// What rank zero leaves. No decomposition is needed to know, but a matrix that has none is refused like at every rank.
  private func nothingLeft() throws -> Weight {
    try matrix.requireFinite()
    return zero
  }

  private func components() throws -> LeadingComponents {
    try cachedComponents.withLock { cached in
      if let cached { return cached }
      let fresh = try LeadingComponents(of: matrix)
      cached = fresh
      return fresh
    }
  }

  private func pruning() throws -> MagnitudePruning {
    try cachedPruning.withLock { cached in
      if let cached { return cached }
      let fresh = try MagnitudePruning(of: matrix)
      cached = fresh
      return fresh
    }
  }

  /// The matrix after `method`.
  ///
  /// - Throws: `LinearAlgebraError` for a matrix that cannot be decomposed.
  public func weight(after method: Intervention.Method) throws -> Weight {
    let fullRank = min(matrix.rows, matrix.columns)
    switch method {
    case .rank(let share):
      let rank = share.count(of: fullRank)
      // Nothing is removed at full rank, so nothing is rounded either.
      guard rank < fullRank else { return .dense(matrix) }
      return rank == 0 ? try nothingLeft() : try truncated(to: rank)
    case .tail(let share):
      let rank = share.count(of: fullRank)
      guard rank < fullRank else { return .dense(matrix) }
      return rank == 0
        ? try nothingLeft() : Weight(try decomposition().tail(ofRank: rank))
    case .prune(let share):
      return .dense(try pruning().removing(share.count(of: matrix.count)))
    case .keep(let mask):
      guard mask.isKept.count == fullRank else {
        throw InterventionError.maskLength(expected: fullRank, found: mask.isKept.count)
      }
      let fingerprint = ComponentMask.fingerprint(of: matrix)
      guard mask.matrix == fingerprint else {
        throw InterventionError.otherMatrix(expected: mask.matrix, found: fingerprint)
      }
      guard mask.removedCount > 0 else { return .dense(matrix) }
      return Weight(try decomposition().components(mask.kept))
    case .zero:
      return zero
    }
  }
}
