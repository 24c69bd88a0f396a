import Testing

@testable import LaserOps

@Suite struct RowProductsTests {
  /// Columns below, at and above sixteen lanes, with and without a rest.
  @Test(arguments: [0, 1, 7, 15, 16, 17, 31, 48, 100])
  func `every element is the dot product of the specification, to the last bit`(inner: Int) {
    var generator = SplitMix64(seed: UInt64(inner))
    for (leftRows, rightRows) in [(1, 1), (1, 9), (3, 4), (4, 3), (7, 6), (9, 12)] {
      let left = Matrix.random(rows: leftRows, columns: inner, using: &generator)
      let right = Matrix.random(rows: rightRows, columns: inner, using: &generator)
      let before = Matrix.random(rows: leftRows, columns: rightRows + 2, using: &generator)
      for isAccumulating in [false, true] {
        let output = Activations(before)
        multiply(left, right, into: output, accumulating: isAccumulating)
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
    _ left: Matrix, _ right: Matrix, into output: Activations, accumulating: Bool
  ) {
    left.values.withUnsafeBufferPointer { leftValues in
      right.values.withUnsafeBufferPointer { rightValues in
        RowProducts.multiply(
          RowProducts.Operands(
            left: leftValues.baseAddress ?? UnsafePointer(output.start),
            right: rightValues.baseAddress, result: output.start, leftRows: left.rows,
            rightRows: right.rows, inner: left.columns, resultStride: output.columns),
          accumulating: accumulating)
      }
    }
  }
}

@Suite struct ProjectionTests {
  /// More rows than a piece of work has, more tokens than are taken at once.
  @Test func `a token's outputs do not depend on the other tokens or on the threads`() {
    var generator = SplitMix64(seed: 3)
    let weight = Weight.dense(.random(rows: 101, columns: 37, using: &generator))
    let bias = Matrix.random(rows: 1, columns: 101, using: &generator).values
    let tokens = Matrix.random(rows: 1030, columns: 37, using: &generator)
    let all = outputs(of: tokens, weight, bias, threads: 3)
    for rows in [[0], [511, 512, 1029], Array(90..<170)] {
      #expect(outputs(of: tokens.gathering(rows), weight, bias, threads: 1) == all.gathering(rows))
    }
  }

  /// One part of the weight, several, some that are no whole number of lines; as many threads as parts, and more.
  @Test(arguments: [16, 288, 289, 700], [1, 2, 5])
  func `what is done with finished outputs sees all of them, once`(outputs: Int, threads: Int) {
    var generator = SplitMix64(seed: 4)
    let input = Matrix.random(rows: 520, columns: 8, using: &generator)
    let layers = (0..<2).map { _ in
      Projection(.dense(.random(rows: outputs, columns: 8, using: &generator)))
    }
    let results = layers.map { _ in Activations(rows: 520, columns: outputs) }
    let product = Activations(rows: 520, columns: outputs)
    Projection.apply(
      Array(zip(layers, results)), to: Activations(input), using: Workers(count: threads)
    ) { tokens, columns in
      for token in tokens {
        for column in columns {
          let values = results.map { $0.row(token)[column] }
          product.row(token)[column] += values[0] * values[1]
        }
      }
    }
    let expected = layers.map { layer in
      let output = Activations(rows: 520, columns: outputs)
      layer.apply(to: Activations(input), into: output, using: Workers(count: 1))
      return output.matrix.values
    }
    #expect(results.map(\.matrix.values) == expected)
    #expect(product.matrix.values == zip(expected[0], expected[1]).map { $0 * $1 })
  }

  private func outputs(
    of tokens: Matrix, _ weight: Weight, _ bias: [Float], threads: Int
  ) -> Matrix {
    let output = Activations(rows: tokens.rows, columns: weight.rows)
    Projection(weight, bias: bias).apply(
      to: Activations(tokens), into: output, using: Workers(count: threads))
    return output.matrix
  }
}
