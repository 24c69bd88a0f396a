internal import Numerics

/// The numbers that GGUF gives to element types (`enum ggml_type`).
extension ElementType {
  private static let codes: [UInt32: ElementType] = [
    0: .float32, 1: .float16, 2: .q40, 3: .q41, 6: .q50, 7: .q51, 8: .q80, 10: .q2K, 11: .q3K,
    12: .q4K, 13: .q5K, 14: .q6K, 16: .iq2XXS, 17: .iq2XS, 18: .iq3XXS, 19: .iq1S, 20: .iq4NL,
    21: .iq3S, 22: .iq2S, 23: .iq4XS, 24: .int8, 25: .int16, 26: .int32, 27: .int64, 28: .float64,
    29: .iq1M, 30: .bfloat16, 34: .tq10, 35: .tq20, 39: .mxfp4, 40: .nvfp4, 41: .q10,
  ]

  /// Types of llama.cpp's own memory, and types that it once had and has no more: no file should hold them.
  private static let otherNames: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8",
    36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
  ]

  /// The type with this number; nil for one that is not read.
  init?(ggufCode code: UInt32) {
    guard let type = Self.codes[code] else { return nil }
    self = type
  }

  /// The number of the type; nil for one that GGUF does not have.
  var ggufCode: UInt32? { Self.codes.first { $0.value == self }?.key }

  /// The name of a type that is not read, for messages.
  static func name(ofGGUFCode code: UInt32) -> String {
    otherNames[code].map { "\($0) (GGUF type \(code))" } ?? "\(code)"
  }
}
