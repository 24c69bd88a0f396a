import Testing

@testable import Numerics

@Suite struct ProjectionTests {
  /// More rows than a part of a weight has, more tokens than are taken at once.
  @Test func `a token's outputs do not depend on the other tokens or on the threads`() {
    var generator = SplitMix64(seed: 3)
    let weight = Weight.dense(.random(rows: 301, columns: 37, using: &generator))
    let bias = Matrix.random(rows: 1, columns: 301, using: &generator).values
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

  /// Parts that begin above the first row, and that are no whole number of what is decoded at once; few tokens, for which
  /// other numbers of rows are, and more than are taken at once.
  @Test(
    arguments: ElementType.allCases.filter(\.isWeight),
    [MappedMatrix.RowOrder.stored, .interleavedHalves(headWidth: 10)])
  func `a weight that stays in its file gives what its decoded copy gives, to the last bit`(
    type: ElementType, order: MappedMatrix.RowOrder
  ) throws {
    let mapped = try mapped(rows: 310, columns: 256, type: type, order: order)
    let decoded = Weight.dense(mapped.matrix())
    var generator = SplitMix64(seed: 7)
    let tokens = Matrix.random(rows: 513, columns: 256, using: &generator)
    for count in [1, 5, 64, 65, 513] {
      let tokens = tokens.gathering(Array(0..<count))
      let expected = outputs(of: tokens, decoded, nil, threads: 1)
      for threads in [1, 3] {
        #expect(outputs(of: tokens, .mapped(mapped), nil, threads: threads) == expected)
      }
    }
  }

  @Test func `finished outputs have their bias, mapped and factored layers too`() throws {
    var generator = SplitMix64(seed: 8)
    let mapped = try mapped(rows: 300, columns: 256, type: .q80, order: .stored)
    let factors = LowRankFactors(
      left: .random(rows: 300, columns: 3, using: &generator),
      right: .random(rows: 3, columns: 256, using: &generator))
    let bias = Matrix.random(rows: 1, columns: 300, using: &generator).values
    let layers = [Weight.mapped(mapped), .factored(factors)].map { Projection($0, bias: bias) }
    let input = Activations(.random(rows: 9, columns: 256, using: &generator))
    let results = layers.map { _ in Activations(rows: 9, columns: 300) }
    let seen = layers.map { _ in Activations(rows: 9, columns: 300) }
    Projection.apply(Array(zip(layers, results)), to: input, using: Workers(count: 2)) {
      for token in $0 {
        for column in $1 {
          for index in 0..<2 { seen[index].row(token)[column] = results[index].row(token)[column] }
        }
      }
    }
    for (layer, seen) in zip(layers, seen) {
      let expected = Activations(rows: 9, columns: 300)
      layer.apply(to: input, into: expected, using: Workers(count: 1))
      #expect(seen.matrix == expected.matrix)
    }
  }

  @Test(arguments: [1, 2, 5])
  func `the greatest output is that of the outputs that are written`(threads: Int) throws {
    var generator = SplitMix64(seed: 9)
    let mapped = try mapped(rows: 1000, columns: 256, type: .q80, order: .stored)
    let bias = Matrix.random(rows: 1, columns: 1000, using: &generator).values
    let tokens = Matrix.random(rows: 600, columns: 256, using: &generator)
    let outputs = outputs(of: tokens, .mapped(mapped), bias, threads: 1)
    let expected = (0..<600).map { token in
      (0..<1000).max { outputs[token, $0] < outputs[token, $1] }
    }
    let greatest = Projection(.mapped(mapped), bias: bias).greatest(
      of: Activations(tokens), using: Workers(count: threads))
    #expect(greatest == expected)
  }

  @Test func `of equal outputs in several parts the first is the greatest`() {
    var bias = [Float](repeating: 1, count: 1000)
    for index in [250, 310, 999] { bias[index] = 2 }
    let head = Projection(.dense(Matrix(rows: 1000, columns: 3)), bias: bias)
    #expect(
      head.greatest(of: Activations(rows: 2, columns: 3), using: Workers(count: 2)) == [250, 250])
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func `an output that is no finite number is no greatest one, whatever comes after it`(
    value: Float
  ) {
    var bias = [Float](repeating: 1, count: 1000)
    bias[20] = value
    let head = Projection(.dense(Matrix(rows: 1000, columns: 3)), bias: bias)
    #expect(
      head.greatest(of: Activations(rows: 2, columns: 3), using: Workers(count: 2)) == [nil, nil])
  }

  /// A weight of bytes by chance, without scales that are infinite or NaN.
  private func mapped(
    rows: Int, columns: Int, type: ElementType, order: MappedMatrix.RowOrder
  ) throws -> MappedMatrix {
    var generator = SplitMix64(seed: 6)
    let count = rows * columns / type.blockLength * type.blockBytes
    // Small bytes make no exponent of ones, in whichever place of a number they stand.
    let bytes = (0..<count).map { _ in UInt8.random(in: 0..<0x40, using: &generator) }
    return MappedMatrix(
      rows: rows, columns: columns, type: type, rowOrder: order,
      file: try MappedFile(bytes, path: "weights"), offset: 0)
  }

  private func outputs(
    of tokens: Matrix, _ weight: Weight, _ bias: [Float]?, threads: Int
  ) -> Matrix {
    let output = Activations(rows: tokens.rows, columns: weight.rows)
    Projection(weight, bias: bias).apply(
      to: Activations(tokens), into: output, using: Workers(count: threads))
    return output.matrix
  }
}
