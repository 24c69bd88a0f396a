import Foundation
import Testing

@testable import Numerics

/// A part of a tensor is what slicing the whole tensor gives.
@Suite struct TensorPartTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tensor(_ matrix: Matrix, shape: [Int]) throws -> StoredTensor {
    let url = folder["part.safetensors"]
    try SafetensorsFile.write(
      [SafetensorsEntry("t", shape: shape, values: matrix.values)], to: url)
    return try SafetensorsFile(url).tensor("t")
  }

  /// Sides that are whole squares of sixteen, and that are not.
  @Test(arguments: [(48, 32), (50, 37), (7, 66), (1, 5)])
  func `columns turned round are the transpose`(_ size: (rows: Int, columns: Int)) throws {
    var generator = SplitMix64(seed: 5)
    let matrix = Matrix.random(rows: size.rows, columns: size.columns, using: &generator)
    let tensor = try tensor(matrix, shape: [size.rows, size.columns])
    let range = size.columns / 3..<size.columns
    let part = try tensor.mapped(.columns(range), of: [size.rows, size.columns])
    #expect(part.rows == range.count && part.columns == size.rows)
    let turned = part.matrix()
    for row in 0..<part.rows {
      for column in 0..<part.columns {
        #expect(turned[row, column] == matrix[column, range.lowerBound + row])
      }
    }
    // A few rows at a time give the same.
    let one = Weight.mapped(part).gathering([part.rows - 1, 0])
    #expect(one == turned.gathering([part.rows - 1, 0]))
  }

  @Test(arguments: [
    TensorPart.whole, .rows(3..<9), .groups(2..<4, height: 6), .groups(0..<6, height: 6),
  ])
  func `rows and groups of rows are those of the tensor`(part: TensorPart) throws {
    var generator = SplitMix64(seed: 6)
    let matrix = Matrix.random(rows: 18, columns: 5, using: &generator)
    // A stack of three is its rows one after another.
    let tensor = try tensor(matrix, shape: [3, 6, 5])
    let mapped = try tensor.mapped(part, of: [3, 6, 5])
    let rows: [Int] =
      switch part {
      case .rows(let range): Array(range)
      case .groups(let range, let height):
        (0..<18 / height).flatMap { group in range.map { group * height + $0 } }
      case .whole, .columns: Array(0..<18)
      }
    #expect(mapped.matrix() == matrix.gathering(rows))
    #expect((0..<mapped.rows).map(part.storedRow(of:)) == rows)
  }

  @Test func `a layer of turned weights gives what the dense one gives`() throws {
    var generator = SplitMix64(seed: 7)
    let matrix = Matrix.random(rows: 40, columns: 90, using: &generator)
    let tensor = try tensor(matrix, shape: [40, 90])
    let part = try tensor.mapped(.columns(20..<90), of: [40, 90])
    for tokens in [1, 3, 70] {
      let input = Activations(Matrix.random(rows: tokens, columns: 40, using: &generator))
      let outputs = [Weight.mapped(part), .dense(part.matrix())].map { weight in
        let output = Activations(rows: tokens, columns: 70)
        Projection(weight).apply(to: input, into: output, using: Workers(count: 2))
        return output.matrix
      }
      #expect(outputs[0] == outputs[1])
    }
  }

  @Test func `a tensor of another shape is refused`() throws {
    let tensor = try tensor(Matrix(rows: 4, columns: 6), shape: [4, 6])
    #expect(throws: StorageError.self) { try tensor.mapped(.columns(0..<4), of: [6, 4]) }
  }
}
