import Testing

@testable import Numerics

@Suite struct RowProductsTests {
  /// Columns below, at and above sixteen lanes and what is summed at a time, with and without a rest; rows of all tiles.
  @Test(arguments: [0, 1, 7, 15, 16, 17, 31, 48, 100, 1040, 2069])
  func `every element is the dot product of the specification, to the last bit`(inner: Int) {
    var generator = SplitMix64(seed: UInt64(inner))
    for (leftRows, rightRows) in [
      (1, 1), (1, 9), (3, 4), (4, 3), (6, 5), (8, 2), (13, 12), (16, 30),
    ] {
      let left = Matrix.random(rows: leftRows, columns: inner, using: &generator)
      let right = Matrix.random(rows: rightRows, columns: inner, using: &generator)
      let before = Matrix.random(rows: leftRows, columns: rightRows + 2, using: &generator)
      for (isAccumulating, isWide) in [(false, false), (false, true), (true, false), (true, true)] {
        let output = Activations(before)
        multiply(left, right, into: output, accumulating: isAccumulating, inWideTiles: isWide)
        for row in 0..<leftRows {
          for column in 0..<rightRows {
            let product = RowProducts.plain(
              left.gathering([row]).values, right.gathering([column]).values)
            let expected = isAccumulating ? before[row, column] + product : product
            #expect(output.matrix[row, column] == expected)
          }
          // What lies between the rows of the result is left alone.
          #expect(output.matrix[row, rightRows + 1] == before[row, rightRows + 1])
        }
      }
    }
  }

  @Test func `more rows than fit into a core's cache give the same`() {
    var generator = SplitMix64(seed: 1)
    let left = Matrix.random(rows: 14, columns: 16_384 + 5, using: &generator)
    let right = Matrix.random(rows: 5, columns: left.columns, using: &generator)
    let output = Activations(rows: 14, columns: 7)
    multiply(left, right, into: output, accumulating: false)
    for row in [0, 7, 8, 13] {
      let expected = RowProducts.plain(left.gathering([row]).values, right.gathering([4]).values)
      #expect(output.matrix[row, 4] == expected)
    }
  }

  @Test func `more rows than are multiplied in one sweep give the same`() {
    var generator = SplitMix64(seed: 3)
    let left = Matrix.random(rows: 11, columns: 33, using: &generator)
    let right = Matrix.random(
      rows: 2 * RowProducts.sweep(of: 33) + 3, columns: 33, using: &generator)
    let output = Activations(rows: 11, columns: right.rows)
    multiply(left, right, into: output, accumulating: false)
    for row in 0..<11 {
      for column in 0..<right.rows {
        let expected = RowProducts.plain(
          left.gathering([row]).values, right.gathering([column]).values)
        #expect(output.matrix[row, column] == expected)
      }
    }
  }

  @Test func `rows may lie apart`() {
    var generator = SplitMix64(seed: 4)
    let left = Matrix.random(rows: 6, columns: 40, using: &generator)
    let right = Matrix.random(rows: 5, columns: 50, using: &generator)
    let output = Activations(rows: 6, columns: 5)
    left.values.withUnsafeBufferPointer { leftValues in
      right.values.withUnsafeBufferPointer { rightValues in
        RowProducts.multiply(
          RowProducts.Operands(
            left: leftValues.baseAddress ?? UnsafePointer(output.start),
            right: rightValues.baseAddress, result: output.start, leftRows: 6, rightRows: 5,
            inner: 20, leftStride: 40, rightStride: 50, resultStride: 5))
      }
    }
    for row in 0..<6 {
      for column in 0..<5 {
        let expected = RowProducts.plain(
          Array(left.gathering([row]).values.prefix(20)),
          Array(right.gathering([column]).values.prefix(20)))
        #expect(output.matrix[row, column] == expected)
      }
    }
  }

  @Test func `the order of the sum costs no accuracy`() {
    var generator = SplitMix64(seed: 2)
    let rows = Matrix.random(rows: 2, columns: 1000, using: &generator)
    let (left, right) = (rows.gathering([0]).values, rows.gathering([1]).values)
    let exact = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let size = zip(left, right).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
    // 63 products a lane and five additions of lanes.
    let bound = 68 * Double(Float.ulpOfOne) / 2 * size
    #expect(abs(Double(RowProducts.plain(left, right)) - exact) <= bound)
  }

  private func multiply(
    _ left: Matrix, _ right: Matrix, into output: Activations, accumulating: Bool,
    inWideTiles isWide: Bool = Vector.allowsWideTiles
  ) {
    left.values.withUnsafeBufferPointer { leftValues in
      right.values.withUnsafeBufferPointer { rightValues in
        RowProducts.multiply(
          RowProducts.Operands(
            left: leftValues.baseAddress ?? UnsafePointer(output.start),
            right: rightValues.baseAddress, result: output.start, leftRows: left.rows,
            rightRows: right.rows, inner: left.columns, leftStride: left.columns,
            rightStride: right.columns, resultStride: output.columns),
          accumulating: accumulating, inWideTiles: isWide)
      }
    }
  }
}
