import Numerics
import LaserOps
import Testing

@testable import DecisionTransformer

@Suite struct MuonTests {
  @Test(arguments: [(24, 8), (8, 24), (16, 16)])
  func `orthogonalising brings the singular values near one and keeps the singular vectors`(
    rows: Int, columns: Int
  ) throws {
    var generator = SplitMix64(seed: 3)
    let values = (0..<rows * columns).map { _ in Float(generator.nextGaussian()) }
    let matrix = Matrix(rows: rows, columns: columns, values: values)
    let buffer = FloatBuffer(values)
    Muon.orthogonalize(
      buffer.start, rows: rows, columns: columns,
      scratch: Muon.Scratch(rows: rows, columns: columns))
    let result = Matrix(rows: rows, columns: columns, values: buffer.values)
    // Jordan's coefficients trade exactness for speed: they leave about 0.7 to 1.2 of all that were above about 0.003.
    for value in try SingularValueDecomposition(of: result).singularValues {
      #expect((0.65...1.25).contains(value), "\(value)")
    }
    // The same singular vectors: matrixᵀ · result is symmetric.
    let product = matrix.transposed.multiplied(by: result)
    let difference = (0..<columns * columns).reduce(0 as Float) { largest, place in
      let (row, column) = place.quotientAndRemainder(dividingBy: columns)
      return max(largest, abs(product[row, column] - product[column, row]))
    }
    #expect(difference <= 64 * .ulpOfOne * Float(rows * columns))
  }

  @Test func `hidden matrices are moved, and nothing else`() {
    let layout = ParameterLayout(SmallRooms.configuration)
    let parameters = layout.initialized(seed: 1)
    let before = parameters.values
    let gradient = FloatBuffer(count: layout.count)
    for index in 0..<layout.count { gradient.start[index] = before[index] + 0.01 }
    var options = TrainingOptions()
    options.weightDecay = 0
    options.muonMomentumDecay = 0.9
    Muon(layout).update(
      parameters, gradient: gradient, clip: 1, moment: FloatBuffer(count: layout.count),
      decay: 0.9, step: 0, options: options, workers: Workers(count: 2))
    for tensor in layout.tensors {
      let moved = (0..<tensor.count).count {
        parameters.start[tensor.offset + $0] != before[tensor.offset + $0]
      }
      // A direction's element may be too small to change a weight.
      let isMoved = Double(moved) > 0.99 * Double(tensor.count)
      #expect(tensor.hiddenMatrices > 0 ? isMoved : moved == 0, "\(tensor.name): \(moved)")
    }
  }
}
