internal import Foundation

/// The law of Marchenko and Pastur (1967): where the singular values of a matrix of independent noise end.
///
/// The squared singular values of an m × n matrix of independent entries of variance s², divided by s² · max(m, n),
/// lie in [(1 − √β)², (1 + √β)²] with β = min(m, n) / max(m, n). What sticks out above is not noise, so the law
/// gives a rank without a grid. The noise is estimated from the median singular value, which a few large components
/// do not move (Gavish and Donoho, arXiv:1305.5870, §III.D, whose threshold for this noise lies higher: they
/// minimise the error of a denoised matrix, this is the edge of the noise itself).
package struct MarchenkoPastur: Equatable, Sendable {
  /// β, the shorter side divided by the longer, in (0, 1].
  package let aspect: Double
  private let longerSide: Int

  /// The law for matrices of a shape.
  ///
  /// - Precondition: `rows` and `columns` are positive.
  package init(rows: Int, columns: Int) {
    precondition(rows > 0 && columns > 0, "no law for a matrix of \(rows) × \(columns)")
    aspect = Double(min(rows, columns)) / Double(max(rows, columns))
    longerSide = max(rows, columns)
  }

  /// The largest singular value of noise whose entries have variance 1 / max(m, n).
  package var edge: Double { 1 + aspect.squareRoot() }

  /// The median singular value of the same noise.
  package var median: Double {
    // With squared singular value 1 + β + 2√β · cos θ the density in θ is smooth, also where it touches zero.
    let center = 1 + aspect
    let radius = 2 * aspect.squareRoot()
    let steps = 1 << 14
    let width = Double.pi / Double(steps)
    var mass = 0.0
    for step in 0..<steps {
      let angle = (Double(step) + 0.5) * width
      let height = radius * radius * sin(angle) * sin(angle)
      let added = width * height / (2 * .pi * aspect * (center + radius * cos(angle)))
      if mass + added >= 0.5 {
        let crossing = (Double(step) + (0.5 - mass) / added) * width
        return (center + radius * cos(crossing)).squareRoot()
      }
      mass += added
    }
    return 1 - aspect.squareRoot()
  }

  /// The singular value above which a component is not noise.
  ///
  /// At least the rounding of 32-bit arithmetic, σ₁ · max(m, n) · 2⁻²³, as of numpy's `matrix_rank`: the small singular
  /// values of a matrix without full rank are rounding, whose median says nothing of noise.
  ///
  /// - Parameter singularValues: All singular values of the matrix, largest first.
  /// - Returns: The threshold; 0 for a matrix without any.
  package func threshold(of singularValues: [Double]) -> Double {
    guard let largest = singularValues.first else { return 0 }
    let rounding = largest * Double(longerSide) * Double(Float.ulpOfOne)
    let upper = singularValues[(singularValues.count - 1) / 2]
    let lower = singularValues[singularValues.count / 2]
    return max((upper + lower) / 2 / median * edge, rounding)
  }
}
