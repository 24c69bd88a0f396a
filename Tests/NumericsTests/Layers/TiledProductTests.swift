import Testing

@testable import Numerics

@Suite struct TiledProductTests {
  /// Rows of five, of eight and left over; columns of one and of several registers; inner dimensions with a rest of four.
  @Test(arguments: [1, 4, 5, 8, 13, 16], [16, 32, 48])
  func `every kernel equals the specification`(rows: Int, columns: Int) {
    for inner in [1, 3, 4, 9] {
      check(
        TiledProduct.Shape(
          rows: rows, columns: columns, inner: inner, leftRow: inner + 2, right: columns + 16,
          result: columns + 5))
    }
  }

  @Test func `a transposed left operand is read where it lies`() {
    check(
      TiledProduct.Shape(
        rows: 11, columns: 48, inner: 6, leftRow: 1, leftInner: 11, right: 48, result: 48))
  }

  @Test func `the pieces of a convolution's patches are added`() {
    check(
      TiledProduct.Shape(
        rows: 9, columns: 32, inner: 6, leftRow: 2, right: 32, result: 32, segments: 3,
        leftSegment: 20, rightSegment: 6 * 32))
  }

  private func check(_ shape: TiledProduct.Shape) {
    let leftCount =
      (shape.rows - 1) * shape.leftRow + (shape.inner - 1) * shape.leftInner
      + (shape.segments - 1) * shape.leftSegment + 1
    let rightCount =
      (shape.inner - 1) * shape.right + (shape.segments - 1) * shape.rightSegment + shape.columns
    let left = CentralDifferences.numbers(leftCount, seed: 1)
    let right = CentralDifferences.numbers(rightCount, seed: 2)
    let before = CentralDifferences.numbers(shape.rows * shape.result, seed: 3)
    let product = TiledProduct.plain(left, right, shape: shape)
    let bound =
      Double(shape.inner * shape.segments + 2) * Double(Float.ulpOfOne)
      * Double(shape.inner * shape.segments) * 20
    for isAccumulating in [false, true] {
      for isInEights in [false, true] {
        let (from, with, to) = (FloatBuffer(left), FloatBuffer(right), FloatBuffer(before))
        let narrow = FloatBuffer(before)
        defer { withExtendedLifetime((from, with, to, narrow)) {} }
        if isInEights {
          for (result, isWide) in [(to, true), (narrow, false)] {
            TiledProduct.multiplyEights(
              from.start, with.start, into: result.start, shape: shape,
              accumulating: isAccumulating, inWideTiles: isWide)
          }
        } else {
          for (result, isWide) in [(to, true), (narrow, false)] {
            TiledProduct.multiply(
              from.start, with.start, into: result.start, shape: shape,
              accumulating: isAccumulating, inWideTiles: isWide)
          }
        }
        for row in 0..<shape.rows {
          for column in 0..<shape.result {
            let place = row * shape.result + column
            let isResult = column < shape.columns
            // What lies between the rows of the result is left alone.
            let expected =
              (isResult && !isAccumulating ? 0 : before[place])
              + (isResult ? product[row * shape.columns + column] : 0)
            #expect(abs(Double(to.start[place]) - expected) <= (isResult ? bound : 0))
            #expect(narrow.start[place] == to.start[place])
          }
        }
      }
    }
  }
}
