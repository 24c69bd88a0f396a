import Numerics
import LaserOps
import Testing

@Suite struct ReductionTests {
  @Test(arguments: [(1, 1), (3, 5), (64, 48), (128, 512)])
  func `truncating at full rank rebuilds the matrix`(rows: Int, columns: Int) throws {
    var generator = SplitMix64(seed: 7)
    let matrix = Matrix.random(rows: rows, columns: columns, using: &generator)
    let decomposition = try SingularValueDecomposition(of: matrix)
    let rebuilt = decomposition.truncated(to: min(rows, columns)).product
    // The factors are rounded to floats once and multiplied in floats: a few ε √k ‖A‖.
    let bound = 4 * Double(min(rows, columns)).squareRoot() * Double(Float.ulpOfOne) * matrix.norm
    #expect((rebuilt - matrix).norm <= bound)
  }

  @Test func `the error of a truncation is the norm of the removed singular values`() throws {
    var generator = SplitMix64(seed: 11)
    let matrix = Matrix.random(rows: 40, columns: 60, using: &generator)
    let decomposition = try SingularValueDecomposition(of: matrix)
    for rank in [0, 1, 7, 39] {
      let removed = decomposition.singularValues[rank...].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let error = (decomposition.truncated(to: rank).product - matrix).norm
      #expect(abs(error - removed) <= 1e-4 * removed)
    }
  }

  @Test func `head and tail of a matrix add up to it`() throws {
    var generator = SplitMix64(seed: 3)
    let matrix = Matrix.random(rows: 12, columns: 9, using: &generator)
    let decomposition = try SingularValueDecomposition(of: matrix)
    let head = decomposition.truncated(to: 4).product
    let tail = decomposition.tail(ofRank: 5).product
    #expect((matrix - head - tail).norm <= 9 * 8 * Double(Float.ulpOfOne) * matrix.norm)
  }

  @Test func `a factored weight has fewer elements than the dense one and the same product`() throws
  {
    var generator = SplitMix64(seed: 5)
    let matrix = Matrix.random(rows: 30, columns: 50, using: &generator)
    let reduction = MatrixReduction(of: matrix)
    let small = try reduction.weight(after: .rank(keeping: Fraction(0.1)))
    guard case .factored(let factors) = small else {
      Issue.record("rank 3 of 30 × 50 is smaller as factors")
      return
    }
    #expect(factors.rank == 3)
    #expect(small.elementCount == 3 * 80)
    let large = try reduction.weight(after: .rank(keeping: Fraction(0.9)))
    guard case .dense = large else {
      Issue.record("rank 27 of 30 × 50 is larger as factors")
      return
    }
  }

  @Test func `rank zero and zeroing give the zero matrix, full rank the very same one`() throws {
    var generator = SplitMix64(seed: 5)
    let matrix = Matrix.random(rows: 6, columns: 4, using: &generator)
    let reduction = MatrixReduction(of: matrix)
    let zero = Matrix(rows: 6, columns: 4)
    #expect(try reduction.weight(after: .rank(keeping: Fraction(0))).matrix == zero)
    #expect(try reduction.weight(after: .zero).matrix == zero)
    #expect(try reduction.weight(after: .rank(keeping: Fraction(1))) == .dense(matrix))
    #expect(try reduction.weight(after: .tail(keeping: Fraction(1))) == .dense(matrix))
  }

  @Test func `rank and tail of zero leave nothing, and refuse what has no decomposition`() throws {
    var generator = SplitMix64(seed: 5)
    var matrix = Matrix.random(rows: 6, columns: 7, using: &generator)
    let methods = [
      Intervention.Method.rank(keeping: try Fraction(0)), .tail(keeping: try Fraction(0)),
    ]
    let zero = try MatrixReduction(of: matrix).weight(after: .zero)
    for method in methods {
      #expect(try MatrixReduction(of: matrix).weight(after: method) == zero)
    }
    matrix[3, 5] = .infinity
    for method in methods {
      #expect(throws: LinearAlgebraError.notFinite(row: 3, column: 5)) {
        try MatrixReduction(of: matrix).weight(after: method)
      }
    }
  }

  @Test func `pruning removes the smallest magnitudes, the first of equals first`() throws {
    let matrix = Matrix(rows: 2, columns: 4, values: [3, -1, 2, -2, 1, 5, 0.5, -4])
    let reduction = MatrixReduction(of: matrix)
    // ⌊0.5 · 8⌋ = 4 elements: 0.5, both ones, and the first of the two of magnitude 2.
    let pruned = try reduction.weight(after: .prune(removing: Fraction(0.5))).matrix
    #expect(pruned.values == [3, 0, 0, -2, 0, 5, 0, -4])
    #expect(try reduction.weight(after: .prune(removing: Fraction(0))).matrix == matrix)
    #expect(
      try reduction.weight(after: .prune(removing: Fraction(1))).matrix
        == Matrix(rows: 2, columns: 4))
  }

  @Test func `the effective rank is the number of equal singular values`() throws {
    var identity = Matrix(rows: 5, columns: 8)
    for index in 0..<3 { identity[index, index] = 2 }
    let decomposition = try SingularValueDecomposition(of: identity)
    #expect(abs(decomposition.effectiveRank - 3) < 1e-9)
    let zero = try SingularValueDecomposition(of: Matrix(rows: 2, columns: 2))
    #expect(zero.effectiveRank == 0)
  }

  @Test func `the effective rank of known singular values is exp of their entropy`() throws {
    // σ = 3, 1: p = 3/4, 1/4; entropy = 0.562335 nats; exp = 1.754765.
    let matrix = Matrix(rows: 2, columns: 2, values: [0, 3, -1, 0])
    #expect(abs(try SingularValueDecomposition(of: matrix).effectiveRank - 1.754765) < 1e-6)
  }

  @Test func `a matrix with a NaN is refused with its place`() {
    let matrix = Matrix(rows: 2, columns: 3, values: [0, 0, 0, 0, .nan, 0])
    #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 1)) {
      try SingularValueDecomposition(of: matrix)
    }
  }
}
