import Numerics
import Testing

@Suite struct MatrixTests {
  /// What each write of an element from another module cost once: 512 tokens of Gemma took 40 seconds, pruning minutes.
  @Test func `an element is written where it is, without a copy of the others`() {
    var matrix = Matrix(rows: 3, columns: 50)
    let before = matrix.values.withUnsafeBufferPointer { $0.baseAddress }
    matrix.values[7] += 2
    matrix[2, 49] = 1
    #expect(matrix.values.withUnsafeBufferPointer { $0.baseAddress } == before)
    let copy = matrix
    matrix.values[7] = 3
    #expect(copy.values[7] == 2 && matrix.values[7] == 3)
  }

  @Test func `a product equals the sum over the inner dimension`() {
    let left = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    let right = Matrix(rows: 3, columns: 2, values: [7, 8, 9, 10, 11, 12])
    #expect(left.multiplied(by: right).values == [58, 64, 139, 154])
    #expect(left.multiplied(byTransposeOf: right.transposed).values == [58, 64, 139, 154])
  }
}
