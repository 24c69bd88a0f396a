/// How the elements of a stored tensor are encoded: the types of safetensors and of GGUF.
///
/// Quantised types store blocks: `blockLength` elements share `blockBytes` bytes. All others have blocks of one.
public enum ElementType: String, CaseIterable, Sendable, CustomStringConvertible {
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
  case q40 = "Q4_0"
  case q41 = "Q4_1"
  case q50 = "Q5_0"
  case q51 = "Q5_1"
  case q80 = "Q8_0"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// The name that the file formats use.
  public var description: String { rawValue }

  /// How many consecutive elements of a row share one block.
  public var blockLength: Int {
    switch self {
    case .q40, .q41, .q50, .q51, .q80: 32
    case .q4K, .q5K, .q6K: 256
    default: 1
    }
  }

  /// How many bytes one block takes.
  public var blockBytes: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
    case .q40: 2 + 16
    case .q41: 2 + 2 + 16
    case .q50: 2 + 4 + 16
    case .q51: 2 + 2 + 4 + 16
    case .q80: 2 + 32
    case .q4K: 2 + 2 + 12 + 128
    case .q5K: 2 + 2 + 12 + 32 + 128
    case .q6K: 128 + 64 + 16 + 2
    }
  }

  /// Whether elements of this type can be decoded to 32-bit floats.
  public var isWeight: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .q40, .q41, .q50, .q51, .q80, .q4K, .q5K, .q6K: true
    default: false
    }
  }

  /// Whether this is a type of safetensors, as opposed to the quantised ones, which only GGUF has.
  package var isSafetensors: Bool { blockLength == 1 }

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
