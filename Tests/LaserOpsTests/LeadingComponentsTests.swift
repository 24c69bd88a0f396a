import Foundation
import Testing

@testable import LaserOps
@testable import Numerics

@Suite struct LeadingComponentsTests {
  /// A matrix with the singular values that `value` gives to every component.
  private func matrix(rows: Int, columns: Int, _ value: (Int) -> Double) throws -> Matrix {
    var generator = SplitMix64(seed: 17)
    let random = try SingularValueDecomposition(
      of: .random(rows: rows, columns: columns, using: &generator))
    var scaled = random.left
    for row in 0..<rows {
      for component in 0..<random.count { scaled[row, component] *= Float(value(component)) }
    }
    return scaled.multiplied(by: random.rightTransposed)
  }

  /// Factors are rounded to floats and multiplied in floats: a few ε √k ‖A‖.
  private func rounding(of matrix: Matrix) -> Double {
    let side = Double(min(matrix.rows, matrix.columns))
    return 4 * side.squareRoot() * Double(Float.ulpOfOne) * matrix.norm
  }

  @Test(arguments: [(3, 4100), (4100, 3)])
  func `a long side is added up in pieces`(rows: Int, columns: Int) throws {
    let matrix = try matrix(rows: rows, columns: columns) { exp(-Double($0)) }
    let exact = try SingularValueDecomposition(of: matrix)
    let leading = try LeadingComponents(of: matrix)
    for rank in [1, 2] {
      let weight = try #require(leading.truncated(matrix, to: rank))
      let difference = (weight.matrix - exact.truncated(to: rank).product).norm
      #expect(difference <= rounding(of: matrix))
    }
  }

  @Test(arguments: [(260, 300), (300, 260), (256, 256)])
  func `leading components give the truncations of the exact decomposition`(
    rows: Int, columns: Int
  ) throws {
    // Neighbouring values lie two percent apart, so that each truncation is one matrix and not one of many.
    let matrix = try matrix(rows: rows, columns: columns) { exp(-0.02 * Double($0)) }
    let exact = try SingularValueDecomposition(of: matrix)
    let leading = try LeadingComponents(of: matrix)
    for rank in [0, 1, 5, 100, 255] {
      let weight = try #require(leading.truncated(matrix, to: rank))
      let difference = (weight.matrix - exact.truncated(to: rank).product).norm
      #expect(difference <= rounding(of: matrix))
    }
  }

  @Test func `the error of a reduced weight is the norm of the removed singular values`() throws {
    var generator = SplitMix64(seed: 19)
    let matrix = Matrix.random(rows: 400, columns: 256, using: &generator)
    let values = try SingularValueDecomposition(of: matrix).singularValues
    let reduction = MatrixReduction(of: matrix)
    for share in [0.01, 0.25, 0.9] {
      let fraction = try Fraction(share)
      let reduced = try reduction.weight(after: .rank(keeping: fraction)).matrix
      let removed = values[fraction.count(of: 256)...].reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs((reduced - matrix).norm - removed) <= rounding(of: matrix))
    }
  }

  @Test func `components too small for a Gram matrix come from the exact decomposition`() throws {
    // From 1 down to 1e-7: the Gram matrix has 1e-14 of its largest eigenvalue there.
    let matrix = try matrix(rows: 256, columns: 256) { exp(-16.1 * Double($0) / 255) }
    let leading = try LeadingComponents(of: matrix)
    #expect(leading.truncated(matrix, to: 100) != nil)
    #expect(leading.truncated(matrix, to: 200) == nil)
    let exact = try SingularValueDecomposition(of: matrix)
    let share = try Fraction(0.8)
    let reduced = try MatrixReduction(of: matrix).weight(after: .rank(keeping: share))
    #expect(reduced == Weight(exact.truncated(to: share.count(of: 256))))
  }

  @Test func `a zero matrix is reduced to itself`() throws {
    let zero = Matrix(rows: 256, columns: 256)
    let reduced = try MatrixReduction(of: zero).weight(after: .rank(keeping: Fraction(0.1)))
    #expect(reduced.matrix == zero)
  }

  @Test func `a matrix with an infinite element is refused with its place`() {
    var matrix = Matrix(rows: 2, columns: 3)
    matrix[1, 2] = .infinity
    #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 2)) {
      try LeadingComponents(of: matrix)
    }
  }
}
