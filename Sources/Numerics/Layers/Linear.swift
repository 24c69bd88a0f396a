// Dimension key — N: rows (tokens) · I: inputs · O: outputs.

/// A linear layer with weights `[I × O]`, the way GPT-2's checkpoints store them.
package enum Linear {
  /// `output ← input · weight + bias (+ residual)`.
  ///
  /// Shapes:
  /// - input: `[N × I]`, rows `inputStride` apart.
  /// - weight: `[I × O]`, rows `weightStride` apart.
  /// - bias: `[O]`, or nil for none.
  /// - residual: `[N × O]`, rows `residualStride` apart, or nil.
  /// - output: `[N × O]`, rows `outputStride` apart; must not overlap the residual unless it is the same.
  package static func forward(
    input: UnsafePointer<Float>, inputStride: Int? = nil,
    weight: UnsafePointer<Float>, weightStride: Int? = nil, bias: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>? = nil, residualStride: Int? = nil,
    output: UnsafeMutablePointer<Float>, outputStride: Int? = nil,
    rows: Int, inputs: Int, outputs: Int
  ) {
    // The product is added to what the output holds: one pass instead of a product and then a sum.
    let stride = outputStride ?? outputs
    for row in 0..<rows {
      let to = output + row &* stride
      if let residual {
        let from = residual + row &* (residualStride ?? outputs)
        if let bias {
          for column in 0..<outputs { to[column] = from[column] + bias[column] }
        } else {
          for column in 0..<outputs { to[column] = from[column] }
        }
      } else if let bias {
        to.update(from: bias, count: outputs)
      }
    }
    BLAS.multiply(
      input, weight, into: output, rows: rows, columns: outputs, inner: inputs,
      keep: residual == nil && bias == nil ? 0 : 1,
      leftStride: inputStride, rightStride: weightStride, resultStride: outputStride)
  }

  /// The backward of ``forward(input:inputStride:weight:weightStride:bias:residual:residualStride:output:outputStride:rows:inputs:outputs:)``.
  ///
  /// Shapes:
  /// - outputGradient: `[N × O]`; also the residual's gradient.
  /// - inputGradient: `[N × I]`; overwritten, or added to when `addingToInput`; nil when nobody asks.
  /// - weightGradient: `[I × O]`; added to.
  /// - biasGradient: `[O]`; added to.
  package static func backward(
    outputGradient: UnsafePointer<Float>, outputStride: Int? = nil,
    input: UnsafePointer<Float>, inputStride: Int? = nil,
    weight: UnsafePointer<Float>, weightStride: Int? = nil,
    inputGradient: UnsafeMutablePointer<Float>?, inputGradientStride: Int? = nil,
    addingToInput: Bool = false,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    rows: Int, inputs: Int, outputs: Int
  ) {
    BLAS.multiply(
      input, outputGradient, into: weightGradient, rows: inputs, columns: outputs, inner: rows,
      transposingLeft: true, keep: 1,
      leftStride: inputStride ?? inputs, rightStride: outputStride ?? outputs,
      resultStride: weightStride)
    if let biasGradient {
      addColumnSums(
        of: outputGradient, stride: outputStride ?? outputs, rows: rows, columns: outputs,
        to: biasGradient)
    }
    guard let inputGradient else { return }
    BLAS.multiply(
      outputGradient, weight, into: inputGradient, rows: rows, columns: inputs, inner: outputs,
      transposingRight: true, keep: addingToInput ? 1 : 0,
      leftStride: outputStride, rightStride: weightStride ?? outputs,
      resultStride: inputGradientStride)
  }

  /// Adds the sum of every column of `values`, `[rows × columns]`, to `sums`.
  package static func addColumnSums(
    of values: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    var column = 0
    while column &+ 64 <= columns {
      var sum0 = Vector.zero, sum1 = Vector.zero, sum2 = Vector.zero, sum3 = Vector.zero
      var from = values + column
      for _ in 0..<rows {
        sum0 += Vector(at: from)
        sum1 += Vector(at: from + 16)
        sum2 += Vector(at: from + 32)
        sum3 += Vector(at: from + 48)
        from += stride
      }
      let to = sums + column
      (Vector(at: to) + sum0).store(to: to)
      (Vector(at: to + 16) + sum1).store(to: to + 16)
      (Vector(at: to + 32) + sum2).store(to: to + 32)
      (Vector(at: to + 48) + sum3).store(to: to + 48)
      column &+= 64
    }
    while column < columns {
      var sum: Float = 0
      for row in 0..<rows { sum += values[row &* stride &+ column] }
      sums[column] += sum
      column &+= 1
    }
  }

  /// The specification of the forward in double precision: the sums as the definition has them.
  ///
  /// - Returns: `[N × O]`.
  package static func plain(
    input: [Double], weight: [Double], bias: [Double], inputs: Int, outputs: Int
  ) -> [Double] {
    var result: [Double] = []
    for row in 0..<input.count / inputs {
      for output in 0..<outputs {
        result.append(
          (0..<inputs).reduce(bias[output]) {
            $0 + input[row * inputs + $1] * weight[$1 * outputs + output]
          })
      }
    }
    return result
  }
}
