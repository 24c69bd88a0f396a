internal import CProcessor

// Dimension key — N: tokens · O: rows of W (outputs) · I: columns of both.

/// Products of few rows of floats with rows that stay in their file's blocks, which are never written out as floats.
///
/// The kernels are in `CProcessor/blocks.h`; what they give is what decoding and ``RowProducts`` give, to the last bit.
enum BlockProducts {
  /// More tokens are better multiplied with decoded rows.
  static let mostTokens = 2

  /// The processor's number of a type that it multiplies with as it is; nil for others.
  static func kernel(of type: ElementType) -> processor_type? {
    switch type {
    case .float32: processor_f32
    case .float16: processor_f16
    case .bfloat16: processor_bf16
    case .q40: processor_q4_0
    case .q41: processor_q4_1
    case .q50: processor_q5_0
    case .q51: processor_q5_1
    case .q80: processor_q8_0
    case .q2K: processor_q2_k
    case .q3K: processor_q3_k
    case .q4K: processor_q4_k
    case .q5K: processor_q5_k
    case .q6K: processor_q6_k
    case .iq4NL: processor_iq4_nl
    case .iq4XS: processor_iq4_xs
    case .mxfp4: processor_mxfp4
    default: nil
    }
  }
}

extension MappedMatrix {
  /// `Y ← X · Wᵀ` for some rows of W, or `Y ← Y + X · Wᵀ`, read from the file's blocks.
  ///
  /// - Parameters:
  ///   - rows: Which rows of W; they lie in the matrix.
  ///   - input: X, `[N × I]`.
  ///   - tokens: N.
  ///   - result: Y, `[N × rows.count]`.
  ///   - stride: From one row of Y to the next, in elements.
  ///   - isAdding: Whether what Y holds is kept.
  /// - Returns: False, and nothing is done, where the processor or the type has no such way.
  func multiply(
    rows: Range<Int>, by input: UnsafePointer<Float>, tokens: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, adding isAdding: Bool
  ) -> Bool {
    guard processor_multiplies_blocks() == 1, let kernel = BlockProducts.kernel(of: type),
      columns.isMultiple(of: 32)
    else { return false }
    if case .columns = rowOrder { return false }
    return withStoredBytes { source in
      for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: 4) {
        let count = min(4, rows.upperBound - first)
        // SAFETY: the loader checked that all rows lie in the file. The last row stands in for those that are not asked for.
        func row(_ index: Int) -> UnsafeRawPointer {
          source + rowOrder.storedRow(of: first + min(index, count - 1)) * rowBytes
        }
        let (row0, row1, row2, row3) = (row(0), row(1), row(2), row(3))
        // Memory takes about as long to answer as eight rows take to be multiplied. A hint may name any address.
        let ahead = row0 + 8 * rowBytes
        for token in 0..<tokens {
          let products = processor_block_products(
            kernel, row0, row1, row2, row3, input + token * columns, columns,
            token == 0 ? ahead : row0)
          let target = result + (token * stride + first - rows.lowerBound)
          for index in 0..<count {
            target[index] = isAdding ? target[index] + products[index] : products[index]
          }
        }
      }
      return true
    }
  }
}
