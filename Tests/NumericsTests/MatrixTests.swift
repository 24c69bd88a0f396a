import Numerics
import Testing

@Suite struct MatrixTests {
  @Test func `a product equals the sum over the inner dimension`() {
    let left = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    let right = Matrix(rows: 3, columns: 2, values: [7, 8, 9, 10, 11, 12])
    #expect(left.multiplied(by: right).values == [58, 64, 139, 154])
    #expect(left.multiplied(byTransposeOf: right.transposed).values == [58, 64, 139, 154])
  }
}
