internal import Numerics
import LaserOps

extension Policy {
  /// What a site multiplies, and where the product goes; rows lie apart by their strides.
  struct Product {
    var input: UnsafePointer<Float>
    var inputStride: Int
    var output: UnsafeMutablePointer<Float>
    var outputStride: Int
    var rows: Int
    /// Added to the product: the stream that the layer adds to, or nil.
    var residual: UnsafePointer<Float>?
    var residualStride = 0
  }

  /// `output ← input · weightᵀ + bias (+ residual)`, with the matrix that is now at `site`.
  ///
  /// - Parameters:
  ///   - site: Which matrix.
  ///   - bias: Where the bias starts among the parameters.
  ///   - product: The operands.
  ///   - scratch: As many elements as the rows have inputs and outputs.
  func apply(
    _ site: WeightSite, bias: Int, _ product: Product, scratch: UnsafeMutablePointer<Float>
  ) {
    let place = place(of: site)
    guard let edit = edits[site] else {
      Linear.forward(
        input: product.input, inputStride: product.inputStride,
        weight: parameters.start + place.offset, weightStride: place.stride,
        bias: parameters.start + bias, residual: product.residual,
        residualStride: product.residualStride, output: product.output,
        outputStride: product.outputStride, rows: product.rows, inputs: place.inputs,
        outputs: place.outputs)
      return
    }
    for row in 0..<product.rows {
      let to = product.output + row * product.outputStride
      let start = parameters.start + bias
      if let residual = product.residual {
        let from = residual + row * product.residualStride
        for column in 0..<place.outputs { to[column] = from[column] + start[column] }
      } else {
        to.update(from: start, count: place.outputs)
      }
    }
    switch edit {
    case .dense, .mapped:
      add(product.input, stride: product.inputStride, times: edit.matrix, product)
    case .factored(let factors):
      guard factors.rank > 0 else { return }
      // SAFETY: the factors have exactly the sizes that their dimensions say.
      factors.right.values.withUnsafeBufferPointer { right in
        BLAS.multiply(
          product.input, right.baseAddress, into: scratch, rows: product.rows,
          columns: factors.rank, inner: factors.columns, transposingRight: true,
          leftStride: product.inputStride)
      }
      add(scratch, stride: factors.rank, times: factors.left, product)
    }
  }

  /// `output ← output + left · matrixᵀ`.
  private func add(
    _ left: UnsafePointer<Float>, stride: Int, times matrix: Matrix, _ product: Product
  ) {
    // SAFETY: the matrix has exactly the size that its dimensions say.
    matrix.values.withUnsafeBufferPointer { right in
      BLAS.multiply(
        left, right.baseAddress, into: product.output, rows: product.rows, columns: matrix.rows,
        inner: matrix.columns, transposingRight: true, keep: 1, leftStride: stride,
        resultStride: product.outputStride)
    }
  }
}
