/// How the elements of a stored tensor are encoded: the types of safetensors and of GGUF.
///
/// Quantised types store blocks: `blockLength` elements share `blockBytes` bytes. All others have blocks of one.
package enum ElementType: String, CaseIterable, Sendable, CustomStringConvertible {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8E4M3 = "F8_E4M3"
  case float8E5M2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"
  case q10 = "Q1_0"
  case q40 = "Q4_0"
  case q41 = "Q4_1"
  case q50 = "Q5_0"
  case q51 = "Q5_1"
  case q80 = "Q8_0"
  case q2K = "Q2_K"
  case q3K = "Q3_K"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"
  case iq1S = "IQ1_S"
  case iq1M = "IQ1_M"
  case iq2XXS = "IQ2_XXS"
  case iq2XS = "IQ2_XS"
  case iq2S = "IQ2_S"
  case iq3XXS = "IQ3_XXS"
  case iq3S = "IQ3_S"
  case iq4NL = "IQ4_NL"
  case iq4XS = "IQ4_XS"
  case tq10 = "TQ1_0"
  case tq20 = "TQ2_0"
  case mxfp4 = "MXFP4"
  case nvfp4 = "NVFP4"

  /// The name that the file formats use.
  package var description: String { rawValue }

  /// How many consecutive elements of a row share one block.
  package var blockLength: Int {
    switch self {
    case .q40, .q41, .q50, .q51, .q80, .iq4NL, .mxfp4: 32
    case .nvfp4: 64
    case .q10: 128
    case .q2K, .q3K, .q4K, .q5K, .q6K, .iq1S, .iq1M, .iq2XXS, .iq2XS, .iq2S, .iq3XXS, .iq3S,
      .iq4XS, .tq10, .tq20:
      256
    case .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2, .int64, .int32, .int16,
      .int8, .uint64, .uint32, .uint16, .uint8, .bool:
      1
    }
  }

  /// How many bytes one block takes.
  package var blockBytes: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
    case .q10: 2 + 16
    case .q40: 2 + 16
    case .q41: 2 + 2 + 16
    case .q50: 2 + 4 + 16
    case .q51: 2 + 2 + 4 + 16
    case .q80: 2 + 32
    case .q2K: 16 + 64 + 2 + 2
    case .q3K: 32 + 64 + 12 + 2
    case .q4K: 2 + 2 + 12 + 128
    case .q5K: 2 + 2 + 12 + 32 + 128
    case .q6K: 128 + 64 + 16 + 2
    case .iq1S: 2 + 32 + 16
    case .iq1M: 32 + 16 + 8
    case .iq2XXS: 2 + 64
    case .iq2XS: 2 + 64 + 8
    case .iq2S: 2 + 32 + 32 + 8 + 8
    case .iq3XXS: 2 + 64 + 32
    case .iq3S: 2 + 64 + 8 + 32 + 4
    case .iq4NL: 2 + 16
    case .iq4XS: 2 + 2 + 4 + 128
    case .tq10: 48 + 4 + 2
    case .tq20: 64 + 2
    case .mxfp4: 1 + 16
    case .nvfp4: 4 + 32
    }
  }

  /// Whether elements of this type can be decoded to 32-bit floats.
  package var isWeight: Bool {
    switch self {
    case .float32, .float16, .bfloat16: true
    default: isQuantized
    }
  }

  /// Whether elements share blocks, which GGUF alone has.
  package var isQuantized: Bool { blockLength > 1 }

  /// Whether this is a type of safetensors, as opposed to the quantised ones, which only GGUF has.
  package var isSafetensors: Bool { !isQuantized }

  /// The number of bytes of a tensor of `shape`, outermost dimension first.
  ///
  /// - Throws: ``TensorFault`` when a dimension is negative, the product overflows, or a row is not a whole
  ///   number of blocks.
  package func byteCount(shape: [Int]) throws(TensorFault) -> Int {
    let columns = shape.last ?? 1
    guard columns % blockLength == 0 else {
      throw .partialBlock(columns: columns, blockLength: blockLength)
    }
    var count = 1
    for dimension in shape {
      let product = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !product.overflow else { throw .shapeOverflow(shape) }
      count = product.partialValue
    }
    let bytes = (count / blockLength).multipliedReportingOverflow(by: blockBytes)
    guard !bytes.overflow else { throw .shapeOverflow(shape) }
    return bytes.partialValue
  }
}
