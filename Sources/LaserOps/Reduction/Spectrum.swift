public import Numerics
internal import Foundation

/// The singular values of a matrix, and the ranks that can be read off them.
package struct Spectrum: Equatable, Sendable {
  /// The number of output features.
  package let rows: Int
  /// The number of input features.
  package let columns: Int
  /// All min(rows, columns) of them, largest first.
  package let singularValues: [Double]

  /// The spectrum of a matrix of this shape.
  package init(rows: Int, columns: Int, singularValues: [Double]) {
    self.rows = rows
    self.columns = columns
    self.singularValues = singularValues
  }

  /// The spectrum of `matrix`.
  ///
  /// - Throws: `LinearAlgebraError` for elements that are not finite, or without convergence.
  package init(of matrix: Matrix) throws {
    self.init(
      rows: matrix.rows, columns: matrix.columns,
      singularValues: try SingularValueDecomposition.singularValues(of: matrix))
  }

  /// The effective rank: the exponential of the entropy, in nats, of the singular values normalised to sum 1.
  ///
  /// Between 1 and min(rows, columns); 0 for the zero matrix (Roy and Vetterli 2007; the paper's Fig. 7).
  package var effectiveRank: Double {
    let total = singularValues.reduce(0, +)
    guard total > 0 else { return 0 }
    return exp(
      singularValues.reduce(0) { entropy, value in
        let share = value / total
        return share > 0 ? entropy - share * log(share) : entropy
      })
  }

  /// The number of components that stick out of the matrix' noise (``MarchenkoPastur``).
  package var rankAboveNoise: Int {
    guard !singularValues.isEmpty else { return 0 }
    let threshold = MarchenkoPastur(rows: rows, columns: columns).threshold(of: singularValues)
    return singularValues.count { $0 > threshold }
  }
}

extension SingularValueDecomposition {
  /// The singular values with the matrix' shape.
  package var spectrum: Spectrum {
    Spectrum(rows: left.rows, columns: rightTransposed.columns, singularValues: singularValues)
  }

  /// The effective rank of the matrix (`Spectrum.effectiveRank`).
  public var effectiveRank: Double { spectrum.effectiveRank }

  /// The number of components that stick out of the matrix' noise (`Spectrum.rankAboveNoise`).
  public var rankAboveNoise: Int { spectrum.rankAboveNoise }
}
